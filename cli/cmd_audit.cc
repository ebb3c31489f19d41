// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/time_text.h"
#include "cli/token_text.h"
#include "common/base/limits.h"
#include "common/token/target.h"

#include <memory>

namespace patd::cli {
namespace {

struct AuditOptions {
    std::optional<std::string> id;
    std::uint32_t limit = 50;
};

std::string format_events(const std::vector<client::Dictionary>& events, Header style) {
    Table table({"TIME", "EVENT", "TOKEN", "OUTCOME", "BY", "WHERE", "COUNT"});
    for (const client::Dictionary& event : events) {
        table.add({format_time(event.time("at")), printable(event.text("event")),
                   printable(event.text("token")), printable(event.text("outcome")),
                   format_user(event.count("by")), printable(event.text("where")),
                   std::to_string(event.count("count"))});
    }
    return table.format(style);
}

Result<ExitCode> audit(const Session& session, const AuditOptions& options) {
    client::Dictionary sent;
    sent.set("limit", options.limit);
    if (options.id)
        sent.set("token", TRY(parse_id(*options.id)).text());
    client::TokensClient client = TRY(session.connect());
    const std::vector<client::Dictionary> events = TRY(client.list_events(sent));
    if (session.json)
        TRY(session.print_json(to_json(events)));
    else if (events.empty())
        TRY(session.print("Nothing has happened yet.\n"));
    else
        TRY(session.print(format_events(events, session.header_style())));
    return ExitCode::Success;
}

// What the outcome of Explain means for the one who asked.
std::string format_outcome(const std::string& outcome) {
    if (outcome == "released")
        return "A request for this URL gets a token:\n";
    if (outcome == "none")
        return "No token of yours fits this URL; see 'patctl list'.\n";
    const std::optional<Errc> code = errc_from_name(outcome);
    const std::string reason(code ? errc_message(*code) : std::string_view("Unknown reason."));
    return "A request for this URL gets no token: " + reason + "\n";
}

Result<ExitCode> explain(const Session& session, const std::string& url) {
    TRY(Target::parse(url));
    client::TokensClient client = TRY(session.connect());
    const client::Explanation explanation = TRY(client.explain(url));
    if (session.json) {
        TRY(session.print_json(
            {{"outcome", explanation.outcome}, {"candidates", to_json(explanation.candidates)}}));
        return ExitCode::Success;
    }
    TRY(session.print(format_outcome(explanation.outcome)));
    if (explanation.candidates.empty())
        return ExitCode::Success;
    Table table({"ID", "DESCRIPTION", "TARGET", "VERDICT"});
    for (const client::Dictionary& candidate : explanation.candidates)
        table.add({printable(candidate.text("id")), printable(candidate.text("description")),
                   printable(candidate.text("target")), printable(candidate.text("verdict"))});
    TRY(session.print(table.format(session.header_style())));
    return ExitCode::Success;
}

}  // namespace

void add_audit(CLI::App& app, Session& session) {
    auto options = std::make_shared<AuditOptions>();
    CLI::App& command = *app.add_subcommand("audit", "Show what was done with your tokens");
    command.add_option("--token", options->id, "Only this token's events")->type_name("ID");
    command.add_option("--limit", options->limit, "The newest N events (50)")
        ->check(CLI::Range(std::size_t{1}, limits::kEventsPerReply))
        ->type_name("N");
    command.callback([&session, options] {
        session.action = [&session, options] { return audit(session, *options); };
    });
}

void add_explain(CLI::App& app, Session& session) {
    auto url = std::make_shared<std::string>();
    CLI::App& command = *app.add_subcommand("explain", "Say which token a URL would get, and why");
    command.add_option("URL", *url, "For example https://git.example/team/repository")->required();
    command.callback(
        [&session, url] { session.action = [&session, url] { return explain(session, *url); }; });
}

}  // namespace patd::cli
