// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/ask_for_token.h"
#include "cli/command/commands.h"
#include "cli/command/next_steps.h"
#include "cli/command/refused_request.h"
#include "cli/git/git_gets.h"
#include "cli/session/carry_out.h"
#include "cli/session/only_units.h"
#include "cli/text/json.h"

#include <memory>

namespace patd::cli {
namespace {

Result<ExitCode> make_token(const Session& session, client::TokensClient client,
                            const TokenOptions& options) {
    client::Dictionary sent = TRY(to_dictionary(options, session.now()));
    sent.erase("description");
    sent.erase("permissions");
    const GitGets before(session, client, options.targets);
    Result<client::Operation> begun =
        client.begin_create(*options.description, options.permissions, sent);
    if (!begun)
        return with_cause(client, options.permissions, begun.error());
    const client::Dictionary result = TRY(carry_out(session, std::move(*begun)));
    const std::string id = printable(result.text("id"));
    TRY(session.report(to_json(result),
                       "Token " + id +
                           " is valid now. Copy the secret: it will not be shown again" +
                           " ('patctl regenerate " + id + "' makes a new one)."));
    before.tell_new(session, client, TRY(parse_id(id)));
    return ExitCode::Success;
}

Result<ExitCode> create(const Session& session, const TokenOptions& options) {
    TRY(to_dictionary(options, session.now()));
    TRY(check_needs(session, {.password = true, .new_secret = true}));
    warn_of_unknown_units(session, options.only_units);
    return make_token(session, TRY(session.connect()), options);
}

// What the command line leaves out is asked for.
Result<ExitCode> ask_and_create(const Session& session, const TokenOptions& given) {
    TRY(to_dictionary(given, session.now()));
    TRY(check_needs(session, {.password = true, .new_secret = true}));
    client::TokensClient client = TRY(session.connect());
    TRY(require_service_password(client));
    const TokenOptions options = TRY(ask_for_token(session, client, given));
    warn_of_unknown_units(session, options.only_units);
    return make_token(session, std::move(client), options);
}

// CLI11's only way to say no.
void check_complete(const TokenOptions& options) {
    if (!options.description)
        throw CLI::RequiredError("DESCRIPTION");
    if (options.permissions.empty())
        throw CLI::RequiredError("--permission");
}

}  // namespace

void add_create(CLI::App& app, Session& session) {
    auto options = std::make_shared<TokenOptions>();
    CLI::App& command = *app.add_subcommand("create", "Make a token; its secret is shown once");
    command.add_option("DESCRIPTION", options->description, "What the token is for");
    add_permissions(command, *options);
    add_targets(command, *options);
    add_only_units(command, *options);
    add_expires(command, *options);
    add_confirm_flag(command, *options);
    add_password_fd(command, session);
    add_output_fd(command, session);
    command.callback([&session, options] {
        const bool is_complete = options->description && !options->permissions.empty();
        const bool asks = !is_complete && !session.json && !session.password_fd &&
                          session.environment().open_terminal();
        if (asks) {
            session.action = [&session, options] { return ask_and_create(session, *options); };
            return;
        }
        check_complete(*options);
        session.action = [&session, options] { return create(session, *options); };
    });
}

}  // namespace patd::cli
