// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/token_text.h"

#include "cli/session/only_units.h"
#include "cli/text/audit_place.h"
#include "cli/text/time_text.h"

#include <pwd.h>

namespace patd::cli {
namespace {

std::vector<std::string> printable_texts(const client::Dictionary& token, std::string_view key) {
    std::vector<std::string> texts;
    for (const std::string& text : token.texts(key))
        texts.push_back(printable(text));
    return texts;
}

std::string lines(const std::vector<std::string>& texts) {
    std::string joined;
    for (const std::string& text : texts)
        joined += (joined.empty() ? "" : "\n") + text;
    return joined.empty() ? "-" : joined;
}

std::string format_texts(const client::Dictionary& token, std::string_view key,
                         const Style& style) {
    const std::vector<std::string> texts = printable_texts(token, key);
    if (!style.whole)
        return format_short_list(texts);
    std::string joined;
    for (const std::string& text : texts)
        joined += (joined.empty() ? "" : ",") + text;
    return joined.empty() ? "-" : joined;
}

std::string format_moment(UnixTime time, UnixTime now) {
    if (time == 0)
        return "never";
    return format_time(time) + " (" + format_distance(time, now) + ")";
}

// What git stored by itself it may store anew: nobody has to reinstate it.
std::string format_state(const client::Dictionary& token) {
    const std::string state = printable(token.text("state"));
    const bool is_forgotten = state == "rejected" && token.text("provenance") == "git-store";
    return is_forgotten ? "forgotten by git" : state;
}

// Of which parts a secret is, where it has several; or that only the gateway gets it.
std::string format_kind(const client::Dictionary& token) {
    const std::string kind = printable(token.text("kind"));
    const std::string parts = printable(token.text("secret-kind"));
    const std::string more = token.flag("through-gateway") ? "gateway"
                             : parts == "text"             ? ""
                                                           : parts;
    return more.empty() ? kind : kind + " (" + more + ")";
}

// With the mark that it is time for 'patctl edit' or 'patctl regenerate'.
Cell state_cell(const client::Dictionary& token) {
    const std::string state = format_state(token);
    if (state != "active")
        return {state, Tone::Bad};
    return token.flag("expires-soon") ? Cell("expiring", Tone::Warning) : Cell(state);
}

std::string format_last_use(const client::Dictionary& token, UnixTime now) {
    const UnixTime at = token.time("last-used-at");
    std::string text = format_moment(at, now);
    if (at == 0)
        return text;
    const AuditPlace where = parse_audit_place(token.text("last-used-where"));
    text += ", " + printable(token.text("last-used-how")) + " by " +
            format_user(token.count("last-used-by")) +
            (where.tool.empty() ? "" : ", " + printable(where.tool));
    const std::string place = format_place(where);
    return place.empty() ? text : text + "\n" + place;
}

}  // namespace

std::string format_user(std::uint32_t uid) {
    const struct passwd* entry = getpwuid(uid);
    return entry == nullptr ? std::to_string(uid) : printable(entry->pw_name);
}

std::string format_tokens(const std::vector<client::Dictionary>& tokens, UnixTime now,
                          const Style& style) {
    std::vector<Column> columns{"ID",
                                {"DESCRIPTION", Fit::Shortened},
                                {"KIND", Fit::Whole, 3},
                                "STATE",
                                {"PERMISSIONS", Fit::Shortened, 2},
                                {"TARGETS", Fit::Place},
                                {"USERNAME", Fit::Shortened, 4},
                                "EXPIRES",
                                {"LAST USED", Fit::Whole, 1}};
    const bool with_rules = has_rules(tokens);
    if (with_rules)
        columns.emplace_back("ONLY FOR", Fit::Shortened, 5);
    Table table(std::move(columns));
    for (const client::Dictionary& token : tokens) {
        std::vector<Cell> cells{printable(token.text("id")),
                                printable(token.text("description")),
                                format_kind(token),
                                state_cell(token),
                                format_texts(token, "permissions", style),
                                format_texts(token, "targets", style),
                                printable(token.text("username")),
                                format_when(token.time("expires"), now, style),
                                format_when(token.time("last-used-at"), now, style)};
        if (with_rules)
            cells.emplace_back(format_short_rules(token));
        table.add(std::move(cells));
    }
    return table.format(style);
}

std::string format_owned(const std::vector<client::Dictionary>& tokens, UnixTime now,
                         const Style& style) {
    Table table({"USER",
                 "ID",
                 {"DESCRIPTION", Fit::Shortened},
                 {"KIND", Fit::Whole, 4},
                 "STATE",
                 {"PERMISSIONS", Fit::Shortened, 2},
                 {"TARGETS", Fit::Place},
                 {"USERNAME", Fit::Shortened, 5},
                 {"EXPIRES", Fit::Whole, 1},
                 {"LAST USED", Fit::Whole, 3}});
    for (const client::Dictionary& token : tokens)
        table.add({printable(token.text("user")), printable(token.text("id")),
                   printable(token.text("description")), format_kind(token), state_cell(token),
                   format_texts(token, "permissions", style), format_texts(token, "targets", style),
                   printable(token.text("username")),
                   format_when(token.time("expires"), now, style),
                   format_when(token.time("last-used-at"), now, style)});
    return table.format(style);
}

std::string format_token(const client::Dictionary& token, const std::vector<DerivedChild>& children,
                         UnixTime now, const Style& style) {
    Fields fields;
    fields.add("ID", printable(token.text("id")));
    fields.add("Description", printable(token.text("description")));
    fields.add("Kind", format_kind(token) + ", from " + printable(token.text("provenance")));
    fields.add("State", format_state(token));
    if (const std::vector<std::string> refused = printable_texts(token, "refused-places");
        !refused.empty())
        fields.add("Refused at", lines(refused));
    fields.add("Permissions", lines(printable_texts(token, "permissions")));
    fields.add("Targets", lines(printable_texts(token, "targets")));
    fields.add("Released to", format_rules(token));
    if (token.flag("through-gateway"))
        fields.add("Secret", "goes to the gateway alone");
    fields.add("Username", printable(token.text("username")));
    fields.add("Confirm", printable(token.text("confirm")));
    fields.add("Created", format_moment(token.time("created"), now));
    fields.add("Expires", format_moment(token.time("expires"), now) +
                              (token.flag("expires-soon") ? ", soon" : ""));
    fields.add("Generation", std::to_string(token.count("generation")));
    fields.add("Last used", format_last_use(token, now));
    if (token.text("kind") == "issued" || token.flag("through-gateway"))
        fields.add("Children", format_children(children, now));
    return fields.format(style);
}

}  // namespace patd::cli
