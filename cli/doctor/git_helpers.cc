// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/git_helpers.h"

#include "cli/doctor/service_files.h"
#include "cli/git/git_chain.h"
#include "cli/git/git_fix.h"
#include "cli/git/git_sends.h"
#include "cli/git/path_targets.h"
#include "cli/import/home_netrc.h"
#include "cli/io/process.h"
#include "cli/session/plain_http.h"
#include "cli/text/table.h"
#include "common/line/helper_command.h"
#include "common/token/target.h"

#include <algorithm>
#include <functional>
#include <set>

namespace patd::cli::doctor {
namespace {

constexpr std::size_t kPlacesMax = 64;  // that git is asked about

// A place that git is asked about.
struct Place {
    std::string url;    // kSomewhere: every place without lines of its own
    std::string token;  // one that is for it, if there is one
    Asked asked;

    bool is_every() const { return url == kSomewhere; }
    bool asks_ours() const {
        return std::any_of(asked.helpers.begin(), asked.helpers.end(), is_ours);
    }
};

// A helper for every place is forgotten where `setup git` writes its lines after it; what is so for
// one place alone is changed there alone.
std::string fix_for(const ConfigLine& line, const Place& place) {
    if (!line.is_general() || !is_main_file(line) ||
        (line.scope != "system" && line.scope != "global"))
        return fix_line(line);
    const auto ours = std::find_if(place.asked.helpers.begin(), place.asked.helpers.end(), is_ours);
    if (!place.is_every()) {
        // Where patd is named for a wider place than this one, that one is changed.
        const bool wider = !ours->is_general() && ours->key.find('*') == std::string::npos;
        return std::string(kSetup) + " " +
               quote_for_shell(wider ? url_of_key(ours->key) : place.url);
    }
    return ours->scope == "system" && line.scope == "system" ? "sudo patctl setup git --system"
                                                             : kSetup;
}

void check_ours(const Machine& machine, const ConfigLine& line, Findings& findings) {
    const std::string fix = line.scope == "system" ? "sudo patctl setup git --system" : kSetup;
    const std::string program = line::find_helper_program(line.value).value_or("");
    if (!program.starts_with('/'))
        findings.warn("git searches PATH for patd's helper, because its path is not absolute: " +
                          describe(line),
                      fix);
    else if (look_at(machine, program).presence == Presence::Missing)
        findings.error("patd's helper is not where git looks for it: " + describe(line), fix);
}

std::vector<Place> find_places(const std::vector<ConfigLine>& lines,
                               const std::vector<client::Dictionary>& tokens) {
    std::vector<Place> places = {{kSomewhere, "", {}}};
    const auto add = [&](const std::string& url, const std::string& token) {
        const bool known = std::any_of(places.begin(), places.end(),
                                       [&](const Place& place) { return place.url == url; });
        if (!known && places.size() < kPlacesMax)
            places.push_back({url, token, {}});
    };
    for (const client::Dictionary& token : tokens) {
        for (const std::string& text : token.texts("targets")) {
            if (const Result<Target> target = Target::parse(text))
                add(target->url(), token.text("id"));
        }
    }
    for (const std::string& key : keys_of_places(lines))
        add(url_of_key(key), "");
    std::erase_if(places, [&](Place& place) {
        Result<Asked> asked = ask_git(lines, place.url);
        if (asked)
            place.asked = std::move(*asked);
        return !asked;
    });
    return places;
}

void check_not_asked(const std::vector<ConfigLine>& lines, const Place& place, Findings& findings) {
    const ConfigLine* forgetting = find_forgetting(lines, place.url);
    std::string text = "git does not ask patd";
    if (!place.is_every())
        text = "for " + printable(place.url) + " git asks " + name_chain(place.asked.helpers) +
               " instead of patd, although token " + printable(place.token) + " is for it";
    if (forgetting != nullptr)
        text += "; " + describe(*forgetting) + " resets the list";
    const std::string where = place.is_every() ? "" : " " + quote_for_shell(place.url);
    const std::string fix = forgetting == nullptr ? kSetup + where : fix_line(*forgetting);
    place.is_every() ? findings.note(text, fix) : findings.warn(text, fix);
}

// Whether git asks somebody else beside patd.
bool check_places(const Machine& machine, const std::vector<ConfigLine>& lines,
                  const std::vector<Place>& places, Findings& findings) {
    if (std::none_of(places.begin(), places.end(), std::mem_fn(&Place::asks_ours))) {
        check_not_asked(lines, places.front(), findings);
        return false;
    }
    bool has_others = false;
    std::set<std::string> seen;
    for (const Place& place : places) {
        if (!place.asks_ours() && !place.token.empty())
            check_not_asked(lines, place, findings);
        if (!place.asks_ours())
            continue;
        for (const ConfigLine& line : place.asked.helpers) {
            if (!seen.insert(line.origin + "\n" + line.key + "\n" + line.value).second ||
                keeps_nothing(line))
                continue;
            if (is_ours(line)) {
                check_ours(machine, line, findings);
                continue;
            }
            findings.warn("git also asks " + describe_other(line), fix_for(line, place));
            has_others = true;
        }
    }
    return has_others;
}

// "bookworm-backports", where apt knows it.
std::optional<std::string> find_backports(const Machine& machine) {
    const std::string folder = "/etc/apt/sources.list.d";
    std::vector<FileLine> lines = read_lines(machine, "/etc/apt/sources.list");
    for (const char* ending : {".list", ".sources"}) {
        for (FileLine& line : read_folder(machine, folder, ending))
            lines.push_back(std::move(line));
    }
    for (const FileLine& line : lines) {
        for (const std::string& word : line.words) {
            if (word.ends_with("-backports"))
                return word;
        }
    }
    return std::nullopt;
}

// A newer git tells the others not to keep what patd releases. Said only where apt has one.
void check_version(const Machine& machine, GitVersion version, Findings& findings) {
    const std::optional<std::string> backports = find_backports(machine);
    if (version >= kUnderstandsEphemeral || !backports)
        return;
    const std::string name = std::to_string(version.first) + "." + std::to_string(version.second);
    findings.note("git " + name +
                      (version < kUnderstandsExpiry
                           ? " does not know password_expiry_utc and authtype (2.40 and 2.46 do)"
                           : " does not know authtype and ephemeral (2.46 does)") +
                      ", so the other helpers keep what patd releases",
                  "sudo apt install -t " + printable(*backports) + " git");
}

// What git sends to the places of tokens without asking.
void check_sent(const std::vector<client::Dictionary>& tokens, Findings& findings) {
    std::set<std::string> origins;
    std::set<std::string> urls;
    for (const client::Dictionary& token : tokens) {
        for (const std::string& text : token.texts("targets")) {
            const Result<Target> target = Target::parse(text);
            if (!target)
                continue;
            const std::string sent = origins.insert(target->origin().text()).second
                                         ? tell_of_netrc(target->origin())
                                         : "";
            if (!sent.empty())
                findings.warn(sent + ", and token " + printable(token.text("id")) + " is for it",
                              fix_netrc());
            if (urls.size() >= kPlacesMax || !urls.insert(target->url()).second)
                continue;
            const std::optional<Sent> own = find_sent(target->url());
            if (own && *own != Sent::AnotherUrl)
                findings.warn(describe(*own) + " about " + printable(target->url()) +
                                  ", and token " + printable(token.text("id")) + " is for it",
                              fix_sent(*own));
        }
    }
}

void check_paths(const std::vector<client::Dictionary>& tokens, Findings& findings) {
    std::set<std::string> seen;
    for (const client::Dictionary& token : tokens) {
        for (const std::string& origin : path_bound_origins(std::vector{token})) {
            if (!seen.insert(origin).second || sends_path(origin))
                continue;
            findings.warn("token " + printable(token.text("id")) + " is bound to a path of " +
                              origin + ", but git does not send the path",
                          "git config --global 'credential." + origin + ".useHttpPath' true");
        }
    }
}

// `edit -t` replaces the whole list.
std::string fix_plain_http(const client::Dictionary& token) {
    std::string fix = "patctl edit " + printable(token.text("id"));
    for (std::string text : token.texts("targets")) {
        const Result<Target> target = Target::parse(text);
        if (target && is_plain_http(*target))
            text.insert(text.find("http") + std::string_view("http").size(), "s");
        fix += " -t " + quote_for_shell(printable(text));
    }
    return fix;
}

void check_plain_http(const std::vector<client::Dictionary>& tokens, Findings& findings) {
    for (const client::Dictionary& token : tokens) {
        const std::vector<std::string> plain = plain_http_targets(token.texts("targets"));
        if (!plain.empty())
            findings.note("token " + printable(token.text("id")) + " is for " +
                              printable(plain.front()) +
                              ", where it is sent unencrypted, for everybody on the way to read",
                          fix_plain_http(token));
    }
}

}  // namespace

void check_git(const Machine& machine, const std::vector<client::Dictionary>& tokens,
               Findings& findings) {
    check_plain_http(tokens, findings);
    const Result<ProcessResult> git = run_process({"git", "--version"});
    if (!git)
        return;
    const Result<std::vector<ConfigLine>> lines = read_credential_lines();
    if (!lines)
        return findings.error(lines.error().context, fix_unreadable(lines.error().context));
    if (!ask_git(*lines, kSomewhere))
        return findings.hide("git's configuration");
    const std::optional<GitVersion> version = parse_git_version(git->output);
    if (check_places(machine, *lines, find_places(*lines, tokens), findings) && version)
        check_version(machine, *version, findings);
    check_paths(tokens, findings);
    check_sent(tokens, findings);
}

}  // namespace patd::cli::doctor
