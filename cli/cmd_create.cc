// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/carry_out.h"
#include "cli/commands.h"
#include "cli/git_config.h"
#include "cli/json.h"
#include "cli/only_units.h"
#include "cli/path_targets.h"

#include <memory>

namespace patd::cli {
namespace {

// A target with a path is never found by a git that does not tell it.
void warn_of_paths(const Session& session, const TokenOptions& options) {
    if (session.json)
        return;
    for (const std::string& origin : path_bound_origins(options.targets)) {
        if (!sends_path(origin))
            session.warn(
                "note: git does not tell the path of URLs at " + origin +
                " (useHttpPath), so this token would not be found; run 'patctl setup git'");
    }
}

Result<ExitCode> create(const Session& session, const TokenOptions& options) {
    client::Dictionary sent = TRY(to_dictionary(options, session.now()));
    sent.erase("description");
    sent.erase("permissions");
    TRY(check_needs(session, {.password = true, .new_secret = true}));
    warn_of_unknown_units(session, options.only_units);
    client::TokensClient client = TRY(session.connect());
    const client::Dictionary result = TRY(carry_out(
        session, TRY(client.begin_create(*options.description, options.permissions, sent))));
    const std::string id = printable(result.text("id"));
    TRY(session.report(to_json(result),
                       "Token " + id + " is valid now. Copy the secret: it is not shown again" +
                           " ('patctl regenerate " + id + "' makes a new one)."));
    warn_of_paths(session, options);
    return ExitCode::Success;
}

Result<ExitCode> import_token(const Session& session, const TokenOptions& options) {
    client::Dictionary sent = TRY(to_dictionary(options, session.now()));
    sent.erase("description");
    TRY(check_needs(session, {.password = true, .token_secret = true}));
    warn_of_unknown_units(session, options.only_units);
    client::TokensClient client = TRY(session.connect());
    const client::Dictionary result =
        TRY(carry_out(session, TRY(client.begin_import(*options.description, sent))));
    TRY(session.report(to_json(result), "Token " + printable(result.text("id")) + " is kept."));
    warn_of_paths(session, options);
    return ExitCode::Success;
}

void add_description(CLI::App& command, TokenOptions& options) {
    command.add_option("DESCRIPTION", options.description, "What the token is for")->required();
}

void add_confirm_flag(CLI::App& command, TokenOptions& options) {
    command.add_flag_callback(
        "--confirm", [&options] { options.confirm = "always"; },
        "Release the token only while 'patctl unlock ID' has opened it");
}

}  // namespace

void add_create(CLI::App& app, Session& session) {
    auto options = std::make_shared<TokenOptions>();
    CLI::App& command = *app.add_subcommand("create", "Make a token; its secret is shown once");
    add_description(command, *options);
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

void add_import(CLI::App& app, Session& session) {
    auto options = std::make_shared<TokenOptions>();
    CLI::App& command = *app.add_subcommand("import", "Keep a token that another service made");
    add_description(command, *options);
    add_targets(command, *options);
    command.get_option("--target")->required();
    command.add_option("-u,--username", options->username, "The account name at that service")
        ->required()
        ->type_name("NAME");
    add_permissions(command, *options);
    add_only_units(command, *options);
    add_expires(command, *options);
    add_confirm_flag(command, *options);
    add_secret_fd(command, session);
    add_password_fd(command, session);
    command.callback([&session, options] {
        session.action = [&session, options] { return import_token(session, *options); };
    });
}

}  // namespace patd::cli
