// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/commands.h"
#include "cli/command/refused_request.h"
#include "cli/command/token_name.h"
#include "cli/git/git_gets.h"
#include "cli/import/aws_key.h"
#include "cli/session/carry_out.h"
#include "cli/session/only_units.h"
#include "cli/text/json.h"

#include <memory>

namespace patd::cli {
namespace {

struct EditOptions {
    std::string id;
    TokenOptions token;
    bool no_targets = false;
    bool any_unit = false;
    bool reinstate = false;
};

// Whether the change can have a say in which token git gets; where.
std::vector<std::string> places_of(const EditOptions& options, const client::Dictionary& token) {
    if (!options.token.targets.empty())
        return options.token.targets;
    const bool has_a_say = !options.token.permissions.empty() || options.token.username ||
                           options.token.expires || options.token.through_gateway ||
                           options.reinstate;
    return has_a_say ? token.texts("targets") : std::vector<std::string>();
}

Result<ExitCode> edit(const Session& session, const EditOptions& options) {
    client::Dictionary changes = TRY(to_dictionary(options.token, session.now()));
    if (options.no_targets)
        changes.set("targets", std::vector<std::string>());
    if (options.any_unit)
        changes.set("only-units", std::vector<std::string>());
    if (options.reinstate)
        changes.set("reinstate", true);
    if (changes.empty())
        return session.fail_usage("name what to change; see 'patctl edit --help'");
    TRY(check_needs(session, {.password = true}));
    warn_of_unknown_units(session, options.token.only_units);
    client::TokensClient client = TRY(session.connect());
    const client::Dictionary token = TRY(find_token(client, options.id));
    const TokenId id = TRY(id_of(token));
    const GitGets before(session, client, places_of(options, token));
    Result<client::Operation> begun = client.begin_update(id, changes);
    if (!begun)
        return with_cause(client, options.token.permissions, begun.error());
    const client::Dictionary result = TRY(carry_out(session, std::move(*begun)));
    TRY(session.report(to_json(result), "Token " + call_token(token) + " is changed."));
    before.tell_change(session, client, id);
    const Uses changed{.targets = options.no_targets, .expiry = options.token.expires.has_value()};
    if (session.json || !(changed.targets || changed.expiry))
        return ExitCode::Success;
    if (const Result<client::Dictionary> now = client.show(id))
        tell_uses(session, *now, changed);
    return ExitCode::Success;
}

Result<ExitCode> regenerate(const Session& session, const EditOptions& options) {
    client::Dictionary changes = TRY(to_dictionary(options.token, session.now()));
    TRY(check_needs(session, {.password = true}));
    client::TokensClient client = TRY(session.connect());
    const client::Dictionary token = TRY(find_token(client, options.id));
    const TokenId id = TRY(id_of(token));
    const SecretKind kind = find_secret_kind(token.text("secret-kind")).value_or(SecretKind::Text);
    const bool imported = token.text("kind") == "imported";
    TRY(check_needs(session, {.token_secret = imported, .new_secret = !imported}));
    const std::optional<SecretBuffer> parts = TRY(take_parts(session, kind, changes));
    Result<client::Operation> begun = client.begin_regenerate(id, changes);
    if (!begun)
        return with_cause(client, {}, begun.error());
    const client::Dictionary result =
        TRY(carry_out(session, std::move(*begun), parts ? &*parts : nullptr));
    TRY(session.report(to_json(result),
                       imported ? "Token " + call_token(token) + " has its new secret."
                                : "The new secret of token " + call_token(token) +
                                      " is valid now; the old one is dead. Copy it: it is not "
                                      "shown again."));
    return ExitCode::Success;
}

}  // namespace

void add_edit(CLI::App& app, Session& session) {
    auto options = std::make_shared<EditOptions>();
    CLI::App& command = *app.add_subcommand("edit", "Change a token; its secret stays");
    command.add_option("ID", options->id, kTokenName)->required();
    command.add_option("-d,--description", options->token.description, "What the token is for")
        ->type_name("TEXT");
    add_permissions(command, options->token);
    add_targets(command, options->token);
    command.add_flag("--no-targets", options->no_targets, "Remove all targets")
        ->excludes("--target");
    add_only_units(command, options->token);
    command.add_flag("--any-unit", options->any_unit, "Remove all release rules")
        ->excludes("--only-unit");
    command
        .add_option("-u,--username", options->token.username,
                    "The account name at the service (imported tokens)")
        ->type_name("NAME");
    add_expires(command, options->token);
    command
        .add_option("--confirm", options->token.confirm,
                    "Whether a release needs 'patctl unlock ID' first: always or never")
        ->check(one_of({"always", "never"}))
        ->type_name("WHEN");
    command
        .add_option_function<std::string>(
            "--through-gateway",
            [options](const std::string& text) { options->token.through_gateway = text == "on"; },
            "Whether only the gateway of this machine gets the secret (imported tokens): on or off")
        ->check(one_of({"on", "off"}))
        ->type_name("SWITCH");
    command.add_flag("--reinstate", options->reinstate,
                     "Release an imported token again after a server refused it");
    add_password_fd(command, session);
    command.callback([&session, options] {
        session.action = [&session, options] { return edit(session, *options); };
    });
}

void add_regenerate(CLI::App& app, Session& session) {
    auto options = std::make_shared<EditOptions>();
    CLI::App& command = *app.add_subcommand(
        "regenerate", "Give a token a new secret, shown once; the old one becomes invalid");
    command.add_option("ID", options->id, kTokenName)->required();
    add_expires(command, options->token);
    add_secret_fd(command, session);
    add_password_fd(command, session);
    add_output_fd(command, session);
    command.callback([&session, options] {
        session.action = [&session, options] { return regenerate(session, *options); };
    });
}

}  // namespace patd::cli
