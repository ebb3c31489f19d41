// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/commands.h"
#include "cli/command/next_steps.h"
#include "cli/command/token_name.h"
#include "cli/command/token_text.h"
#include "cli/session/carry_out.h"
#include "cli/session/confirm.h"
#include "cli/text/counted.h"
#include "cli/text/json.h"

#include <unistd.h>

#include <algorithm>
#include <memory>

namespace patd::cli {
namespace {

using Tokens = std::vector<client::Dictionary>;

struct DeleteOptions {
    std::vector<std::string> names;
    bool yes = false;
};

Result<Tokens> find_all(client::TokensClient& client, const std::vector<std::string>& names) {
    Tokens tokens;
    for (const std::string& name : names) {
        client::Dictionary token = TRY(find_token(client, name));
        const bool known = std::any_of(tokens.begin(), tokens.end(), [&](const auto& other) {
            return other.text("id") == token.text("id");
        });
        if (!known)
            tokens.push_back(std::move(token));
    }
    return tokens;
}

// Whoever cannot go on learns it before the question.
Result<void> confirm_with_password(const Session& session, client::TokensClient& client,
                                   const DeleteOptions& options, const std::string& question) {
    if (options.yes || session.password_fd)
        return {};
    TRY(require_service_password(client));
    return confirm(session, false, question);
}

// One operation each, and one password for all of them.
Result<void> delete_each(const Session& session, client::TokensClient& client, const Tokens& tokens,
                         Tokens& deleted) {
    Remembered password;
    for (const client::Dictionary& token : tokens) {
        client::Operation operation = TRY(client.begin_delete(TRY(id_of(token))));
        client::Dictionary result =
            TRY(carry_out(session, std::move(operation), nullptr, &password));
        result.set("id", token.text("id"));
        deleted.push_back(std::move(result));
        if (!session.json)
            TRY(session.report({}, "Token " + call_token(token) + " is deleted."));
    }
    return {};
}

Result<ExitCode> delete_tokens(const Session& session, const DeleteOptions& options) {
    TRY(check_needs(session, {.password = true}));
    client::TokensClient client = TRY(session.connect());
    const Tokens tokens = TRY(find_all(client, options.names));
    TRY(confirm_with_password(session, client, options, format_deletion(tokens, session.now())));
    Tokens deleted;
    const Result<void> done = delete_each(session, client, tokens, deleted);
    // What was asked for decides the form, not how far it came.
    if (session.json && !deleted.empty())
        TRY(session.print_json(options.names.size() == 1 ? to_json(deleted.front())
                                                         : to_json(deleted)));
    if (!done)
        return done.error();
    return ExitCode::Success;
}

std::string ask_for_all(const Tokens& tokens) {
    const auto imported = std::count_if(tokens.begin(), tokens.end(), [](const auto& token) {
        return token.text("kind") == "imported";
    });
    const std::string which =
        tokens.size() == 1 ? "the only token" : "all " + counted(tokens.size(), "token");
    std::string text = "Delete " + which + " of " + format_user(geteuid()) + "?";
    if (imported == 1)
        text += " 1 was imported: its secret is lost here.";
    else if (imported > 1)
        text += " " + std::to_string(imported) + " were imported: their secrets are lost here.";
    return text;
}

Result<ExitCode> remove_all(const Session& session, const DeleteOptions& options) {
    TRY(check_needs(session, {.password = true}));
    client::TokensClient client = TRY(session.connect());
    if (!options.yes && !session.password_fd)
        TRY(confirm_with_password(session, client, options, ask_for_all(TRY(client.list()))));
    const client::Dictionary result = TRY(carry_out(session, TRY(client.begin_remove_all())));
    const std::uint32_t removed = result.count("removed");
    TRY(session.report(to_json(result), counted_are(removed, "token") + " deleted."));
    return ExitCode::Success;
}

}  // namespace

void add_delete(CLI::App& app, Session& session) {
    auto options = std::make_shared<DeleteOptions>();
    CLI::App& command = *app.add_subcommand("delete", "Delete tokens");
    command
        .add_option("ID", options->names,
                    "The tokens: each by its id, the beginning of its id, or its description")
        ->required();
    add_yes(command, options->yes);
    add_password_fd(command, session);
    command.callback([&session, options] {
        session.action = [&session, options] { return delete_tokens(session, *options); };
    });
}

void add_remove_all(CLI::App& app, Session& session) {
    auto options = std::make_shared<DeleteOptions>();
    CLI::App& command = *app.add_subcommand("remove-all", "Delete all your tokens");
    add_yes(command, options->yes);
    add_password_fd(command, session);
    command.callback([&session, options] {
        session.action = [&session, options] { return remove_all(session, *options); };
    });
}

}  // namespace patd::cli
