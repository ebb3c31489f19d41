// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/git_helpers.h"

#include "cli/git/path_targets.h"
#include "cli/io/process.h"
#include "cli/text/table.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace patd::cli::doctor {
namespace {

constexpr char kSetup[] = "patctl setup git";
constexpr char kKey[] = "credential.helper";
constexpr std::string_view kOurs = "git-credential-pat";
constexpr GitVersion kUnderstandsExpiry = {2, 40};     // password_expiry_utc
constexpr GitVersion kUnderstandsEphemeral = {2, 46};  // authtype, ephemeral, state

// The program, without its options.
std::string program_of(const HelperLine& line) {
    return line.value.substr(0, line.value.find(' '));
}

bool is_ours(const HelperLine& line) {
    const std::string word = program_of(line);
    return word == "pat" || word.ends_with(kOurs);
}

bool is_absolute(const HelperLine& line) {
    return line.value.starts_with('/');
}

// What git asks: an empty value forgets everything before it.
std::vector<HelperLine> effective_chain(const std::vector<HelperLine>& lines) {
    std::vector<HelperLine> chain;
    for (const HelperLine& line : lines) {
        if (!line.value.empty())
            chain.push_back(line);
        else if (line.key == kKey)
            chain.clear();
    }
    return chain;
}

std::string describe_copies(const std::string& value) {
    const std::string word = value.substr(0, value.find(' '));
    if (word == "store" || word.ends_with("git-credential-store"))
        return "keeps a copy in a plain file";
    if (word == "cache" || word.ends_with("git-credential-cache"))
        return "keeps a copy in memory";
    return "may keep a copy";
}

std::string describe(const HelperLine& line) {
    // A shell command may hold anything, also a secret.
    const std::string value = line.value.starts_with('!') ? "(a shell command)" : line.value;
    return printable(line.key) + " = " + printable(value) + " of the " + printable(line.scope) +
           " configuration (" + printable(line.origin) + ")";
}

// A generic helper is forgotten where `setup git` writes its lines after it; others are taken out.
std::string mend_for(const HelperLine& line, bool ours_is_system) {
    const bool generic = line.key == kKey;
    if (generic && line.scope == "system")
        return ours_is_system ? "sudo patctl setup git --system" : kSetup;
    if (generic && line.scope == "global")
        return kSetup;
    const std::string sudo = line.scope == "system" ? "sudo " : "";
    return sudo + "git config --" + printable(line.scope) + " --unset-all '" + printable(line.key) +
           "'";
}

void check_ours(const Machine& machine, const HelperLine& line, Findings& findings) {
    const std::string mend = line.scope == "system" ? "sudo patctl setup git --system" : kSetup;
    if (!is_absolute(line))
        findings.warn(
            "git searches for patd's helper, because its path is not absolute: " + describe(line),
            mend);
    else if (look_at(machine, program_of(line)).presence == Presence::Missing)
        findings.error("patd's helper is not where git looks for it: " + describe(line), mend);
}

void check_version(const std::string& text, Findings& findings) {
    const std::optional<GitVersion> version = parse_git_version(text);
    if (!version || *version >= kUnderstandsEphemeral)
        return;
    const std::string name = std::to_string(version->first) + "." + std::to_string(version->second);
    const char* mend = "sudo apt install -t bookworm-backports git";
    if (*version < kUnderstandsExpiry)
        findings.note("git " + name +
                          " does not know password_expiry_utc and authtype (2.40 and 2.46 do): "
                          "another helper in its chain would keep what patd releases",
                      mend);
    else
        findings.note("git " + name +
                          " does not know authtype and ephemeral (2.46 does): another helper in "
                          "its chain would keep what patd releases",
                      mend);
}

void check_paths(const std::vector<client::Dictionary>& tokens, Findings& findings) {
    std::set<std::string> seen;
    for (const client::Dictionary& token : tokens) {
        for (const std::string& origin : path_bound_origins(token.texts("targets"))) {
            if (!seen.insert(origin).second || sends_path(origin))
                continue;
            findings.warn("token " + printable(token.text("id")) + " is bound to a path of " +
                              origin + ", but git does not tell the path",
                          "git config --global 'credential." + origin + ".useHttpPath' true");
        }
    }
}

}  // namespace

std::optional<GitVersion> parse_git_version(const std::string& text) {
    constexpr std::string_view kPrefix = "git version ";
    if (!text.starts_with(kPrefix))
        return std::nullopt;
    const char* end = text.data() + text.size();
    GitVersion version;
    const auto major = std::from_chars(text.data() + kPrefix.size(), end, version.first);
    if (major.ec != std::errc() || major.ptr == end || *major.ptr != '.')
        return std::nullopt;
    const auto minor = std::from_chars(major.ptr + 1, end, version.second);
    if (minor.ec != std::errc())
        return std::nullopt;
    return version;
}

void check_chain(const Machine& machine, const std::vector<HelperLine>& lines, Findings& findings) {
    const std::vector<HelperLine> chain = effective_chain(lines);
    const auto ours = std::find_if(chain.begin(), chain.end(), is_ours);
    if (ours == chain.end())
        return findings.note("git does not ask patd", kSetup);
    for (const HelperLine& line : chain) {
        if (is_ours(line))
            check_ours(machine, line, findings);
        else
            findings.warn("git also asks " + describe(line) + ", which " +
                              describe_copies(line.value) + " of what patd releases",
                          mend_for(line, ours->scope == "system"));
    }
}

void check_git(const Machine& machine, const std::vector<client::Dictionary>& tokens,
               Findings& findings) {
    const Result<ProcessResult> version = run_process({"git", "--version"});
    if (!version || version->status != 0)
        return;
    check_version(version->output, findings);
    const Result<std::vector<HelperLine>> lines = read_helper_lines();
    if (!lines)
        return findings.hide("git's configuration");
    check_chain(machine, *lines, findings);
    check_paths(tokens, findings);
}

}  // namespace patd::cli::doctor
