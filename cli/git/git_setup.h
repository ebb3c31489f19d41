// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/git/git_config.h"
#include "cli/session/session.h"

#include <optional>
#include <string>

namespace patd::cli {

// Makes `helper` the first helper of `scope` that git asks everywhere, in three lines:
// `[credential]`, an empty `helper =`, which forgets every helper that was named before, and
// `helper = /absolute/path`. Behind it stay helpers that keep nothing. What the configuration says
// of places of their own holds as before: their lines follow where they would be forgotten. A
// second run changes nothing. Errors: as change_git_config.
Result<void> write_helper(GitScope scope, const std::string& helper);

// The same for the place of one URL: git asks `helper` alone there. MalformedRequest: no URL.
Result<void> write_helper_for(GitScope scope, const std::string& helper, const std::string& url);

// Whether git tells a helper the path of a URL at `origin` (credential.useHttpPath).
bool sends_path(const std::string& origin, Where where = Where::Here);

// `patctl setup git`: writes, asks git whom it would ask now, and says that.
struct GitSetup {
    GitScope scope = GitScope::Global;
    std::optional<std::string> url{};                         // for that place only
    std::optional<std::vector<client::Dictionary>> tokens{};  // the caller's, where they are known
};
Result<ExitCode> set_up_git(const Session& session, const GitSetup& setup);

}  // namespace patd::cli
