// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace patd::line {

// The program that git runs for `value`, one of its `credential.helper`, where that is
// git-credential-pat and nothing beside it: its path, or its name where a shell looks for it.
// Nothing where it is another's. git gives all of them to a shell: what follows a `!` and an
// absolute path as they are, anything else with `git credential-` before it. In doubt it is
// another's: what a shell would expand, redirect or run in a list, and a program around it. Pure.
std::optional<std::string> find_helper_program(std::string_view value);

// An absolute path as such a value.
std::string format_helper(std::string_view path);

}  // namespace patd::line
