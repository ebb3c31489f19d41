// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace patd::credential_helper {

// git's `credential.helper` lines without a process of git: that costs more than all of a `get`.

// What `git config --null --get-regexp` says of them, in its order, for the git that runs this
// program: read from the files that git reads, named by the environment as git does. Nothing where
// only git itself can tell: what includes other files, continues a line, quotes a value; a worktree
// of another repository, a repository that git would have to look for, a git whose system file has
// another name than /etc/gitconfig. In doubt, nothing.
std::optional<std::string> read_helper_lines();

// The same of one file: appends to `lines`. Whether it could tell. Pure.
bool add_helper_lines(std::string_view file, std::string& lines);

}  // namespace patd::credential_helper
