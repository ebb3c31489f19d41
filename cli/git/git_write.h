// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/git/git_config.h"

#include <set>
#include <string>

namespace patd::cli {

// What `setup git` writes and takes back: the block of lines of git_block.h, worked out and written
// while git's own lock is held (git_file.h). Errors of all: as change_git_config.

// Whether helpers that git asks everywhere stay, behind ours.
enum class Others { Forgotten, Kept };

// Makes the program at the absolute path `helper` the first helper of `scope` that git asks
// everywhere, in three lines: `[credential]`, an empty `helper =`, which forgets every helper that
// was named before, and `helper = !exec /absolute/path`. One that stands there in another spelling,
// or with options, stays as it is. Behind it stay helpers that keep nothing. What the configuration
// says of places of their own holds as before: their lines follow where they would be forgotten. A
// second run changes nothing.
Result<void> write_helper(GitScope scope, const std::string& helper,
                          Others others = Others::Forgotten);

// The same for the place of one URL: git asks `helper` alone there. MalformedRequest: no URL.
Result<void> write_helper_for(GitScope scope, const std::string& helper, const std::string& url);

// Lets git tell helpers the path of URLs at each of `origins`.
Result<void> write_paths(GitScope scope, const std::set<std::string>& origins);

// Takes back all of it; what others have written into the block since stays. Whether there was
// anything.
Result<bool> undo_setup(GitScope scope);

}  // namespace patd::cli
