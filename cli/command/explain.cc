// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/commands.h"
#include "cli/git/git_fix.h"
#include "cli/git/git_sends.h"
#include "cli/git/path_targets.h"
#include "cli/import/home_netrc.h"
#include "cli/session/only_units.h"
#include "cli/text/json.h"
#include "cli/text/time_text.h"
#include "cli/text/wrap.h"
#include "common/token/permission.h"
#include "common/token/place.h"
#include "common/token/release_rules.h"

#include <algorithm>
#include <memory>

namespace patd::cli {
namespace {

struct ExplainOptions {
    std::string url;
    std::optional<std::string> unit;
    std::vector<std::string> permissions;
    std::optional<std::string> username;
};

Result<client::Dictionary> to_dictionary(const ExplainOptions& options) {
    client::Dictionary sent;
    if (options.unit) {
        TRY(ReleaseRules::parse({*options.unit}));
        sent.set("unit", *options.unit);
    }
    if (!options.permissions.empty()) {
        TRY(parse_permissions(options.permissions));
        sent.set("permissions", options.permissions);
    }
    if (options.username)
        sent.set("username", *options.username);
    return sent;
}

// A sentence for every token says ID; here it is known.
void name_token(std::string& reason, const client::Explanation& explanation) {
    constexpr std::string_view kPlaceholder = " ID";
    const auto refused =
        std::find_if(explanation.candidates.begin(), explanation.candidates.end(),
                     [&](const auto& row) { return row.text("verdict") == explanation.outcome; });
    if (refused == explanation.candidates.end())
        return;
    const std::string id = " " + printable(refused->text("id"));
    for (std::size_t at = reason.find(kPlaceholder); at != std::string::npos;
         at = reason.find(kPlaceholder, at + id.size()))
        reason.replace(at, kPlaceholder.size(), id);
}

// For scripts, as in the table of statuses.
ExitCode code_of(const client::Explanation& explanation) {
    return explanation.outcome == "released" ? ExitCode::Success : ExitCode::NotFound;
}

// What the outcome of Explain means for the one who asked.
std::string format_outcome(const client::Explanation& explanation) {
    const std::string& outcome = explanation.outcome;
    if (outcome == "released")
        return "A request for this URL gets a token.\n";
    if (outcome == "none")
        return explanation.candidates.empty()
                   ? "None of your tokens fits this URL; see 'patctl list'.\n"
                   : "None of your tokens fits this URL; these come close:\n";
    const std::optional<Errc> code = errc_from_name(outcome);
    std::string reason(code ? errc_message(*code) : std::string_view("Unknown reason."));
    name_token(reason, explanation);
    return "A request for this URL gets no token: " + reason + "\n";
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
    std::vector<Column> header{"ID",
                               {"DESCRIPTION", Fit::Shortened},
                               {"TARGET", Fit::Shortened},
                               {"USERNAME", Fit::Shortened, 1},
                               "VERDICT"};
    if (with_rules)
        header.emplace_back("ONLY FOR");
    Table table(std::move(header));
    for (const client::Dictionary& candidate : candidates) {
        std::vector<Cell> cells{
            printable(candidate.text("id")), printable(candidate.text("description")),
            printable(candidate.text("target")), printable(candidate.text("username")),
            printable(candidate.text("verdict"))};
        if (with_rules)
            cells.emplace_back(format_short_rules(candidate));
        table.add(std::move(cells));
    }
    return table.format(style);
}

Result<ExitCode> explain(const Session& session, const ExplainOptions& options) {
    const Remote remote = TRY(parse_remote(options.url, options.username));
    const client::Dictionary sent = TRY(to_dictionary(options));
    client::TokensClient client = TRY(session.connect());
    const client::Explanation explanation = TRY(client.explain(escape_bytes(options.url), sent));
    if (session.json) {
        TRY(session.print_json({{"outcome", kebab_case(explanation.outcome)},
                                {"candidates", to_json(explanation.candidates)}}));
        return code_of(explanation);
    }
    TRY(session.print(format_outcome(explanation) + format_odd_path(remote)));
    const std::string asked =
        tell_whom_git_asks(options.url, has_path_released(explanation.candidates));
    if (!asked.empty())
        session.warn("note: " + asked);
    if (const std::optional<Sent> own = find_sent(options.url))
        session.warn("note: " + describe(*own) +
                     "; to see which files say so, run:" + own_line(fix_sent(*own)));
    if (const std::string netrc = tell_of_netrc(remote.origin); !netrc.empty())
        session.warn("note: " + netrc + "; to remove it, run:" + own_line(printable(fix_netrc())));
    if (explanation.candidates.empty())
        return code_of(explanation);
    TRY(session.print(format_asker(explanation.candidates) +
                      format_candidates(explanation.candidates, session.style())));
    return code_of(explanation);
}

}  // namespace

void add_explain(CLI::App& app, Session& session) {
    auto options = std::make_shared<ExplainOptions>();
    CLI::App& command =
        *app.add_subcommand("explain", "Show which token a request for a URL would get, and why");
    command.add_option("URL", options->url, "For example https://git.example/team/repository")
        ->required();
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
    command.callback([&session, options] {
        session.action = [&session, options] { return explain(session, *options); };
    });
}

}  // namespace patd::cli
