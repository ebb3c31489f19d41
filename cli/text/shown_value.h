// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <string>
#include <string_view>

namespace patd::cli {

// What somebody typed, as an error may repeat it: made visible, of 64 bytes at most, and without
// what may be a secret in it. That is the user name and password of a URL, all from its '?' or '#'
// on, and anything that looks like a token. Pure.
std::string shown_value(std::string_view typed);

// The same of the name of a file, which is shown whole: half of a path helps nobody. Pure.
std::string shown_file(std::string_view typed);

}  // namespace patd::cli
