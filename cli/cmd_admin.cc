// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/admin_password.h"
#include "cli/carry_out.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/token_text.h"

#include <unistd.h>

#include <memory>

namespace patd::cli {
namespace {

struct AdminOptions {
    std::string user;
    std::string id;
};

Result<ExitCode> set_password(const Session& session, const AdminOptions& options) {
    const Account account = TRY(find_account(options.user));
    if (geteuid() != 0)
        return Error{Errc::AccessDenied, "only root sets the password of others"};
    TRY(check_needs(session, {.password = true}));
    Answers answers(session);
    TRY(set_password_of(session.environment().enroll_socket, account, answers));
    TRY(session.report({{"user", account.name}},
                       "The service password of " + printable(account.name) + " is set."));
    return ExitCode::Success;
}

Result<ExitCode> list_of(const Session& session, const AdminOptions& options) {
    const Account account = TRY(find_account(options.user));
    client::TokensClient client = TRY(session.connect());
    const std::vector<client::Dictionary> tokens = TRY(client.admin_list(account.uid));
    if (session.json)
        TRY(session.print_json(to_json(tokens)));
    else if (tokens.empty())
        TRY(session.print(printable(account.name) + " has no tokens.\n"));
    else
        TRY(session.print(format_tokens(tokens, session.now(), session.header_style())));
    return ExitCode::Success;
}

Result<ExitCode> revoke(const Session& session, const AdminOptions& options) {
    const Account account = TRY(find_account(options.user));
    const TokenId id = TRY(parse_id(options.id));
    client::TokensClient client = TRY(session.connect());
    TRY(client.admin_revoke(account.uid, id));
    TRY(session.report({{"id", id.text()}}, "Token " + id.text() + " is deleted."));
    return ExitCode::Success;
}

struct Verb {
    const char* name;
    const char* description;
    Result<ExitCode> (*run)(const Session&, const AdminOptions&);
};

constexpr Verb kPasswd = {"passwd", "Set a user's service password", set_password};
constexpr Verb kList = {"list", "List a user's tokens", list_of};
constexpr Verb kRevoke = {"revoke", "Delete a user's token", revoke};

CLI::App& add_verb(CLI::App& admin, Session& session, const std::shared_ptr<AdminOptions>& options,
                   const Verb& verb) {
    CLI::App& command = *admin.add_subcommand(verb.name, verb.description);
    command.add_option("USER", options->user, "The account")->required();
    command.callback([&session, options, run = verb.run] {
        session.action = [&session, options, run] { return run(session, *options); };
    });
    return command;
}

}  // namespace

void add_admin(CLI::App& app, Session& session) {
    CLI::App& admin = *app.add_subcommand("admin", "What root does for others");
    admin.require_subcommand(1);
    const auto options = std::make_shared<AdminOptions>();
    add_password_fd(add_verb(admin, session, options, kPasswd), session);
    add_verb(admin, session, options, kList);
    add_verb(admin, session, options, kRevoke)
        .add_option("ID", options->id, "The token")
        ->required();
}

}  // namespace patd::cli
