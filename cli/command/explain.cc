// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/commands.h"
#include "cli/command/explain_tool.h"
#include "cli/git/git_fix.h"
#include "cli/git/git_sends.h"
#include "cli/git/path_targets.h"
#include "cli/import/home_netrc.h"
#include "cli/session/become_user.h"
#include "cli/session/only_units.h"
#include "cli/session/typed_values.h"
#include "cli/text/json.h"
#include "cli/text/shown_value.h"
#include "cli/text/time_text.h"
#include "cli/text/wrap.h"
#include "common/token/place.h"
#include "common/token/target.h"

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <set>

namespace patd::cli {
namespace {

struct ExplainOptions {
    std::string url;
    std::optional<std::string> unit;
    std::vector<std::string> permissions;
    std::optional<std::string> username;
    std::optional<std::string> user;  // whose tokens, for root
    std::optional<std::string> tool;
    const ToolFacts* facts = nullptr;  // with `tool`
};

Result<client::Dictionary> to_dictionary(const ExplainOptions& options) {
    client::Dictionary sent;
    if (options.unit) {
        TRY(read_units({*options.unit}));
        sent.set("unit", *options.unit);
    }
    if (!options.permissions.empty()) {
        TRY(read_permissions(options.permissions));
        sent.set("permissions", options.permissions);
    }
    if (options.username)
        sent.set("username", TRY(read_username(*options.username)));
    if (options.facts != nullptr)
        sent.set("tool", std::string(options.facts->asks_as));
    return sent;
}

using Rows = std::vector<client::Dictionary>;

constexpr std::size_t kOwnersLookedAt = 100;
constexpr std::size_t kOwnersShown = 4;

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
        case Errc::Expired:
            return token_in(*row) + " has expired; run 'patctl edit " + id +
                   " --expires 90d' or 'patctl regenerate " + id + "'.";
        default:
            return std::string(errc_message(why));
    }
}

// For scripts, as in the table of statuses.
ExitCode code_of(const client::Explanation& explanation) {
    return explanation.outcome == "released" ? ExitCode::Success : ExitCode::NotFound;
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

// Whether git gets it by the path alone.
bool has_path_released(const std::vector<client::Dictionary>& candidates) {
    return std::any_of(candidates.begin(), candidates.end(), [](const client::Dictionary& row) {
        return row.text("verdict") == "released" &&
               !path_bound_origins(std::vector<std::string>{row.text("target")}).empty();
    });
}

// The bus takes UTF-8 alone, and a remote any byte.
std::string escape_bytes(const std::string& url) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string text;
    for (const char c : url) {
        const auto byte = static_cast<unsigned char>(c);
        text +=
            byte < 0x80 ? std::string(1, c) : std::string{'%', kHex[byte >> 4], kHex[byte & 0xf]};
    }
    return text;
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

// Whether one of `tokens` is for the host of `remote`, by whatever protocol and port.
bool has_place_at(const Rows& tokens, const Remote& remote) {
    return std::any_of(tokens.begin(), tokens.end(), [&](const client::Dictionary& token) {
        const std::vector<std::string> texts = token.texts("targets");
        return std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
            const Result<Target> target = Target::parse(text);
            return target && target->origin().host() == remote.origin.host();
        });
    });
}

// Who else has tokens for that host, among the first of all owners.
Result<std::vector<std::string>> find_owners(client::TokensClient& client, const Remote& remote) {
    const Rows owners = TRY(client.admin_list_owners());
    std::vector<std::string> names;
    for (std::size_t i = 0; i < owners.size() && i < kOwnersLookedAt; ++i) {
        const Uid uid(owners[i].count("uid"));
        if (uid.value() != 0 && has_place_at(TRY(client.admin_list(uid)), remote))
            names.push_back(owners[i].text("user"));
    }
    return names;
}

// Root looks for another account's as a rule.
void tell_root(const Session& session, client::TokensClient& client, const ExplainOptions& options,
               const Remote& remote) {
    if (geteuid() != 0 || session.own_service || options.user)
        return;
    const Result<std::vector<std::string>> owners = find_owners(client, remote);
    if (!owners || owners->empty())
        return;
    const std::string url =
        shown_value(options.url) == options.url ? quote_for_shell(options.url) : "URL";
    std::string text = "note: these are root's tokens; for those of another account, run:";
    for (std::size_t i = 0; i < owners->size() && i < kOwnersShown; ++i) {
        std::string command = "patctl explain " + url + " --user " + quote_for_shell((*owners)[i]);
        if (options.unit)
            command += " --unit " + quote_for_shell(*options.unit);
        if (options.tool)
            command += " --tool " + quote_for_shell(*options.tool);
        text += own_line(printable(command));
    }
    session.warn(text);
}

// Who is asked in place of patd, and what git sends without asking.
void tell_of_git(const Session& session, const ExplainOptions& options,
                 const client::Explanation& explanation, const Remote& remote) {
    const auto note = [&](const std::string& text) {
        session.warn("note: " + (options.user ? commands_as(*options.user, text) : text));
    };
    const std::string asked =
        tell_whom_git_asks(options.url, has_path_released(explanation.candidates));
    if (!asked.empty())
        note(asked);
    if (const std::optional<Sent> own = find_sent(options.url))
        note(describe(*own) + "; to see which files say so, run:" + own_line(fix_sent(*own)));
    if (const std::string netrc = tell_of_netrc(remote.origin); !netrc.empty())
        note(netrc + "; to remove it, run:" + own_line(printable(fix_netrc())));
}

nlohmann::json json_of(const client::Explanation& explanation) {
    return {{"outcome", kebab_case(explanation.outcome)},
            {"candidates", to_json(explanation.candidates)}};
}

// What was asked about at last, and the answer.
struct Answer {
    std::string url;
    client::Explanation explanation;
};

Result<Answer> ask(client::TokensClient& client, const ExplainOptions& options,
                   const std::string& url, const client::Dictionary& sent) {
    const std::string before = options.facts == nullptr ? "" : url_before(*options.facts, url);
    if (!before.empty()) {
        client::Explanation explanation = TRY(client.explain(escape_bytes(before), sent));
        if (explanation.outcome != "none")
            return Answer{before, std::move(explanation)};
    }
    return Answer{url, TRY(client.explain(escape_bytes(url), sent))};
}

Result<ExitCode> explain_url(const Session& session, const ExplainOptions& options) {
    const Result<Remote> read = parse_remote(options.url, options.username);
    if (!read)
        return fault_of_url(options.url, read.error());
    const client::Dictionary sent = TRY(to_dictionary(options));
    client::TokensClient client = TRY(session.connect());
    const auto [url, explanation] = TRY(ask(client, options, options.url, sent));
    const Remote remote = TRY(parse_remote(url, options.username));
    if (session.json) {
        TRY(session.print_json(json_of(explanation)));
        return code_of(explanation);
    }
    TRY(session.print(format_answer(explanation, options, remote, session.style())));
    if (explanation.outcome == "none")
        tell_root(session, client, options, remote);
    if (options.facts == nullptr)
        tell_of_git(session, options, explanation, remote);
    return code_of(explanation);
}

// The places of the user's tokens about which the tool could ask.
std::set<std::string> places_of_tool(const Rows& tokens, const ToolFacts& tool) {
    std::set<std::string> places;
    for (const client::Dictionary& token : tokens) {
        for (const std::string& target : token.texts("targets")) {
            if (may_ask_about(tool, target))
                places.insert(target.substr(target.starts_with("bearer+") ? 7 : 0));
        }
    }
    return places;
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

// Without a URL: each place that the user has a token for.
Result<ExitCode> explain_places(const Session& session, const ExplainOptions& options) {
    const client::Dictionary sent = TRY(to_dictionary(options));
    client::TokensClient client = TRY(session.connect());
    std::string lines;
    nlohmann::json rows = nlohmann::json::array();
    bool is_any = false;
    for (const std::string& place : places_of_tool(TRY(client.list()), *options.facts)) {
        const auto [url, explanation] = TRY(ask(client, options, place, sent));
        const Remote remote = TRY(parse_remote(url, options.username));
        is_any = is_any || explanation.outcome == "released";
        rows.push_back({{"place", place}, {"outcome", kebab_case(explanation.outcome)}});
        lines += printable(place) + ": " + describe_result(explanation, remote) + "\n";
    }
    if (session.json)
        TRY(session.print_json({{"outcome", is_any ? "released" : "none"},
                                {"candidates", nlohmann::json::array()},
                                {"places", rows}}));
    else if (rows.empty())
        TRY(session.print((options.user ? printable(*options.user) + " has" : "You have") +
                          " no token for a place that " + *options.tool + " could ask about" +
                          (options.user ? "" : "; see 'patctl list'") + ".\n"));
    else
        TRY(session.print(lines));
    return is_any ? ExitCode::Success : ExitCode::NotFound;
}

Error unknown_tool(const std::string& typed) {
    std::string known;
    for (const ToolFacts& tool : all_tools())
        known.append(known.empty() ? "" : ", ").append(tool.name);
    return Error{Errc::MalformedRequest,
                 "--tool " + shown_value(typed) + ": no tool that is known; there are " + known};
}

Result<ExitCode> explain(const Session& session, ExplainOptions options) {
    if (options.user && session.own_service)
        return session.fail_usage("--user asks the service of the machine, without --session");
    if (options.user)
        TRY(become_user(*options.user));
    if (!options.tool)
        return explain_url(session, options);
    options.facts = find_tool_facts(*options.tool);
    if (options.facts == nullptr)
        return unknown_tool(*options.tool);
    if (options.url.empty())
        return explain_places(session, options);
    options.url = url_of_tool(*options.facts, options.url);
    return explain_url(session, options);
}

}  // namespace

void add_explain(CLI::App& app, Session& session) {
    auto options = std::make_shared<ExplainOptions>();
    CLI::App& command =
        *app.add_subcommand("explain", "Show which token a request for a URL would get, and why");
    CLI::Option* url =
        command.add_option("URL", options->url, "For example https://git.example/team/repository");
    command
        .add_option("--unit", options->unit,
                    "Answer as if a process of this system unit asked, not patctl")
        ->type_name("UNIT");
    command.add_option("--only-unit", options->unit, "")->group("");  // its old name
    command
        .add_option("-p,--permission", options->permissions,
                    "Answer as if this were requested: area:object:ro or area:object:rw")
        ->allow_extra_args(false)
        ->type_name("PERMISSION")
        ->delimiter(',');
    command
        .add_option("-u,--username", options->username,
                    "Answer as if this account name were requested")
        ->type_name("NAME");
    command
        .add_option("--user", options->user, "For root: which token of this user's it would get")
        ->type_name("USER");
    command
        .add_option("--tool", options->tool,
                    "Answer as if this tool asked, not git: docker, cargo, terraform, ...; URL is "
                    "then as the tool spells it, or left out for all places")
        ->type_name("TOOL");
    command.callback([&session, options, url] {
        if (!options->tool && url->empty())
            throw CLI::RequiredError("URL");
        session.action = [&session, options] { return explain(session, *options); };
    });
}

}  // namespace patd::cli
