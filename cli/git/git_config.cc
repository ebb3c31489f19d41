// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_config.h"

#include "cli/io/process.h"
#include "cli/text/table.h"
#include "cli/text/wrap.h"
#include "common/base/parse_number.h"
#include "common/base/unique_fd.h"

#include <fcntl.h>
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
constexpr char kKeysAndConditions[] =
    "^(credential\\.(.*\\.)?(helper|username|usehttppath)|includeif\\..*\\.path)$";
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

// git's words in the language in which we look for some of them, and no traces, which would look
// like words of a failure.
std::vector<std::string> plain_environment() {
    std::vector<std::string> variables;
    for (char** variable = environ; *variable != nullptr; ++variable)
        variables.emplace_back(*variable);
    std::erase_if(variables, [](const std::string& text) {
        return text.starts_with("LC_ALL=") || text.starts_with("LANGUAGE=") ||
               text.starts_with("GIT_TRACE");
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

std::string variable(const char* name) {
    const char* value = secure_getenv(name);
    return value == nullptr ? "" : value;
}

// git would replace whatever stands in the place of its file, as root even /dev/null.
Result<void> check_is_file(GitScope scope) {
    const std::string name = scope == GitScope::System ? "GIT_CONFIG_SYSTEM" : "GIT_CONFIG_GLOBAL";
    const std::string file = written_file(scope);
    std::error_code failed;
    const std::filesystem::file_status status = std::filesystem::status(file, failed);
    if (!std::filesystem::exists(status) || std::filesystem::is_regular_file(status))
        return {};
    return Error{Errc::AccessDenied,
                 printable(file) + " is no file that git could write; " +
                     (variable(name.c_str()).empty()
                          ? "look at:" + own_line("ls -ld -- " + printable(quote_for_shell(file)))
                          : "run:" + own_line("unset " + name))};
}

// The user's file below XDG_CONFIG_HOME.
std::string xdg_file() {
    const std::string own = variable("XDG_CONFIG_HOME");
    return (own.empty() ? variable("HOME") + "/.config" : own) + "/git/config";
}

// As git finds one that `line` names.
std::string included_file(const ConfigLine& line) {
    if (line.value.starts_with("~/"))
        return variable("HOME") + line.value.substr(1);
    if (line.value.starts_with('/'))
        return line.value;
    const std::string file = config_file_of(line);
    return file.substr(0, file.rfind('/') + 1) + line.value;
}

Result<std::vector<ConfigLine>> read_lines(const char* keys, Where where) {
    std::vector<std::string> variables = plain_environment();
    if (where == Where::Anywhere) {
        std::erase_if(variables,
                      [](const std::string& text) { return text.starts_with("GIT_DIR="); });
        variables.emplace_back("GIT_DIR=/dev/null");
    }
    const ProcessResult result = TRY(
        run_process({"git", "config", "--show-scope", "--show-origin", "-z", "--get-regexp", keys},
                    {.environment = variables}));
    // 1: there is none.
    if (result.status > 1)
        return Error{Errc::Unavailable,
                     "git cannot read its configuration: " + reason_of(result.errors)};
    return parse_credential_lines(result.output);
}

const char* flag_of(GitScope scope) {
    return scope == GitScope::System ? "--system" : "--global";
}

}  // namespace

std::optional<GitVersion> parse_git_version(const std::string& text) {
    constexpr std::string_view kVersionPrefix = "git version ";
    if (!text.starts_with(kVersionPrefix))
        return std::nullopt;
    std::string_view rest = std::string_view(text).substr(kVersionPrefix.size());
    const auto major = take_number<int>(rest);
    if (!major || !rest.starts_with('.'))
        return std::nullopt;
    rest.remove_prefix(1);
    const auto minor = take_number<int>(rest);
    return minor ? std::optional(GitVersion(*major, *minor)) : std::nullopt;
}

std::optional<GitVersion> read_git_version() {
    const Result<ProcessResult> version = run_process({"git", "--version"});
    return version && version->status == 0 ? parse_git_version(version->output) : std::nullopt;
}

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

std::string config_file_of(const ConfigLine& line) {
    constexpr std::string_view kFile = "file:";
    std::string file = line.origin.substr(std::min(kFile.size(), line.origin.size()));
    if (file.starts_with('/'))
        return file;
    const Result<ProcessResult> top = run_process({"git", "rev-parse", "--show-toplevel"});
    std::string directory = std::filesystem::current_path();
    if (top && top->status == 0)
        directory = top->output.substr(0, top->output.find('\n'));
    return directory + "/" + file;
}

std::string written_file(GitScope scope) {
    if (scope == GitScope::System) {
        const std::string named = variable("GIT_CONFIG_SYSTEM");
        return named.empty() ? "/etc/gitconfig" : named;
    }
    if (std::string named = variable("GIT_CONFIG_GLOBAL"); !named.empty())
        return named;
    std::string file = variable("HOME") + "/.gitconfig";
    const bool is_elsewhere =
        access(file.c_str(), F_OK) != 0 && access(xdg_file().c_str(), F_OK) == 0;
    return is_elsewhere ? xdg_file() : file;
}

bool is_main_file(const ConfigLine& line) {
    if (line.scope == "system")
        return line.origin == "file:" + written_file(GitScope::System);
    for (const std::string& file :
         {variable("GIT_CONFIG_GLOBAL"), variable("HOME") + "/.gitconfig", xdg_file()}) {
        if (line.origin == "file:" + file)
            return true;
    }
    return false;
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

Result<std::vector<ConfigLine>> read_credential_lines(Where where) {
    return read_lines(kKeys, where);
}

Result<std::vector<ConditionalFile>> read_conditional_files() {
    std::vector<ConfigLine> lines = TRY(read_lines(kKeysAndConditions, Where::Anywhere));
    std::vector<ConfigLine> before;
    std::vector<ConditionalFile> files;
    for (const ConfigLine& line : lines) {
        if (!line.key.starts_with("includeif.")) {
            for (ConditionalFile& file : files)
                file.around.push_back(line);
            before.push_back(line);
            continue;
        }
        const std::string file = included_file(line);
        const ProcessResult result =
            TRY(run_process({"git", "config", "--file", file, "--includes", "--show-scope",
                             "--show-origin", "-z", "--get-regexp", kKeys},
                            {.environment = plain_environment()}));
        // What git cannot read it does not include.
        std::vector<ConfigLine> own = parse_credential_lines(result.output);
        if (own.empty())
            continue;
        files.push_back({file, before, own});
        files.back().around.insert(files.back().around.end(), own.begin(), own.end());
    }
    return files;
}

std::string fix_refused(GitScope scope, const std::string& reason, const std::string& options) {
    const std::string file = file_of(reason);
    if (reason.find("$HOME not set") != std::string::npos)
        return "set it:" + own_line("export HOME=\"$(getent passwd \"$(id -u)\" | cut -d: -f6)\"");
    if (reason.ends_with("File exists"))
        return "another git is writing it, or one was cut off; if none runs:" +
               own_line("rm -- " + quote_for_shell(file + ".lock"));
    if (reason.ends_with("No such file or directory"))
        return "its directory is missing:" +
               own_line("mkdir -p -- " + quote_for_shell(directory_behind(file)));
    if (reason.ends_with("Permission denied") && scope == GitScope::System)
        return "run it as root:" + own_line("sudo patctl setup git --system" + options);
    if (reason.ends_with("Permission denied") || reason.ends_with("Read-only file system"))
        return "this user may not write there; if something else makes that file, put into it "
               "the three lines of patctl(1), 'setup git', else look at:" +
               own_line("ls -ld -- " + quote_for_shell(file) + " " +
                        quote_for_shell(directory_behind(file)));
    return "look at:" + own_line("git config --list --show-origin");
}

Result<void> change_git_config(GitScope scope, const std::vector<std::string>& change,
                               const std::string& options) {
    TRY(check_is_file(scope));
    std::vector<std::string> arguments = {"git", "config", flag_of(scope)};
    arguments.insert(arguments.end(), change.begin(), change.end());
    const ProcessResult result = TRY(run_process(arguments, {.environment = plain_environment()}));
    const bool nothing_to_unset = result.status == kNothingThere && result.errors.empty();
    if (result.status == 0 || nothing_to_unset)
        return {};
    const std::string reason = reason_of(result.errors);
    return Error{Errc::AccessDenied, reason + "; " + fix_refused(scope, reason, options)};
}

}  // namespace patd::cli
