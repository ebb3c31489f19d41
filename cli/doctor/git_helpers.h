// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/doctor/findings.h"
#include "cli/doctor/machine.h"
#include "cli/git/git_config.h"
#include "common/client/dictionary.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace patd::cli::doctor {

using GitVersion = std::pair<int, int>;

// Pure: `git version 2.39.5 (Debian)`.
std::optional<GitVersion> parse_git_version(const std::string& text);

// Pure: what is wrong with the helpers that git asks, all lines in the order in which it reads
// them.
void check_chain(const Machine& machine, const std::vector<HelperLine>& lines, Findings& findings);

// The user's git, as he runs it: its version, its chain of credential helpers, and whether it asks
// with a path where one of the user's tokens is bound to one. Without git there is nothing to find.
void check_git(const Machine& machine, const std::vector<client::Dictionary>& tokens,
               Findings& findings);

}  // namespace patd::cli::doctor
