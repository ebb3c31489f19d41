// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patd::cli {

enum class GitScope { Global, System };

// One line of git's configuration that has a say in whom git asks for credentials, as
// `git config --show-scope --show-origin` names it.
struct ConfigLine {
    std::string scope;   // system, global, local, worktree, command
    std::string origin;  // file:/etc/gitconfig
    std::string key;     // credential.helper, credential.https://host.helper
    std::string value;

    // For every place.
    bool is_general() const { return key == "credential.helper"; }
    bool is_helper() const { return key.ends_with(".helper"); }
};

// Where git-credential-pat is: beside the running program, or else where it was installed.
std::string find_helper();

// Here: also of the repository that it stands in, and what a condition includes here. Anywhere:
// what holds outside of all repositories.
enum class Where { Here, Anywhere };

// Every such line that git reads, in its order: also of included files and of the environment.
// Unavailable: no git, or it cannot read them; the context is git's own reason.
Result<std::vector<ConfigLine>> read_credential_lines(Where where = Where::Here);

// A file that git includes under a condition.
struct ConditionalFile {
    std::string file;
    std::vector<ConfigLine> around;  // what git reads when the condition holds
    std::vector<ConfigLine> own;     // what of that is the file's
};

// Those that the files of the system and of the user name, and that have such lines.
Result<std::vector<ConditionalFile>> read_conditional_files();

// The lines of git's -z output: pure.
std::vector<ConfigLine> parse_credential_lines(std::string_view output);

// The absolute path of the file that it stands in; git names those of a repository from its top.
std::string config_file_of(const ConfigLine& line);

// Whether it stands in the file of the system or of the user itself; others are included by it.
bool is_main_file(const ConfigLine& line);

// The file of `scope` that is written.
std::string written_file(GitScope scope);

// What one `git config` is to do to the file of `scope`; to unset what is not there is no error.
// Unavailable: no git. AccessDenied: git
// cannot write its file; the context is git's own reason and the fix, for which `options` are what
// `patctl setup git` was given besides the scope (" --undo").
Result<void> change_git_config(GitScope scope, const std::vector<std::string>& change,
                               const std::string& options = {});

// What to do about git's own `reason` for not writing the file of `scope`.
std::string fix_refused(GitScope scope, const std::string& reason, const std::string& options);

using GitVersion = std::pair<int, int>;
inline constexpr GitVersion kUnderstandsExpiry = {2, 40};     // password_expiry_utc
inline constexpr GitVersion kUnderstandsEphemeral = {2, 46};  // authtype, ephemeral, state
// Of what `git --version` says: pure.
std::optional<GitVersion> parse_git_version(const std::string& text);
// Of the git that is run here; none when there is no git.
std::optional<GitVersion> read_git_version();

// `word` as a shell reads it.
std::string quote_for_shell(const std::string& word);

}  // namespace patd::cli
