// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/commands.h"
#include "cli/command/token_name.h"
#include "cli/command/token_text.h"
#include "cli/session/admin_password.h"
#include "cli/text/json.h"
#include "cli/text/moment.h"
#include "cli/text/time_text.h"
#include "common/base/limits.h"
#include "common/token/release_rules.h"

#include <unistd.h>

#include <algorithm>
#include <memory>

namespace patd::cli {
namespace {

struct AuditOptions {
    std::optional<std::string> id;
    std::optional<std::string> user;
    std::optional<std::string> unit;
    bool all = false;
    std::optional<std::string> since;
    std::optional<std::string> until;
    std::uint32_t limit = 50;

    bool is_narrow() const { return id || user || unit || since || until; }
    // Whether root asks for more than his own: a unit is everybody's.
    bool is_for_admin() const { return all || user || (unit && geteuid() == 0); }
};

std::string format_events(const std::vector<client::Dictionary>& events, bool with_owner,
                          Header style) {
    std::vector<std::string> header{"TIME", "EVENT", "TOKEN", "OUTCOME", "BY", "WHERE", "COUNT"};
    // Most logs know no unit; then nobody needs an empty column.
    const bool with_unit = std::any_of(events.begin(), events.end(), [](const auto& event) {
        return !event.text("unit").empty();
    });
    if (with_unit)
        header.insert(header.end() - 1, "UNIT");
    if (with_owner)
        header.insert(header.begin() + 1, "OWNER");
    Table table(std::move(header));
    for (const client::Dictionary& event : events) {
        std::vector<std::string> cells{
            format_time(event.time("at")),       printable(event.text("event")),
            printable(event.text("token")),      printable(event.text("outcome")),
            format_user(event.count("by")),      printable(event.text("where")),
            std::to_string(event.count("count"))};
        if (with_unit)
            cells.insert(cells.end() - 1, printable(event.text("unit")));
        if (with_owner)
            cells.insert(cells.begin() + 1, format_user(event.count("owner")));
        table.add(std::move(cells));
    }
    return table.format(style);
}

Result<client::Dictionary> to_dictionary(const AuditOptions& options, UnixTime now) {
    client::Dictionary sent;
    sent.set("limit", options.limit);
    if (options.user)
        sent.set("uid", TRY(find_account(*options.user)).uid.value());
    if (options.unit)
        sent.set("unit", *options.unit);
    if (options.since)
        sent.set("since", TRY(parse_moment(*options.since, now)));
    if (options.until)
        sent.set("until", TRY(parse_moment(*options.until, now)));
    return sent;
}

// What is wrong with a time; nothing when it is one.
std::string check_moment(const std::string& text) {
    const Result<UnixTime> moment = parse_moment(text, 0);
    return moment ? std::string() : moment.error().context;
}

std::string check_unit(const std::string& text) {
    return is_unit_name(text) ? "" : "not the name of a unit, such as backup.service";
}

// Of one that is gone the log still knows the id.
Result<std::string> find_event_token(client::TokensClient& client, const std::string& name) {
    const Result<TokenId> found = find_token_id(client, name);
    const std::optional<TokenId> gone = TokenId::parse(name);
    if (!found && !(gone && found.error().code == Errc::NotFound))
        return found.error();
    return found ? found->text() : gone->text();
}

Result<ExitCode> audit(const Session& session, const AuditOptions& options) {
    client::Dictionary sent = TRY(to_dictionary(options, session.now()));
    client::TokensClient client = TRY(session.connect());
    const bool admin = !session.own_service && options.is_for_admin();
    // Root's own tokens are not the ones that are meant.
    if (options.id)
        sent.set("token", admin ? TRY(parse_id(*options.id)).text()
                                : TRY(find_event_token(client, *options.id)));
    const std::vector<client::Dictionary> events =
        TRY(admin ? client.admin_list_events(sent) : client.list_events(sent));
    if (session.json)
        TRY(session.print_json(to_json(events)));
    else if (events.empty())
        TRY(session.print(options.is_narrow() ? "No events match.\n"
                                              : "Nothing has happened yet.\n"));
    else
        TRY(session.print(format_events(events, admin, session.header_style())));
    return ExitCode::Success;
}

}  // namespace

void add_audit(CLI::App& app, Session& session) {
    auto options = std::make_shared<AuditOptions>();
    CLI::App& command = *app.add_subcommand(
        "audit", "Show what was done with your tokens, or, as root, with anybody's");
    command.add_option("--token", options->id, "Only this token's events")->type_name("ID");
    CLI::Option* user =
        command.add_option("--user", options->user, "As root: only this user's tokens")
            ->type_name("USER");
    command.add_flag("--all", options->all, "As root: everybody's tokens")->excludes(user);
    command.add_option("--unit", options->unit, "Only events of this system unit's processes")
        ->check(check_unit)
        ->type_name("UNIT");
    command
        .add_option("--since", options->since,
                    "Only events since then: a date, or how long ago (2h, 7d)")
        ->check(check_moment)
        ->type_name("WHEN");
    command.add_option("--until", options->until, "Only events before then")
        ->check(check_moment)
        ->type_name("WHEN");
    command.add_option("--limit", options->limit, "Show at most N events, the newest first (50)")
        ->check(CLI::Range(std::size_t{1}, limits::kEventsPerReply))
        ->type_name("N");
    command.callback([&session, options] {
        session.action = [&session, options] { return audit(session, *options); };
    });
}

}  // namespace patd::cli
