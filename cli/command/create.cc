// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/commands.h"
#include "cli/command/nearest_permission.h"
#include "cli/git/git_gets.h"
#include "cli/session/carry_out.h"
#include "cli/session/only_units.h"
#include "cli/text/json.h"

#include <memory>

namespace patd::cli {
namespace {

Result<ExitCode> create(const Session& session, const TokenOptions& options) {
    client::Dictionary sent = TRY(to_dictionary(options, session.now()));
    sent.erase("description");
    sent.erase("permissions");
    TRY(check_needs(session, {.password = true, .new_secret = true}));
    warn_of_unknown_units(session, options.only_units);
    client::TokensClient client = TRY(session.connect());
    const GitGets before(session, client, options.targets);
    Result<client::Operation> begun =
        client.begin_create(*options.description, options.permissions, sent);
    if (!begun)
        return with_nearest_permission(client, options.permissions, begun.error());
    const client::Dictionary result = TRY(carry_out(session, std::move(*begun)));
    const std::string id = printable(result.text("id"));
    TRY(session.report(to_json(result),
                       "Token " + id +
                           " is valid now. Copy the secret: it will not be shown again" +
                           " ('patctl regenerate " + id + "' makes a new one)."));
    before.tell_new(session, client, TRY(parse_id(id)));
    return ExitCode::Success;
}

}  // namespace

void add_create(CLI::App& app, Session& session) {
    auto options = std::make_shared<TokenOptions>();
    CLI::App& command = *app.add_subcommand("create", "Make a token; its secret is shown once");
    command.add_option("DESCRIPTION", options->description, "What the token is for")->required();
    add_permissions(command, *options);
    command.get_option("--permission")->required();
    add_targets(command, *options);
    add_only_units(command, *options);
    add_expires(command, *options);
    add_confirm_flag(command, *options);
    add_password_fd(command, session);
    add_output_fd(command, session);
    command.callback([&session, options] {
        session.action = [&session, options] { return create(session, *options); };
    });
}

}  // namespace patd::cli
