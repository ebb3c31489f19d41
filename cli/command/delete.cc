// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/commands.h"
#include "cli/session/carry_out.h"
#include "cli/text/counted.h"
#include "cli/text/json.h"

#include <memory>

namespace patd::cli {
namespace {

Result<ExitCode> delete_token(const Session& session, const std::string& id_text) {
    const TokenId id = TRY(parse_id(id_text));
    TRY(check_needs(session, {.password = true}));
    client::TokensClient client = TRY(session.connect());
    const client::Dictionary result = TRY(carry_out(session, TRY(client.begin_delete(id))));
    TRY(session.report(to_json(result), "Token " + id.text() + " is deleted."));
    return ExitCode::Success;
}

Result<ExitCode> remove_all(const Session& session) {
    TRY(check_needs(session, {.password = true}));
    client::TokensClient client = TRY(session.connect());
    const client::Dictionary result = TRY(carry_out(session, TRY(client.begin_remove_all())));
    const std::uint32_t removed = result.count("removed");
    TRY(session.report(to_json(result), counted_are(removed, "token") + " deleted."));
    return ExitCode::Success;
}

}  // namespace

void add_delete(CLI::App& app, Session& session) {
    auto id = std::make_shared<std::string>();
    CLI::App& command = *app.add_subcommand("delete", "Delete a token");
    command.add_option("ID", *id, "The token")->required();
    add_password_fd(command, session);
    command.callback(
        [&session, id] { session.action = [&session, id] { return delete_token(session, *id); }; });
}

void add_remove_all(CLI::App& app, Session& session) {
    CLI::App& command = *app.add_subcommand("remove-all", "Delete all your tokens");
    add_password_fd(command, session);
    command.callback([&session] { session.action = [&session] { return remove_all(session); }; });
}

}  // namespace patd::cli
