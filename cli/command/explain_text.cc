// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/explain_text.h"

#include "cli/session/only_units.h"
#include "cli/text/shown_value.h"
#include "cli/text/table.h"
#include "cli/text/time_text.h"
#include "common/token/target.h"

#include <algorithm>

namespace patd::cli {
namespace {

using Rows = std::vector<client::Dictionary>;

// "token AbCdE01234 'laptop'"
std::string token_in(const client::Dictionary& row) {
    return "token " + printable(row.text("id")) + " '" + printable(row.text("description")) + "'";
}

std::string sentence_of_tie(const Rows& rows, const Remote& remote) {
    std::string tied;
    std::string example;
    for (const client::Dictionary& row : rows) {
        if (row.text("verdict") != "tied")
            continue;
        example = printable(row.text("username"));
        tied += (tied.empty() ? "" : ", ") + printable(row.text("id")) + " as " + example;
    }
    if (tied.empty())
        return std::string(errc_message(Errc::Ambiguous));
    return "these fit equally well: " + tied + "; choose one with " +
           std::string(remote.origin.protocol()) + "://" + example + "@" +
           std::string(remote.origin.host_and_port()) + "/... or git's credential.URL.username.";
}

std::string sentence_of_rejected(const client::Dictionary& row) {
    const std::string id = printable(row.text("id"));
    return printable(row.text("target")) + " refused " + token_in(row) +
           ": it has expired or was revoked there; give it its new secret with 'patctl "
           "regenerate " +
           id + "', or try the old one again with 'patctl edit " + id + " --reinstate'.";
}

std::string sentence_of_rule(const client::Dictionary& row) {
    std::string units;
    for (const std::string& unit : row.texts("only-units"))
        units += (units.empty() ? "" : ", ") + printable(unit);
    return token_in(row) + " is only for " + units + ".";
}

// As the service tells the owner of the token, with what only it gives away.
std::string explain_reason(Errc why, const Rows& rows, const Remote& remote) {
    if (why == Errc::Ambiguous)
        return sentence_of_tie(rows, remote);
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const client::Dictionary& one) {
        return one.text("verdict") == errc_name(why);
    });
    if (row == rows.end())
        return std::string(errc_message(why));
    const std::string id = printable(row->text("id"));
    switch (why) {
        case Errc::Rejected:
            return sentence_of_rejected(*row);
        case Errc::RuleDenied:
            return sentence_of_rule(*row);
        case Errc::ConfirmRequired:
            return token_in(*row) + " waits for you to open it: patctl unlock " + id;
        case Errc::ThroughGateway:
            return token_in(*row) +
                   " leaves this machine through the gateway alone: run 'patctl setup gateway', "
                   "and give git " +
                   remote.origin.text() + "/... without a user name.";
        case Errc::Expired:
            return token_in(*row) + " has expired; run 'patctl edit " + id +
                   " --expires 90d' or 'patctl regenerate " + id + "'.";
        default:
            return std::string(errc_message(why));
    }
}

// What the outcome of Explain means for the one who asked.
std::string format_outcome(const client::Explanation& explanation, const ExplainOptions& options,
                           const Remote& remote) {
    const std::string& outcome = explanation.outcome;
    if (outcome == "released")
        return "A request for this URL gets a token.\n";
    if (outcome == "none") {
        const bool is_url_alone = options.permissions.empty() && !options.username;
        const std::string list = options.user ? "sudo patctl admin list --user " + *options.user
                                              : std::string("patctl list");
        return "None of " + (options.user ? printable(*options.user) + "'s" : "your") + " tokens " +
               (is_url_alone ? "fits this URL" : "gets this request") +
               (explanation.candidates.empty() ? "; see '" + printable(list) + "'.\n"
                                               : "; these come close:\n");
    }
    const std::optional<Errc> code = errc_from_name(outcome);
    return "A request for this URL gets no token: " +
           (code ? explain_reason(*code, explanation.candidates, remote)
                 : std::string("Unknown reason.")) +
           "\n";
}

// What the tool makes of it, where its user may see nothing.
std::string format_tool(const client::Explanation& explanation, const ExplainOptions& options) {
    if (options.facts == nullptr || explanation.outcome == "released")
        return {};
    const bool is_none = explanation.outcome == "none";
    return std::string(options.facts->name) + " then " +
           std::string(is_none ? options.facts->on_none : options.facts->on_refusal) + ".\n";
}

std::string format_odd_path(const Remote& remote) {
    if (remote.odd_path.empty())
        return {};
    return "Only a token for the whole host can fit this URL, because of its path: " +
           remote.odd_path + ".\n";
}

// Whom release rules were looked at for; without rules it does not matter.
std::string format_asker(const std::vector<client::Dictionary>& candidates) {
    if (!has_rules(candidates))
        return {};
    const std::string unit = printable(candidates.front().text("unit"));
    return "Release rules were checked for a process of " +
           (unit.empty() ? "no known system unit" : unit) + ".\n";
}

std::string format_candidates(const std::vector<client::Dictionary>& candidates,
                              const Style& style) {
    const bool with_rules = has_rules(candidates);
    // Where a protocol is the difference, all are written out.
    const bool differ = std::any_of(candidates.begin(), candidates.end(), [](const auto& one) {
        return one.text("verdict") == "other-protocol";
    });
    std::vector<Column> header{"ID",
                               {"DESCRIPTION", Fit::Shortened},
                               {"TARGET", differ ? Fit::Whole : Fit::Place},
                               {"USERNAME", Fit::Shortened, 1},
                               "VERDICT"};
    if (with_rules)
        header.emplace_back("ONLY FOR");
    Table table(std::move(header));
    for (const client::Dictionary& candidate : candidates) {
        std::vector<Cell> cells{
            printable(candidate.text("id")), printable(candidate.text("description")),
            printable(candidate.text("target")), printable(candidate.text("username")),
            kebab_case(printable(candidate.text("verdict")))};
        if (with_rules)
            cells.emplace_back(format_short_rules(candidate));
        table.add(std::move(cells));
    }
    return table.format(style);
}

}  // namespace

// A line that announces the table comes right before it.
std::string format_answer(const client::Explanation& explanation, const ExplainOptions& options,
                          const Remote& remote, const Style& style) {
    const std::string outcome = format_outcome(explanation, options, remote);
    const std::string odd_path = format_odd_path(remote) + format_tool(explanation, options);
    if (explanation.candidates.empty())
        return outcome + odd_path;
    const std::string more = odd_path + format_asker(explanation.candidates);
    return (outcome.ends_with(":\n") ? more + outcome : outcome + more) +
           format_candidates(explanation.candidates, style);
}

std::string describe_result(const client::Explanation& explanation, const Remote& remote) {
    if (explanation.outcome == "none")
        return "no token";
    if (explanation.outcome != "released") {
        const std::optional<Errc> code = errc_from_name(explanation.outcome);
        return code ? explain_reason(*code, explanation.candidates, remote) : explanation.outcome;
    }
    const auto row = std::find_if(
        explanation.candidates.begin(), explanation.candidates.end(),
        [](const client::Dictionary& one) { return one.text("verdict") == "released"; });
    return row == explanation.candidates.end() ? "a token" : token_in(*row);
}

}  // namespace patd::cli
