// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_config.h"

#include "cli/io/process.h"
#include "cli/text/table.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>
#include <filesystem>

namespace patd::cli {
namespace {

constexpr std::string_view kHelperName = "/git-credential-pat";
constexpr char kKeys[] = "^credential\\.(.*\\.)?(helper|username|usehttppath)$";
constexpr int kNothingThere = 5;           // git config's status when there is nothing to unset
constexpr std::size_t kReasonBytes = 512;  // of what git says

// Cuts at NUL bytes; every field of `git config -z` ends with one.
std::vector<std::string> split_fields(std::string_view output) {
    std::vector<std::string> fields;
    while (!output.empty()) {
        const std::size_t end = output.find('\0');
        fields.emplace_back(output.substr(0, end));
        output.remove_prefix(end == std::string_view::npos ? output.size() : end + 1);
    }
    return fields;
}

// git's words in the language in which we look for some of them.
std::vector<std::string> plain_environment() {
    std::vector<std::string> variables;
    for (char** variable = environ; *variable != nullptr; ++variable)
        variables.emplace_back(*variable);
    std::erase_if(variables, [](const std::string& text) {
        return text.starts_with("LC_ALL=") || text.starts_with("LANGUAGE=");
    });
    variables.emplace_back("LC_ALL=C");
    return variables;
}

// The first line of what git said, without its `error: `.
std::string reason_of(const std::string& output) {
    std::string line = output.substr(0, std::min(output.find('\n'), kReasonBytes));
    for (const char* prefix : {"error: ", "fatal: "}) {
        if (line.starts_with(prefix))
            line.erase(0, std::char_traits<char>::length(prefix));
    }
    return printable(line);
}

// The file of "could not lock config file FILE: REASON".
std::string file_of(const std::string& reason) {
    constexpr std::string_view kBefore = "could not lock config file ";
    const std::size_t begin = reason.find(kBefore);
    const std::size_t end = reason.rfind(": ");
    if (begin == std::string::npos || end == std::string::npos || end < begin + kBefore.size())
        return {};
    return reason.substr(begin + kBefore.size(), end - begin - kBefore.size());
}

// A link's own words, where it leads.
std::string directory_behind(const std::string& file) {
    std::array<char, PATH_MAX> path{};
    const ssize_t length = readlink(file.c_str(), path.data(), path.size());
    std::string target =
        length > 0 ? std::string(path.data(), static_cast<std::size_t>(length)) : file;
    if (!target.starts_with('/'))
        target.insert(0, file.substr(0, file.rfind('/') + 1));
    return target.substr(0, target.rfind('/'));
}

std::string mend_for(GitScope scope, const std::string& reason) {
    const std::string file = file_of(reason);
    if (reason.find("$HOME not set") != std::string::npos)
        return "set it: export HOME=\"$(getent passwd \"$(id -u)\" | cut -d: -f6)\"";
    if (reason.ends_with("File exists"))
        return "another git is writing it, or one was cut off; if none runs: rm -- " +
               quote_for_shell(file + ".lock");
    if (reason.ends_with("No such file or directory"))
        return "its directory is missing: mkdir -p -- " + quote_for_shell(directory_behind(file));
    if (reason.ends_with("Permission denied") && scope == GitScope::System)
        return "run it as root: sudo patctl setup git --system";
    if (reason.ends_with("Permission denied") || reason.ends_with("Read-only file system"))
        return "this user may not write there; if something else makes that file, put into it "
               "the three lines of patctl(1), 'setup git', else look at: ls -ld -- " +
               quote_for_shell(file) + " " + quote_for_shell(directory_behind(file));
    return "look at: git config --list --show-origin";
}

// git would replace whatever stands in the place of its file, as root even /dev/null.
Result<void> check_is_file(GitScope scope) {
    const auto variable = [](const char* name) {
        const char* value = secure_getenv(name);
        return std::string(value == nullptr ? "" : value);
    };
    const std::string name = scope == GitScope::System ? "GIT_CONFIG_SYSTEM" : "GIT_CONFIG_GLOBAL";
    const std::string named = variable(name.c_str());
    const std::string file = !named.empty()              ? named
                             : scope == GitScope::System ? "/etc/gitconfig"
                                                         : variable("HOME") + "/.gitconfig";
    std::error_code failed;
    const std::filesystem::file_status status = std::filesystem::status(file, failed);
    if (!std::filesystem::exists(status) || std::filesystem::is_regular_file(status))
        return {};
    return Error{Errc::AccessDenied,
                 printable(file) + " is no file that git could write; " +
                     (named.empty() ? "look at: ls -ld -- " + printable(quote_for_shell(file))
                                    : "unset " + name)};
}

}  // namespace

std::string quote_for_shell(const std::string& word) {
    std::string quoted = "'";
    for (const char byte : word)
        quoted += byte == '\'' ? std::string("'\\''") : std::string(1, byte);
    return quoted + "'";
}

std::string find_helper() {
    std::array<char, PATH_MAX> path{};
    const ssize_t length = readlink("/proc/self/exe", path.data(), path.size());
    if (length > 0 && static_cast<std::size_t>(length) < path.size()) {
        const std::string program(path.data(), static_cast<std::size_t>(length));
        std::string beside = program.substr(0, program.rfind('/')) + std::string(kHelperName);
        if (access(beside.c_str(), X_OK) == 0)
            return beside;
    }
    return PATD_INSTALLED_HELPER;
}

std::vector<ConfigLine> parse_credential_lines(std::string_view output) {
    const std::vector<std::string> fields = split_fields(output);
    std::vector<ConfigLine> lines;
    for (std::size_t i = 0; i + 2 < fields.size(); i += 3) {
        const std::size_t end = fields[i + 2].find('\n');
        const std::string value = end == std::string::npos ? "" : fields[i + 2].substr(end + 1);
        lines.push_back({fields[i], fields[i + 1], fields[i + 2].substr(0, end), value});
    }
    return lines;
}

Result<std::vector<ConfigLine>> read_credential_lines() {
    const ProcessResult result = TRY(run_process(
        {"git", "config", "--show-scope", "--show-origin", "-z", "--get-regexp", kKeys}));
    // 1: there is none.
    if (result.status > 1)
        return Error{Errc::Unavailable, "git could not read its configuration"};
    return parse_credential_lines(result.output);
}

Result<void> change_git_config(GitScope scope, const std::vector<std::string>& change) {
    TRY(check_is_file(scope));
    std::vector<std::string> arguments = {"git", "config",
                                          scope == GitScope::System ? "--system" : "--global"};
    arguments.insert(arguments.end(), change.begin(), change.end());
    const ProcessResult result =
        TRY(run_process(arguments, {.environment = plain_environment(), .with_errors = true}));
    const bool nothing_to_unset = result.status == kNothingThere && result.output.empty();
    if (result.status == 0 || nothing_to_unset)
        return {};
    const std::string reason = reason_of(result.output);
    return Error{Errc::AccessDenied, reason + "; " + mend_for(scope, reason)};
}

}  // namespace patd::cli
