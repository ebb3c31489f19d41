// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/commands.h"
#include "cli/command/explain_text.h"
#include "cli/command/explain_tool.h"
#include "cli/git/git_fix.h"
#include "cli/git/git_gateway.h"
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

using Rows = std::vector<client::Dictionary>;

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

constexpr std::size_t kOwnersLookedAt = 100;
constexpr std::size_t kOwnersShown = 4;

// For scripts, as in the table of statuses.
ExitCode code_of(const client::Explanation& explanation) {
    return explanation.outcome == "released" ? ExitCode::Success : ExitCode::NotFound;
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

// Where git, run here, asks in place of the URL: the gateway. "": it does not.
std::string gateway_asked(client::TokensClient& client, const ExplainOptions& options,
                          const client::Explanation& explanation) {
    if (explanation.outcome != errc_name(Errc::ThroughGateway))
        return "";
    const Result<client::Dictionary> status = client.status();
    const Result<std::string> asked = git_url_of(options.url);
    const std::string gateway = status ? status->text("gateway") : "";
    return !gateway.empty() && asked && asked->starts_with(gateway + "/") ? *asked : "";
}

// Who is asked in place of patd, and what git sends without asking.
void tell_of_git(const Session& session, client::TokensClient& client,
                 const ExplainOptions& options, const client::Explanation& explanation) {
    const Result<Remote> remote = parse_remote(options.url, options.username);
    const auto note = [&](const std::string& text) {
        session.warn("note: " + (options.user ? commands_as(*options.user, text) : text));
    };
    const std::string asked =
        tell_whom_git_asks(options.url, has_path_released(explanation.candidates));
    if (!asked.empty())
        note(asked);
    if (const std::string url = gateway_asked(client, options, explanation); !url.empty())
        note("git, run here, asks the gateway instead; what it gets there:" +
             own_line(printable("patctl explain " + quote_for_shell(url))));
    else if (const std::optional<Sent> own = find_sent(options.url))
        note(describe(*own) + "; to see which files say so, run:" + own_line(fix_sent(*own)));
    if (const std::string netrc = remote ? tell_of_netrc(remote->origin) : ""; !netrc.empty())
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
    Result<client::Explanation> explanation = client.explain(escape_bytes(url), sent);
    if (!explanation && explanation.error().code == Errc::ThroughGateway)
        return Error{Errc::ThroughGateway,
                     shown_value(url) + ": this is the gateway; name a place behind it, as in " +
                         "GATEWAY/forge.example/team"};
    return Answer{url, TRY(std::move(explanation))};
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
        tell_of_git(session, client, options, explanation);
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
