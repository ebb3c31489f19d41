// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace patd::line {

// The program that git runs for `value`, one of its `credential.helper` settings, if that is
// git-credential-pat and nothing else: its path, or the name that a shell looks up. Nothing if it
// is another helper. git passes all of them to a shell: what follows a `!` and an absolute path
// unchanged, anything else with `git credential-` in front. In doubt it counts as another helper:
// anything that a shell would expand, redirect or run in a list, or a wrapper program. Pure.
std::optional<std::string> find_helper_program(std::string_view value);

// The value with which git runs the program at an absolute path, in one process less than by the
// path alone: the shell becomes the program instead of waiting for it.
std::string format_helper(std::string_view path);

}  // namespace patd::line
