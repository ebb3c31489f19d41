// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/commands.h"
#include "cli/session/carry_out.h"
#include "cli/session/typed_values.h"
#include "cli/text/json.h"
#include "cli/text/time_text.h"

#include <unistd.h>

#include <memory>

namespace patd::cli {
namespace {

struct VerifyOptions {
    std::optional<std::string> permission;
    std::optional<std::string> audience;
    std::optional<std::string> user;
};

Result<client::Dictionary> to_dictionary(const VerifyOptions& options) {
    client::Dictionary dictionary;
    if (options.permission)
        dictionary.set("permission", TRY(read_permission(*options.permission)).text());
    if (options.audience)
        dictionary.set("audience", TRY(read_origin(*options.audience)).text());
    if (options.user)
        dictionary.set("user", TRY(read_username(*options.user)));
    return dictionary;
}

std::string format_answer(const client::Dictionary& answer, UnixTime now) {
    if (!answer.flag("valid"))
        return "Not valid: " + printable(answer.text("reason")) + ".\n";
    std::string permissions;
    for (const std::string& permission : answer.texts("permissions"))
        permissions += (permissions.empty() ? "" : "\n") + printable(permission);
    Fields fields;
    fields.add("Valid", "yes");
    fields.add("ID", printable(answer.text("id")));
    fields.add("Kind", printable(answer.text("kind")));
    fields.add("User",
               printable(answer.text("user")) + " (" + std::to_string(answer.count("uid")) + ")");
    fields.add("Permissions", permissions.empty() ? "-" : permissions);
    fields.add("Expires", format_distance(answer.time("expires"), now));
    return fields.format();
}

Result<ExitCode> verify(Session& session, const VerifyOptions& options) {
    const client::Dictionary sent = TRY(to_dictionary(options));
    if (!session.secret_fd && isatty(session.environment().input) != 1)
        session.secret_fd = session.environment().input;
    TRY(check_needs(session, {.token_secret = true}));
    client::TokensClient client = TRY(session.connect());
    const client::Dictionary answer = TRY(carry_out(session, TRY(client.begin_verify(sent))));
    if (session.json)
        TRY(session.print_json(to_json(answer)));
    else
        TRY(session.print(format_answer(answer, session.now())));
    return answer.flag("valid") ? ExitCode::Success : ExitCode::Refused;
}

}  // namespace

void add_verify(CLI::App& app, Session& session) {
    auto options = std::make_shared<VerifyOptions>();
    CLI::App& command = *app.add_subcommand(
        "verify", "Check whether a token is valid; its secret is read from standard input");
    command
        .add_option("-p,--permission", options->permission, "The token must have this permission")
        ->type_name("PERMISSION");
    command
        .add_option("--audience", options->audience,
                    "The token must be for this https://host[:port]")
        ->type_name("ORIGIN");
    command.add_option("--user", options->user, "The token must belong to this user")
        ->type_name("NAME");
    add_secret_fd(command, session);
    command.callback([&session, options] {
        session.action = [&session, options] { return verify(session, *options); };
    });
}

}  // namespace patd::cli
