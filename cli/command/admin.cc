// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/admin_commands.h"
#include "cli/command/commands.h"
#include "cli/session/admin_password.h"
#include "cli/session/carry_out.h"

#include <unistd.h>

#include <memory>

namespace patd::cli {
namespace {

Result<ExitCode> set_password(const Session& session, const std::string& user) {
    const Account account = TRY(find_account(user));
    if (geteuid() != 0)
        return Errc::AccessDenied;
    TRY(check_needs(session, {.password = true}));
    Answers answers(session);
    TRY(set_password_of(session.environment().enroll_socket, account, answers));
    // A service that does not run keeps nobody waiting.
    if (Result<client::TokensClient> client = session.connect())
        (void)client->admin_end_wait(account.uid);
    TRY(session.report({{"user", account.name}},
                       "The service password of " + printable(account.name) + " is set."));
    return ExitCode::Success;
}

}  // namespace

void add_admin(CLI::App& app, Session& session) {
    CLI::App& admin =
        *app.add_subcommand("admin", "Commands for root: tokens, keys and backups of the machine");
    admin.require_subcommand(1);
    const auto user = std::make_shared<std::string>();
    CLI::App& passwd = *admin.add_subcommand("passwd", "Set a user's service password");
    passwd.add_option("USER", *user, "The account")->required();
    add_password_fd(passwd, session);
    passwd.callback([&session, user] {
        session.action = [&session, user] { return set_password(session, *user); };
    });
    add_admin_tokens(admin, session);
    add_admin_key(admin, session);
    add_admin_backup(admin, session);
    add_admin_clock(admin, session);
    add_admin_rollback(admin, session);
    add_admin_config(admin, session);
}

}  // namespace patd::cli
