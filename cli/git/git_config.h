// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace patd::cli {

enum class GitScope { Global, System };

// One `helper` line that git would read, as `git config --show-scope --show-origin` names it.
struct HelperLine {
    std::string scope;   // system, global, local, worktree, command
    std::string origin;  // file:/etc/gitconfig
    std::string key;     // credential.helper, credential.https://host.helper
    std::string value;
};

// Where git-credential-pat is: beside the running program, or else where it was installed.
std::string find_helper();

// Makes `helper` the last credential helper of `scope` and the only one that git asks, in three
// lines: `[credential]`, an empty `helper =`, which forgets every helper that was named before, and
// `helper = /absolute/path`. What is there already is left as it is, also options of the helper; a
// second run changes nothing.
// Unavailable: no git. AccessDenied: git cannot write its file.
Result<void> write_git_config(GitScope scope, const std::string& helper);

// Whether git tells a helper the path of a URL at `origin` (credential.useHttpPath).
bool sends_path(const std::string& origin);
// Makes it tell the path there. Errors: as write_git_config.
Result<void> write_use_path(GitScope scope, const std::string& origin);

// Every `helper` line that git reads, in its order.
Result<std::vector<HelperLine>> read_helper_lines();

// The helpers that git still asks besides `helper`, because they stand after it.
Result<std::vector<HelperLine>> find_other_helpers(const std::string& helper);

// The lines that count of git's -z output: pure, for find_other_helpers.
std::vector<HelperLine> parse_helper_lines(std::string_view output);
std::vector<HelperLine> select_remaining(const std::vector<HelperLine>& lines,
                                         const std::string& helper);

}  // namespace patd::cli
