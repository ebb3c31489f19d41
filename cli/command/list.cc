// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/commands.h"
#include "cli/command/next_steps.h"
#include "cli/command/token_name.h"
#include "cli/command/token_text.h"
#include "cli/session/options.h"
#include "cli/text/derived_children.h"
#include "cli/text/json.h"
#include "common/base/limits.h"

#include <unistd.h>

#include <memory>

namespace patd::cli {
namespace {

// Root is rarely after tokens of his own.
std::string describe_none(const Session& session, client::TokensClient& client) {
    if (geteuid() == 0 && !session.own_service)
        return "root has no tokens. 'patctl admin list' shows everybody's.\n";
    if (!require_service_password(client))
        return "You have no tokens and no service password. Run 'patctl passwd' first, then "
               "'patctl "
               "create'.\n";
    return "You have no tokens. Make one with 'patctl create'.\n";
}

Result<ExitCode> list_tokens(const Session& session) {
    client::TokensClient client = TRY(session.connect());
    const std::vector<client::Dictionary> tokens = TRY(client.list());
    if (session.json)
        TRY(session.print_json(to_json(tokens)));
    else if (tokens.empty())
        TRY(session.print(describe_none(session, client)));
    else
        TRY(session.print_long(format_tokens(tokens, session.now(), session.style())));
    return ExitCode::Success;
}

// Only an issued token has any, and an imported one that goes through the gateway.
Result<std::vector<DerivedChild>> list_children(client::TokensClient& client, const TokenId& id,
                                                const client::Dictionary& token, UnixTime now) {
    if (token.text("kind") != "issued" && !token.flag("through-gateway"))
        return std::vector<DerivedChild>();
    client::Dictionary query;
    query.set("token", id.text());
    query.set("limit", static_cast<std::uint32_t>(limits::kEventsPerReply));
    return find_children(token, TRY(client.list_events(query)), now);
}

Result<ExitCode> show_token(const Session& session, const std::string& name) {
    client::TokensClient client = TRY(session.connect());
    const client::Dictionary token = TRY(find_token(client, name));
    const TokenId id = TRY(id_of(token));
    const std::vector<DerivedChild> children = TRY(list_children(client, id, token, session.now()));
    nlohmann::json json = to_json(token);
    json["children"] = to_json(children);
    if (session.json)
        TRY(session.print_json(json));
    else
        TRY(session.print(format_token(token, children, session.now(), session.style())));
    return ExitCode::Success;
}

}  // namespace

void add_list_tokens(CLI::App& app, Session& session) {
    CLI::App& command = *app.add_subcommand("list", "List your tokens");
    add_long(command, session);
    command.callback([&session] { session.action = [&session] { return list_tokens(session); }; });
}

void add_show(CLI::App& app, Session& session) {
    auto id = std::make_shared<std::string>();
    CLI::App& command =
        *app.add_subcommand("show", "Show everything about a token except its secret");
    command.add_option("ID", *id, kTokenName)->required();
    command.callback(
        [&session, id] { session.action = [&session, id] { return show_token(session, *id); }; });
}

}  // namespace patd::cli
