// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <span>
#include <string_view>
#include <vector>

namespace patd::cli {

// A string of a TOML text, by the keys that lead to it. Views the text, in which both were decoded.
struct TomlString {
    std::vector<std::string_view> keys;
    std::string_view value;
};

// All strings that TOML 1.0 has outside of arrays: of one line, in either quotes, in tables, dotted
// keys and inline tables. Numbers, dates and arrays are passed over unread. MalformedRequest, with
// the line: what is none of that, a string of several lines, a table of an array, deeper than
// kImportNesting, or a key that comes twice.
Result<std::vector<TomlString>> read_toml(std::span<char> text);

}  // namespace patd::cli
