// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_config.h"

#include "cli/io/process.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>

namespace patd::cli {
namespace {

constexpr std::string_view kHelperName = "/git-credential-pat";
constexpr char kKey[] = "credential.helper";

const char* scope_option(GitScope scope) {
    return scope == GitScope::System ? "--system" : "--global";
}

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

bool is_ours(const std::string& value) {
    return value.starts_with('/') && value.ends_with(kHelperName);
}

// Whether `value` starts `helper`, perhaps with options of its own.
bool starts(const std::string& value, const std::string& helper) {
    return value == helper || value.starts_with(helper + " ");
}

Result<void> run_git_config(GitScope scope, std::vector<std::string> rest) {
    std::vector<std::string> arguments = {"git", "config", scope_option(scope)};
    arguments.insert(arguments.end(), rest.begin(), rest.end());
    if (TRY(run_process(arguments)).status != 0)
        return Error{Errc::AccessDenied, "git could not write its configuration"};
    return {};
}

// git answers with status 1 when there is no such line, or no such file.
Result<std::vector<std::string>> read_helpers(GitScope scope) {
    const ProcessResult result =
        TRY(run_process({"git", "config", scope_option(scope), "-z", "--get-all", kKey}));
    if (result.status > 1)
        return Error{Errc::Unavailable, "git could not read its configuration"};
    return split_fields(result.output);
}

}  // namespace

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

Result<void> write_git_config(GitScope scope, const std::string& helper) {
    const std::vector<std::string> helpers = TRY(read_helpers(scope));
    const std::size_t count = helpers.size();
    if (count >= 2 && starts(helpers[count - 1], helper) && helpers[count - 2].empty())
        return {};
    for (const std::string& old : helpers) {
        // The first --unset-all took every line with this value.
        if (is_ours(old) && &old == &*std::find(helpers.begin(), helpers.end(), old))
            TRY(run_git_config(scope, {"--fixed-value", "--unset-all", kKey, old}));
    }
    TRY(run_git_config(scope, {"--add", kKey, ""}));
    return run_git_config(scope, {"--add", kKey, helper});
}

bool sends_path(const std::string& origin) {
    const Result<ProcessResult> ran = run_process(
        {"git", "config", "--type=bool", "--get-urlmatch", "credential.useHttpPath", origin});
    return ran && ran->output.starts_with("true");
}

Result<void> write_use_path(GitScope scope, const std::string& origin) {
    return run_git_config(scope, {"credential." + origin + ".useHttpPath", "true"});
}

std::vector<HelperLine> parse_helper_lines(std::string_view output) {
    const std::vector<std::string> fields = split_fields(output);
    std::vector<HelperLine> lines;
    for (std::size_t i = 0; i + 2 < fields.size(); i += 3) {
        const std::size_t end = fields[i + 2].find('\n');
        const std::string value = end == std::string::npos ? "" : fields[i + 2].substr(end + 1);
        lines.push_back({fields[i], fields[i + 1], fields[i + 2].substr(0, end), value});
    }
    return lines;
}

std::vector<HelperLine> select_remaining(const std::vector<HelperLine>& lines,
                                         const std::string& helper) {
    std::vector<HelperLine> remaining;
    bool after_ours = false;
    for (const HelperLine& line : lines) {
        if (starts(line.value, helper))
            after_ours = true;
        else if (line.value.empty() && line.key == kKey)
            remaining.clear();
        else if (after_ours && !line.value.empty())
            remaining.push_back(line);
    }
    return remaining;
}

Result<std::vector<HelperLine>> read_helper_lines() {
    const ProcessResult result =
        TRY(run_process({"git", "config", "--show-scope", "--show-origin", "-z", "--get-regexp",
                         "^credential\\.(.*\\.)?helper$"}));
    return parse_helper_lines(result.output);
}

Result<std::vector<HelperLine>> find_other_helpers(const std::string& helper) {
    return select_remaining(TRY(read_helper_lines()), helper);
}

}  // namespace patd::cli
