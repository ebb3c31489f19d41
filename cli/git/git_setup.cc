// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_setup.h"

#include "cli/git/git_chain.h"
#include "cli/git/git_fix.h"
#include "cli/git/git_write.h"
#include "cli/git/path_targets.h"
#include "cli/io/process.h"
#include "cli/text/wrap.h"
#include "common/token/place.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <utility>

namespace patd::cli {
namespace {

using Lines = std::vector<ConfigLine>;

constexpr std::size_t kPlaces = 64;  // that git is asked about at once

bool is_none_of(const Lines& lines, bool (*what)(const ConfigLine&)) {
    return std::none_of(lines.begin(), lines.end(), what);
}

// Whether it is a shell command with a password written into it, and not one that it looks up.
bool holds_password(const ConfigLine& line) {
    constexpr std::string_view kSecretMark = "password=";
    const std::string_view value = line.value;
    if (!value.starts_with('!'))
        return false;
    for (std::size_t at = value.find(kSecretMark); at != std::string_view::npos;
         at = value.find(kSecretMark, at + 1)) {
        const std::size_t next = value.find_first_not_of("\"'\\", at + kSecretMark.size());
        if (next != std::string_view::npos &&
            std::string_view("$`%; ").find(value[next]) == std::string_view::npos)
            return true;
    }
    return false;
}

Result<ExitCode> fail_to_read(const Session& session, const Error& error) {
    if (!run_process({"git", "--version"}))
        return session.fail(
            "NoGit",
            "git is not installed, or not on PATH; run:" + own_line("sudo apt install git"),
            ExitCode::Failure);
    return session.fail("GitConfig", error.context + ":" + own_line(fix_unreadable(error.context)),
                        ExitCode::Failure);
}

// None when the service cannot be asked: the helper is set up all the same, and doctor looks again.
// Whose tokens they are is a matter of the user's own configuration.
std::vector<client::Dictionary> find_tokens(const Session& session, const GitSetup& setup) {
    if (setup.scope == GitScope::System)
        return {};
    if (setup.tokens)
        return *setup.tokens;
    Result<client::TokensClient> client = session.connect();
    Result<std::vector<client::Dictionary>> tokens = client ? client->list() : client.error();
    return tokens ? std::move(*tokens) : std::vector<client::Dictionary>();
}

// Lets git tell the path where a token of the caller's is bound to one.
Result<std::set<std::string>> set_up_paths(const std::vector<client::Dictionary>& tokens) {
    std::set<std::string> origins = path_bound_origins(tokens);
    std::erase_if(origins, [](const std::string& origin) {
        return sends_path(origin) && sends_path(origin, Where::Anywhere);
    });
    TRY(write_paths(GitScope::Global, origins));
    return origins;
}

// Helpers of places that git forgets where a condition includes their file, as it is read before
// the lines that forget it: by key and file.
Result<std::set<std::pair<std::string, std::string>>> find_forgotten() {
    std::set<std::pair<std::string, std::string>> forgotten;
    for (const ConditionalFile& file : TRY(read_conditional_files())) {
        for (const ConfigLine& line : file.own) {
            if (!line.is_helper() || line.is_general() || line.value.empty())
                continue;
            const Result<Asked> asked = ask_git(file.around, url_of_key(line.key));
            const bool is_asked =
                !asked || std::any_of(asked->helpers.begin(), asked->helpers.end(),
                                      [&](const ConfigLine& other) {
                                          return other.key == line.key && other.value == line.value;
                                      });
            if (!is_asked)
                forgotten.emplace(line.key, file.file);
        }
    }
    return forgotten;
}

void warn_of_forgotten(const Session& session, GitScope scope) {
    const auto forgotten = find_forgotten();
    if (!forgotten)
        return;
    for (const auto& [key, file] : *forgotten)
        session.warn("warning: git will not use " + printable(key) + " of " + printable(file) +
                     ", a conditional include; move that include after patd's lines:" +
                     own_line(scope == GitScope::System ? "sudo git config --system --edit"
                                                        : "git config --global --edit"));
}

// What git says after all was written.
struct SetupOutcome {
    std::string helper;
    std::set<std::string> paths;
    Asked somewhere;
    std::vector<std::pair<std::string, Asked>> places;  // those that differ, by URL or pattern
    Lines others;    // that are asked beside ours, and may keep a copy
    Lines silenced;  // that were asked before, and are not now
};

Lines find_silenced(const Lines& before, const Lines& now) {
    Lines silenced;
    for (const ConfigLine& line : before) {
        if (!is_ours(line) && std::none_of(now.begin(), now.end(), [&](const ConfigLine& other) {
                return other.value == line.value;
            }))
            silenced.push_back(line);
    }
    return silenced;
}

std::vector<std::string> names_of(const Lines& helpers) {
    std::vector<std::string> names;
    for (const ConfigLine& helper : helpers)
        names.push_back(name_helper(helper));
    return names;
}

// Whether git may ask others about this place than about any: there are lines for its host, or for
// hosts that only git can tell.
bool has_own_lines(const std::vector<std::string>& keys, const std::string& url) {
    const Result<Remote> place = parse_remote(url);
    const Result<Remote> any = parse_remote(kSomewhere);
    return std::any_of(keys.begin(), keys.end(), [&](const std::string& key) {
        const Result<Remote> named = parse_remote(url_of_key(key));
        return key.find('*') != std::string::npos || !named || !place ||
               named->origin.host() == any->origin.host() ||
               named->origin.host() == place->origin.host();
    });
}

Result<SetupOutcome> look(const std::string& helper, const std::vector<client::Dictionary>& tokens,
                          const std::optional<std::string>& url) {
    const Lines lines = TRY(read_credential_lines());
    Asked somewhere = TRY(ask_git(lines, url.value_or(kSomewhere)));
    SetupOutcome outcome{helper, {}, std::move(somewhere), {}, {}, {}};
    std::map<std::string, std::string> urls;  // what is asked about, by what is shown for it
    for (const client::Dictionary& token : tokens) {
        for (const std::string& text : token.texts("targets")) {
            if (const Result<Target> target = Target::parse(text))
                urls.emplace(target->url(), target->url());
        }
    }
    const std::vector<std::string> keys = keys_of_places(lines);
    for (const std::string& key : keys) {
        const std::string place = place_of_key(key);
        const bool is_pattern = place.find('*') != std::string::npos;
        urls.emplace(is_pattern ? place : url_of_key(key), url_of_key(key));
    }
    const auto add_others = [&](const Asked& asked) {
        if (is_none_of(asked.helpers, is_ours))
            return;
        for (const ConfigLine& line : asked.helpers) {
            const bool known = std::any_of(
                outcome.others.begin(), outcome.others.end(), [&](const ConfigLine& other) {
                    return other.key == line.key && other.value == line.value;
                });
            if (!known && !is_ours(line) && !keeps_nothing(line))
                outcome.others.push_back(line);
        }
    };
    add_others(outcome.somewhere);
    // Somebody with hundreds of tokens would wait for as many processes of git.
    const Result<Asked> elsewhere = url ? ask_git(lines, kSomewhere) : outcome.somewhere;
    for (const auto& [place, asked_of] : urls) {
        const Result<Asked> asked =
            has_own_lines(keys, asked_of) ? ask_git(lines, asked_of) : elsewhere;
        if (!asked || outcome.places.size() >= kPlaces)
            continue;
        add_others(*asked);
        if (is_none_of(asked->helpers, is_ours))
            outcome.places.emplace_back(place, *asked);
    }
    return outcome;
}

nlohmann::json outcome_json(const SetupOutcome& outcome) {
    nlohmann::json others = nlohmann::json::array();
    for (const ConfigLine& line : outcome.others)
        others.push_back({{"scope", line.scope}, {"origin", line.origin}, {"key", line.key}});
    nlohmann::json places = nlohmann::json::array();
    for (const auto& [url, asked] : outcome.places)
        places.push_back({{"url", url}, {"asks", name_chain(asked.helpers)}});
    return {{"helper", outcome.helper},
            {"others", others},
            {"paths", outcome.paths},
            {"no_longer_asked", names_of(outcome.silenced)},
            {"not_asked_for", places}};
}

// A pattern stands for more places than anybody would give away at once.
std::string command_for(const std::string& place) {
    return place.find('*') == std::string::npos
               ? ":" + own_line("patctl setup git " + printable(quote_for_shell(place)))
               : " for one of these:" + own_line("patctl setup git URL");
}

// What a person would otherwise learn in the next push.
std::string format_silenced(const SetupOutcome& outcome, const GitSetup& setup) {
    std::string names;
    for (const std::string& name : names_of(outcome.silenced))
        names += (names.empty() ? "" : ", ") + name;
    if (names.empty())
        return {};
    const std::string command =
        setup.scope == GitScope::System ? "sudo patctl setup git --system" : std::string(kSetup);
    return "\nNo longer asked" + (setup.url ? " there" : std::string()) + ": " + names +
           ". To go back:" + own_line(command + " --undo") +
           (setup.url ? "" : "\nTo keep asking, after patd:" + own_line(command + " --keep"));
}

std::string format(const SetupOutcome& outcome, const GitSetup& setup) {
    const std::optional<std::string>& url = setup.url;
    const std::string where = url ? " for " + printable(*url) : "";
    std::string text =
        is_none_of(outcome.somewhere.helpers, is_ours)
            ? "git still asks " + name_chain(outcome.somewhere.helpers) + where +
                  ", because of its configuration here; see 'patctl doctor'."
            : "git now asks " + printable(outcome.helper) + " for credentials" + where + ".";
    text += format_silenced(outcome, setup);
    for (const std::string& origin : outcome.paths)
        text +=
            "\ngit now sends the path of URLs at " + origin + ", because a token is bound to one.";
    if (url)
        return text;
    for (const auto& [place, asked] : outcome.places)
        text += "\nFor " + printable(place) + " git asks " + name_chain(asked.helpers) +
                ", as before, not patd. To change that" + command_for(place);
    return text;
}

// git does not read what would be written.
bool is_ignored(GitScope scope) {
    return scope == GitScope::System && secure_getenv("GIT_CONFIG_NOSYSTEM") != nullptr;
}

ExitCode fail_ignored(const Session& session) {
    return session.fail(
        "GitConfig",
        "git ignores the system configuration; run:" + own_line("unset GIT_CONFIG_NOSYSTEM"),
        ExitCode::Failure);
}

void warn_of_rest(const Session& session, const GitSetup& setup, const SetupOutcome& outcome,
                  const Lines& before) {
    for (const ConfigLine& other : outcome.others)
        session.warn("warning: git also asks " + describe_other(other));
    if (!setup.url)
        warn_of_forgotten(session, setup.scope);
    for (const ConfigLine& line : before) {
        if (line.scope != "command" && holds_password(line))
            session.warn("warning: " + printable(line.key) +
                         " contains a password, which every user can read while git runs it: "
                         "import it with 'patctl import', and remove it:" +
                         own_line("git config --file " +
                                  printable(quote_for_shell(config_file_of(line))) + " --edit"));
    }
}

}  // namespace

Result<SetUp> set_up_git(const Session& session, const GitSetup& setup) {
    if (setup.url)
        TRY(parse_place(*setup.url));
    if (is_ignored(setup.scope))
        return SetUp{fail_ignored(session)};
    const Result<Lines> lines = read_credential_lines();
    if (!lines)
        return SetUp{TRY(fail_to_read(session, lines.error()))};
    const std::string where = setup.url.value_or(kSomewhere);
    const Result<Asked> before = ask_git(*lines, where);
    const std::string helper = find_helper();
    std::vector<client::Dictionary> tokens = find_tokens(session, setup);
    const Result<void> written =
        setup.url
            ? write_helper_for(setup.scope, helper, *setup.url)
            : write_helper(setup.scope, helper, setup.keep ? Others::Kept : Others::Forgotten);
    const Result<std::set<std::string>> paths =
        written ? set_up_paths(tokens) : Result<std::set<std::string>>(written.error());
    if (!paths)
        return SetUp{session.fail("GitConfig", paths.error().context, ExitCode::Failure)};
    Result<SetupOutcome> looked = look(helper, tokens, setup.url);
    if (!looked)
        return SetUp{session.fail("GitConfig", looked.error().context, ExitCode::Failure)};
    SetupOutcome& outcome = *looked;
    outcome.paths = *paths;
    if (before)
        outcome.silenced = find_silenced(before->helpers, outcome.somewhere.helpers);
    TRY(session.report(outcome_json(outcome), format(outcome, setup)));
    if (!session.json)
        warn_of_rest(session, setup, outcome, *lines);
    return SetUp{ExitCode::Success, std::move(outcome.silenced), std::move(tokens)};
}

Result<ExitCode> undo_git(const Session& session, GitScope scope) {
    if (is_ignored(scope))
        return fail_ignored(session);
    const Result<Lines> lines = read_credential_lines();
    if (!lines)
        return fail_to_read(session, lines.error());
    const Result<bool> undone = undo_setup(scope);
    const Result<Lines> left = undone ? read_credential_lines() : undone.error();
    const Result<Asked> asked = left ? ask_git(*left, kSomewhere) : left.error();
    if (!asked)
        return session.fail("GitConfig", asked.error().context, ExitCode::Failure);
    const std::string file = written_file(scope);
    std::string text =
        *undone ? "The lines of 'patctl setup git' are removed from " + printable(file) + "."
                : "'patctl setup git' has written nothing in " + printable(file) +
                      " that it could take back.";
    text += " git now asks " + name_chain(asked->helpers) + ".";
    for (const ConfigLine& line : *left) {
        if (is_ours(line))
            text += "\nAnother line still names patd. To remove it:" +
                    own_line(printable(fix_line(line)));
    }
    TRY(session.report({{"file", file}, {"undone", *undone}, {"asks", name_chain(asked->helpers)}},
                       text));
    return ExitCode::Success;
}

}  // namespace patd::cli
