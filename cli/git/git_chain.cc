// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_chain.h"

#include "cli/io/process.h"
#include "cli/text/table.h"
#include "cli/text/wrap.h"
#include "common/base/parse_number.h"
#include "common/line/helper_command.h"

#include <unistd.h>

#include <algorithm>
#include <array>

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

constexpr std::size_t kLines = 400;  // their keys go into the environment of one process
constexpr std::string_view kMark = "patd-helper ";
constexpr std::string_view kPrefix = "credential.";

// Stands for a helper: tells its number, and what git tells it, up to an empty line.
std::string stand_in(std::size_t number) {
    return "!f() { echo '" + std::string(kMark) + std::to_string(number) + "'; cat; echo; } >&2; f";
}

// This process's, with nothing of git's but where its programs are.
Texts clean_environment() {
    Texts variables;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text = *variable;
        if (!text.starts_with("GIT_") || text.starts_with("GIT_EXEC_PATH="))
            variables.emplace_back(text);
    }
    for (const char* variable : {"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
                                 "GIT_DIR=/dev/null", "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=true"})
        variables.emplace_back(variable);
    return variables;
}

// `lines` as git takes them from its environment, and one more that is always asked.
Texts environment_of(const std::vector<ConfigLine>& lines) {
    Texts variables = clean_environment();
    std::size_t count = 0;
    const auto add = [&](const std::string& key, const std::string& value) {
        const std::string number = std::to_string(count++);
        variables.push_back("GIT_CONFIG_KEY_" + number + "=" + key);
        variables.push_back("GIT_CONFIG_VALUE_" + number + "=" + value);
    };
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const bool helps = lines[i].is_helper() && !lines[i].value.empty();
        add(lines[i].key, helps ? stand_in(i) : lines[i].value);
    }
    add("credential.helper", stand_in(lines.size()));
    variables.push_back("GIT_CONFIG_COUNT=" + std::to_string(count));
    return variables;
}

// What the stand-ins told.
Asked read_asked(std::string_view output, const std::vector<ConfigLine>& lines) {
    Asked asked;
    bool inside = false;
    while (!output.empty()) {
        const std::string_view line = output.substr(0, output.find('\n'));
        output.remove_prefix(std::min(line.size() + 1, output.size()));
        if (line.starts_with(kMark)) {
            const auto number = parse_number<std::size_t>(line.substr(kMark.size()));
            if (number && *number < lines.size())
                asked.helpers.push_back(lines[*number]);
            inside = true;
        } else if (line.empty()) {
            inside = false;
        } else if (inside && line.starts_with("path=")) {
            asked.tells_path = true;
        }
    }
    return asked;
}

constexpr std::string_view kProgram = "git-credential-";

// The program's name, without its directory and options. Only a path and a command are run as they
// are.
std::string word_of(const std::string& value) {
    std::string word = value.substr(value.starts_with('!') ? 1 : 0);
    word = word.substr(0, word.find(' '));
    if (!value.starts_with('!') && !value.starts_with('/'))
        return word;
    word = word.substr(word.rfind('/') + 1);
    std::erase_if(word, [](char byte) { return byte == '\'' || byte == '"'; });
    return word.starts_with(kProgram) ? word.substr(kProgram.size()) : word;
}

}  // namespace

Result<Asked> ask_git(const std::vector<ConfigLine>& lines, const std::string& url) {
    if (lines.size() > kLines)
        return Error{Errc::LimitExceeded, "git's configuration has too many credential lines"};
    const ProcessResult result =
        TRY(run_process({"git", "credential", "fill"},
                        {.environment = environment_of(lines), .input = "url=" + url + "\n\n"}));
    // The last stand-in is asked whatever the lines say.
    const std::string last = std::string(kMark) + std::to_string(lines.size()) + "\n";
    if (result.errors.find(last) == std::string::npos)
        return Error{Errc::Unavailable, "git cannot say whom it asks; look at:" +
                                            own_line("git config --list --show-origin")};
    return read_asked(result.errors, lines);
}

bool sends_path(const std::string& origin, Where where) {
    const Result<std::vector<ConfigLine>> lines = read_credential_lines(where);
    const Result<Asked> asked = lines ? ask_git(*lines, origin + "/path") : lines.error();
    return asked && asked->tells_path;
}

std::string place_of_key(const std::string& key) {
    constexpr std::string_view kSuffix = ".helper";
    std::string place = key.substr(kPrefix.size());
    place.erase(place.size() - std::min(kSuffix.size(), place.size()));
    return place;
}

std::string url_of_key(const std::string& key) {
    std::string place = place_of_key(key);
    if (place.find("://") == std::string::npos)
        place.insert(0, "https://");
    // A label of any name is one of some name.
    std::replace(place.begin(), place.end(), '*', 'x');
    if (place.ends_with("://"))
        place += "host.invalid";
    return place;
}

std::vector<std::string> keys_of_places(const std::vector<ConfigLine>& lines) {
    std::vector<std::string> keys;
    for (const ConfigLine& line : lines) {
        if (line.is_helper() && !line.is_general() &&
            std::find(keys.begin(), keys.end(), line.key) == keys.end())
            keys.push_back(line.key);
    }
    return keys;
}

bool is_ours(const ConfigLine& line) {
    return line::find_helper_program(line.value).has_value();
}

bool keeps_nothing(const ConfigLine& line) {
    const std::string word = word_of(line.value);
    return word == "oauth" || word == "gcloud.sh" ||
           ((word == "gh" || word == "glab") && line.value.ends_with(" auth git-credential"));
}

std::string describe(const ConfigLine& line) {
    const bool is_hidden = line.value.starts_with('!') && !is_ours(line);
    const std::string value = is_hidden ? "(a shell command)" : line.value;
    return printable(line.key) + " = " + printable(value) + " of the " + printable(line.scope) +
           " configuration (" + printable(line.origin) + ")";
}

std::string describe_other(const ConfigLine& line) {
    const std::string word = word_of(line.value);
    if (word.starts_with(kProgram))
        return describe(line) + ", for which it runs 'git credential-" + printable(word) +
               "': its name is what follows " + std::string(kProgram);
    const bool plain = !line.value.starts_with('!');
    const std::string keeps = plain && word == "store"   ? "keeps a copy in a plain file"
                              : plain && word == "cache" ? "keeps a copy in memory"
                                                         : "may keep a copy";
    const std::optional<GitVersion> version = read_git_version();
    // ADR 0024: what patd answers such a git there is a form that no other helper keeps.
    if (version && *version >= kUnderstandsEphemeral)
        return describe(line) + ", which " + keeps +
               " of what patd releases to a git before 2.46; this one leaves it none, but cannot "
               "clone from a server of plain files (dumb HTTP) while it asks both";
    return describe(line) + ", which " + keeps + " of what patd releases";
}

// What is written with the beginning that git puts before it, with both.
std::string name_helper(const ConfigLine& helper) {
    const std::string word = word_of(helper.value);
    if (is_ours(helper))
        return "patd";
    if (helper.value.starts_with('!') && !keeps_nothing(helper))
        return "a shell command";
    return printable(word.starts_with(kProgram) ? "git credential-" + word : word);
}

std::string name_chain(const std::vector<ConfigLine>& helpers) {
    std::string text;
    for (const ConfigLine& helper : helpers)
        text += (text.empty() ? "" : ", then ") + name_helper(helper);
    if (helpers.empty())
        return "nobody";
    return helpers.size() == 1 ? text + " alone" : text;
}

}  // namespace patd::cli
