// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/commands.h"
#include "cli/command/next_steps.h"
#include "cli/command/refused_request.h"
#include "cli/git/git_gets.h"
#include "cli/import/aws_key.h"
#include "cli/import/file_format.h"
#include "cli/import/import_file.h"
#include "cli/session/carry_out.h"
#include "cli/session/only_units.h"
#include "cli/text/json.h"
#include "common/token/place.h"

#include <memory>

namespace patd::cli {
namespace {

Result<ExitCode> import_token(const Session& session, const TokenOptions& options) {
    client::Dictionary sent = TRY(to_dictionary(options, session.now()));
    sent.erase("description");
    TRY(check_needs(session, {.password = true, .token_secret = true}));
    warn_of_unknown_units(session, options.only_units);
    client::TokensClient client = TRY(session.connect());
    if (!session.secret_fd)
        TRY(require_service_password(client));
    const GitGets before(session, client, options.targets);
    const std::optional<SecretBuffer> parts = TRY(take_parts(session, options.secret_kind, sent));
    Result<client::Operation> begun = client.begin_import(options.description.value_or(""), sent);
    if (!begun)
        return with_cause(client, options.permissions, begun.error());
    const client::Dictionary result =
        TRY(carry_out(session, std::move(*begun), parts ? &*parts : nullptr));
    TRY(session.report(to_json(result), "Token " + printable(result.text("id")) + " is imported."));
    before.tell_new(session, client, TRY(parse_id(result.text("id"))));
    return ExitCode::Success;
}

// A target as 'git remote -v' prints it has the user name in front. What is no place, or names
// another user, is left as it is, and refused with the rest.
void take_username(TokenOptions& options) {
    for (std::string& text : options.targets) {
        const Result<Place> place = parse_place(text, options.username);
        if (!place)
            continue;
        text = place->target.text();
        options.username = place->username;
    }
}

// CLI11's only way to say no.
void check_one_token(const TokenOptions& options) {
    if (!options.description)
        throw CLI::RequiredError("DESCRIPTION");
    if (options.targets.empty())
        throw CLI::RequiredError("--target");
    if (!options.username && options.secret_kind == SecretKind::Text)
        throw CLI::RequiredError("--username");
}

void add_file_options(CLI::App& command, FileImport& import) {
    CLI::Option* from =
        command
            .add_option(
                "--from", import.file,
                "Import all secrets from ~/.git-credentials, ~/.netrc or the file of a tool, or "
                "from standard input (-)")
            ->type_name("FILE");
    command
        .add_option(
            "--format", import.format,
            "The file's format: git (git-credential-store), netrc, docker, cargo, npm, aws, "
            "pip, terraform or kube; guessed if not given")
        ->type_name("FORMAT")
        ->check(one_of(format_names()))
        ->needs(from);
    command
        .add_flag("--dry-run", import.dry_run, "Only show what would be imported from that file")
        ->needs(from);
    command.add_flag("--skip", import.skip, "Import the rest if some lines cannot be imported")
        ->needs(from);
    for (const char* name : {"--target", "--username", "--secret-fd", "--kind"})
        from->excludes(command.get_option(name));
}

}  // namespace

void add_import(CLI::App& app, Session& session) {
    auto import = std::make_shared<FileImport>();
    TokenOptions& options = import->token;
    CLI::App& command =
        *app.add_subcommand("import", "Keep a token that another service made, or all from a file");
    command.add_option("DESCRIPTION", options.description, "What the token is for");
    add_targets(command, options);
    command.add_option("-u,--username", options.username, "The account name at that service")
        ->type_name("NAME");
    add_kind(command, options);
    add_permissions(command, options);
    add_only_units(command, options);
    add_expires(command, options);
    add_confirm_flag(command, options);
    add_gateway_flag(command, options);
    add_secret_fd(command, session);
    add_password_fd(command, session);
    add_file_options(command, *import);
    command.callback([&session, import] {
        if (import->file.empty()) {
            take_username(import->token);
            check_one_token(import->token);
        }
        session.action = [&session, import] {
            return import->file.empty() ? import_token(session, import->token)
                                        : import_file(session, *import);
        };
    });
}

}  // namespace patd::cli
