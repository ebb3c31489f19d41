// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/git/git_config.h"

#include <string>
#include <vector>

namespace patd::cli {

// Commands that change whom git asks, to be run as they are printed.

inline constexpr char kSetup[] = "patctl setup git";

// Opens the file for which git cannot read its configuration, by git's own reason.
std::string fix_unreadable(const std::string& reason);

// Takes out this line, and no other with its key. A shell command may hold a secret: it is named by
// its length.
std::string fix_line(const ConfigLine& line);

// The empty helper of a repository or of the environment that forgets patd at `url`: it comes after
// all that `setup git` can write. None when there is none.
const ConfigLine* find_forgetting(const std::vector<ConfigLine>& lines, const std::string& url);

// Lets git ask patd for `url`, where it asks `helpers` today.
std::string fix_not_asked(const std::vector<ConfigLine>& lines,
                          const std::vector<ConfigLine>& helpers, const std::string& url);

// What lets git ask patd for all of `urls`, each command once: nothing where it does. Plain kSetup
// where git cannot be asked.
std::vector<std::string> fixes_not_asked(const std::vector<std::string>& urls);

// Whom git, run here and now, asks for `url`, in one sentence for people, with the fix behind
// it (own_line) where that is not patd. Empty when it is patd alone, and when git cannot be asked.
std::string tell_whom_git_asks(const std::string& url, bool by_path = false);

// `text` with the commands in it as root runs them in the place of `name`. What has sudo in front
// is root's own.
std::string commands_as(const std::string& name, std::string text);

}  // namespace patd::cli
