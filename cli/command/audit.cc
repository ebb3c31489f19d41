// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/commands.h"
#include "cli/command/token_name.h"
#include "cli/command/token_text.h"
#include "cli/session/admin_password.h"
#include "cli/session/typed_values.h"
#include "cli/text/audit_place.h"
#include "cli/text/json.h"
#include "cli/text/moment.h"
#include "cli/text/shown_value.h"
#include "cli/text/time_text.h"
#include "common/base/limits.h"
#include "common/token/derivation.h"
#include "common/token/release_rules.h"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

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
    bool verbose = false;

    bool is_narrow() const { return id || user || unit || since || until; }
    // Whether root asks for more than his own: a unit is everybody's.
    bool is_for_admin() const { return all || user || (unit && geteuid() == 0); }
};

// What the tokens of one's events are called now; what is not there any more keeps its id.
using Names = std::map<std::string, std::string>;

void add_names(const Result<std::vector<client::Dictionary>>& tokens, Names& names) {
    if (!tokens)  // then ids are shown
        return;
    for (const client::Dictionary& token : *tokens)
        names.emplace(token.text("id"), printable(token.text("description")));
}

Names find_names(client::TokensClient& client, const std::vector<client::Dictionary>& events,
                 bool admin) {
    Names names;
    if (!admin) {
        add_names(client.list(), names);
        return names;
    }
    std::set<std::uint32_t> owners;
    for (const client::Dictionary& event : events)
        owners.insert(event.count("owner"));
    for (const std::uint32_t owner : owners)
        add_names(client.admin_list(Uid(owner)), names);
    return names;
}

// The name of an error, or why a token is not valid; else how far it came: `begun`, `shown`.
bool is_refusal(const client::Dictionary& event) {
    const std::string outcome = event.text("outcome");
    return outcome == "many" || errc_from_name(outcome).has_value() ||
           (event.text("event") == "verify" && outcome != "ok");
}

// "release", "release refused: rule denied", "verify (3 times)".
std::string describe_what(const client::Dictionary& event) {
    std::string text = printable(event.text("event"));
    std::string outcome = printable(kebab_case(event.text("outcome")));
    std::replace(outcome.begin(), outcome.end(), '-', ' ');
    if (outcome == "many")
        text += " refused many times";
    else if (is_refusal(event))
        text += " refused: " + outcome;
    else if (outcome != "ok")
        text += " (" + outcome + ")";
    if (const std::uint32_t count = event.count("count"); count > 1)
        text += " (" + std::to_string(count) + " times)";
    return text;
}

// "alice, backup.service, docker".
std::string describe_who(const client::Dictionary& event, const std::string& tool) {
    std::string text = format_user(event.count("by"));
    for (const std::string& more : {event.text("unit"), tool}) {
        if (!more.empty())
            text += ", " + printable(more);
    }
    return text;
}

// What was derived of the token for this: `vcs:repository:ro for 10 minutes`.
std::string describe_child(const std::optional<Derivation>& derived) {
    if (!derived)
        return "-";
    return printable(derived->permissions) + " for " + format_length(derived->seconds) +
           ", generation " + std::to_string(derived->generation);
}

Cell name_token(const std::string& id, const Names& names) {
    const auto name = names.find(id);
    return name == names.end() ? printable(id) : name->second;
}

std::string format_events(const std::vector<client::Dictionary>& events, const Names& names,
                          const AuditOptions& options, const Style& style) {
    std::vector<Column> columns{"TIME",
                                {"WHAT", Fit::Shortened},
                                {"TOKEN", Fit::Shortened},
                                {"WHO", Fit::Shortened},
                                {"WHERE", Fit::Place}};
    if (options.is_for_admin())
        columns.insert(columns.begin() + 1, "OWNER");
    if (options.verbose)
        columns.insert(columns.end(), {"ID", "CHILD"});
    Table table(std::move(columns));
    for (const client::Dictionary& event : events) {
        const std::string id = event.text("token");
        const std::optional<Derivation> derived = parse_derivation(event.text("where"));
        const AuditPlace where = parse_audit_place(derived ? derived->target : event.text("where"));
        std::vector<Cell> cells{
            format_second(event.time("at")),
            {describe_what(event), is_refusal(event) ? Tone::Warning : Tone::Plain},
            name_token(id, names),
            describe_who(event, where.tool),
            format_place(where)};
        if (options.is_for_admin())
            cells.insert(cells.begin() + 1, format_user(event.count("owner")));
        if (options.verbose)
            cells.insert(cells.end(), {printable(id), describe_child(derived)});
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
        sent.set("since", TRY(of_option("--since", parse_moment(*options.since, now))));
    if (options.until)
        sent.set("until", TRY(of_option("--until", parse_moment(*options.until, now))));
    return sent;
}

std::string check_unit(const std::string& text) {
    return is_unit_name(text)
               ? std::string()
               : shown_value(text) + " is not the name of a unit, such as backup.service";
}

// Of one that is gone the log still knows the id.
Result<std::string> find_event_token(client::TokensClient& client, const std::string& name) {
    const Result<TokenId> found = find_token_id(client, name);
    const std::optional<TokenId> gone = TokenId::parse(name);
    if (!found && !(gone && found.error().code == Errc::NotFound))
        return found.error();
    return found ? found->text() : gone->text();
}

// Of somebody else's, for root; of everybody's only an id names one.
Result<std::string> find_event_token(client::TokensClient& client, const AuditOptions& options,
                                     const client::Dictionary& sent) {
    const std::optional<TokenId> id = TokenId::parse(*options.id);
    if (!options.user) {
        if (!id)
            return Error{Errc::MalformedRequest,
                         shown_value(*options.id) +
                             " is no token's id; without --user only an id says which is meant"};
        return id->text();
    }
    const Result<client::Dictionary> found =
        find_named(TRY(client.admin_list(Uid(sent.count("uid")))), *options.id);
    if (!found && !id)
        return found.error();
    return found ? found->text("id") : id->text();
}

Result<ExitCode> audit(const Session& session, const AuditOptions& options) {
    client::Dictionary sent = TRY(to_dictionary(options, session.now()));
    client::TokensClient client = TRY(session.connect());
    const bool admin = !session.own_service && options.is_for_admin();
    // Root's own tokens are not the ones that are meant.
    if (options.id)
        sent.set("token", admin ? TRY(find_event_token(client, options, sent))
                                : TRY(find_event_token(client, *options.id)));
    Style style = session.style();
    style.whole = options.verbose;
    const std::vector<client::Dictionary> events =
        TRY(admin ? client.admin_list_events(sent) : client.list_events(sent));
    if (session.json)
        TRY(session.print_json(events_to_json(events)));
    else if (events.empty())
        TRY(session.print(options.is_narrow() ? "No events match.\n"
                                              : "Nothing has happened yet.\n"));
    else
        TRY(session.print_long(
            format_events(events, find_names(client, events, admin), options, style)));
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
                    "Only events since then: today, yesterday, a date, or how long ago (2h, 7d)")
        ->type_name("WHEN");
    command.add_option("--until", options->until, "Only events before then")->type_name("WHEN");
    command.add_option("--limit", options->limit, "Show at most N events, the newest first (50)")
        ->check(number_between(1, limits::kEventsPerReply))
        ->type_name("N");
    command.add_flag("-v,--verbose", options->verbose,
                     "Show everything, with the token's id and what was derived of it");
    command.callback([&session, options] {
        session.action = [&session, options] { return audit(session, *options); };
    });
}

}  // namespace patd::cli
