// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/git_config.h"

#include "common/base/limits.h"
#include "common/base/unique_fd.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>

namespace patd::credential_helper {
namespace {

constexpr std::string_view kCredential = "credential";
constexpr std::string_view kInclude = "include";
constexpr std::string_view kWorktreeConfig = "worktreeconfig";  // a further file is read then
constexpr std::string_view kBlanks = " \t";

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// `word` is in small letters. git's names are in any case.
bool mentions(std::string_view text, std::string_view word) {
    return std::search(text.begin(), text.end(), word.begin(), word.end(),
                       [](char c, char wanted) { return lower(c) == wanted; }) != text.end();
}

bool begins_with(std::string_view text, std::string_view word) {
    return text.size() >= word.size() && mentions(text.substr(0, word.size()), word);
}

std::string_view trim(std::string_view text) {
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos)
        return "";
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// What stands before `helper` for the lines below `[credential]` or `[credential "URL"]`; nothing
// for every other spelling.
std::optional<std::string> section_of(std::string_view header) {
    constexpr std::string_view kOpen = "[credential";
    constexpr std::string_view kClose = "\"]";
    if (!begins_with(header, kOpen))
        return std::nullopt;
    const std::string_view rest = trim(header.substr(kOpen.size()));
    std::string section(kCredential);
    if (rest == "]")
        return section + ".";
    if (!rest.starts_with('"') || !rest.ends_with(kClose) || rest.size() <= kClose.size())
        return std::nullopt;
    const std::string_view url = rest.substr(1, rest.size() - 1 - kClose.size());
    if (url.find_first_of("\"\\") != std::string_view::npos)
        return std::nullopt;
    return section.append(".").append(url).append(".");
}

// A line `name = value` of a credential section.
bool add_variable(std::string_view line, const std::string& section, std::string& lines) {
    constexpr std::string_view kHelper = "helper";
    const std::size_t end = line.find_first_of(" \t=");
    const std::string_view name = line.substr(0, end);
    if (name.size() != kHelper.size() || !begins_with(name, kHelper))
        return true;
    const std::string_view rest = trim(line.substr(name.size()));
    if (!rest.starts_with('='))
        return false;
    const std::string_view value = trim(rest.substr(1));
    // Versions of git do not agree on a tab.
    if (value.find_first_of("\"\\#;\t") != std::string_view::npos)
        return false;
    lines.append(section).append(kHelper).append("\n").append(value).push_back('\0');
    return true;
}

bool is_letter(char c) {
    return lower(c) >= 'a' && lower(c) <= 'z';
}

std::optional<std::string> variable(const char* name) {
    const char* value = secure_getenv(name);
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

// Whether no variable brings lines of its own, or another place to look for the files.
bool is_plain_environment() {
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const std::string_view name = text.substr(0, text.find('='));
        if (name == "GIT_COMMON_DIR")
            return false;
        const bool has_lines =
            name == "GIT_CONFIG_PARAMETERS" || name.starts_with("GIT_CONFIG_KEY_");
        if (has_lines && (mentions(text, kCredential) || mentions(text, kInclude)))
            return false;
    }
    return true;
}

bool is_missing(const std::string& path) {
    struct stat status {};
    return lstat(path.c_str(), &status) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

// Whether nothing in the working directory and above it may be a repository.
bool is_outside_of_repositories() {
    std::array<char, PATH_MAX> buffer{};
    if (getcwd(buffer.data(), buffer.size()) == nullptr || buffer[0] != '/')
        return false;
    for (std::string folder(buffer.data());; folder.erase(folder.rfind('/'))) {
        if (!is_missing(folder + "/.git") || !is_missing(folder + "/HEAD"))
            return false;
        if (folder.empty() || folder == "/")
            return true;
    }
}

// Adds the lines of a file that need not be there.
bool add_file(const std::string& path, std::string& lines) {
    const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file)
        return errno == ENOENT || errno == ENOTDIR;
    struct stat status {};
    if (path == "/dev/null")
        return true;
    if (fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
        static_cast<std::size_t>(status.st_size) > limits::kGitHelpersBytes)
        return false;
    // A byte more, so that the end is seen.
    std::string text(static_cast<std::size_t>(status.st_size) + 1, '\0');
    const ssize_t got = read(file.get(), text.data(), text.size());
    return got == status.st_size &&
           add_helper_lines(std::string_view(text).substr(0, text.size() - 1), lines);
}

// Whether the git that runs us was made with the prefix /usr, and so has its system file in /etc.
// It puts the folder of its programs before PATH, and names it.
bool is_git_below_usr() {
    const std::string path = variable("PATH").value_or("");
    const std::string folder = path.substr(0, path.find(':'));
    const bool is_known = folder == "/usr/lib/git-core" || folder == "/usr/libexec/git-core";
    return is_known && variable("GIT_EXEC_PATH").value_or(folder) == folder;
}

bool add_system_file(std::string& lines) {
    const std::optional<std::string> none = variable("GIT_CONFIG_NOSYSTEM");
    if (none)
        return *none == "1" || *none == "true";
    if (const std::optional<std::string> path = variable("GIT_CONFIG_SYSTEM"))
        return add_file(*path, lines);
    return is_git_below_usr() && add_file("/etc/gitconfig", lines);
}

bool add_users_files(std::string& lines) {
    if (const std::optional<std::string> path = variable("GIT_CONFIG_GLOBAL"))
        return add_file(*path, lines);
    const std::string home = variable("HOME").value_or("");
    if (home.empty())
        return false;
    std::string folder = variable("XDG_CONFIG_HOME").value_or("");
    if (folder.empty())
        folder = home + "/.config";
    return add_file(folder + "/git/config", lines) && add_file(home + "/.gitconfig", lines);
}

// git says which one it is in to every program that it runs, but for those of `git credential`.
bool add_repositorys_file(std::string& lines) {
    const std::optional<std::string> folder = variable("GIT_DIR");
    if (!folder)
        return is_outside_of_repositories();
    return is_missing(*folder + "/commondir") && !is_missing(*folder + "/config") &&
           add_file(*folder + "/config", lines);
}

}  // namespace

bool add_helper_lines(std::string_view file, std::string& lines) {
    if (!mentions(file, kCredential) && !mentions(file, kInclude) &&
        !mentions(file, kWorktreeConfig))
        return true;
    constexpr std::string_view kNoLines("\r\0", 2);
    if (file.find_first_of(kNoLines) != std::string_view::npos ||
        file.find("\\\n") != std::string_view::npos)
        return false;
    std::optional<std::string> section;
    while (!file.empty()) {
        const std::string_view line = trim(file.substr(0, file.find('\n')));
        file.remove_prefix(std::min(file.find('\n'), file.size() - 1) + 1);
        if (line.empty() || line.front() == '#' || line.front() == ';')
            continue;
        if (line.front() == '[') {
            section = section_of(line);
            if (!section && (mentions(line, kCredential) || mentions(line, kInclude)))
                return false;
        } else if (!is_letter(line.front()) || (section && !add_variable(line, *section, lines))) {
            return false;
        }
        if (mentions(line, kWorktreeConfig))
            return false;
    }
    return true;
}

std::optional<std::string> read_helper_lines() {
    std::string lines;
    if (!is_plain_environment() || !add_system_file(lines) || !add_users_files(lines) ||
        !add_repositorys_file(lines))
        return std::nullopt;
    return lines;
}

}  // namespace patd::credential_helper
