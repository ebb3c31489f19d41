// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/commands.h"
#include "cli/command/token_text.h"
#include "cli/session/carry_out.h"
#include "cli/text/json.h"
#include "cli/text/wrap.h"

#include <unistd.h>

namespace patd::cli {
namespace {

Error lacks_login_password() {
    const std::string user = format_user(getuid());
    const std::string command = "patctl admin passwd " + user;
    return {Errc::NoLoginPassword,
            user + " has no login password, so " +
                (getuid() == 0 ? "set the first service password with:"
                               : "an administrator sets the first service password:") +
                own_line((getuid() == 0 ? "" : "sudo ") + command)};
}

Result<ExitCode> passwd(const Session& session) {
    if (session.own_service)
        return session.fail_usage(
            "your own service has no password to set: it asks for the system service's, or for "
            "your login password; leave out --session");
    TRY(check_needs(session, {.password = true}));
    client::TokensClient client = TRY(session.connect());
    const Result<client::Dictionary> result =
        carry_out(session, TRY(client.begin_set_service_password()));
    if (!result && result.error().code == Errc::NoLoginPassword)
        return lacks_login_password();
    TRY(session.report(to_json(TRY(result)), "Your service password is set."));
    return ExitCode::Success;
}

}  // namespace

void add_passwd(CLI::App& app, Session& session) {
    CLI::App& command = *app.add_subcommand(
        "passwd", "Set your service password; the first time with your login password");
    add_password_fd(command, session);
    command.callback([&session] { session.action = [&session] { return passwd(session); }; });
}

}  // namespace patd::cli
