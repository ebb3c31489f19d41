// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace patd::cli::tools {

// A configuration file as a list of its values, each under its whole name, such as `a."x y"[0]`.
// Whatever the format, two texts can be compared by it. An object without members is a value too.
using FlatText = std::map<std::string, std::string>;

// What a parser says no to is an Error whose context is `line N: WHY`, or WHY alone, without bytes
// of the file: there may be secrets in it.
struct Format {
    const char* name;
    Result<FlatText> (*flatten)(std::string_view text);
    std::string_view nothing;  // the text of a file without values
};

inline constexpr std::size_t kToolFileBytes = std::size_t{1024} * 1024;
inline constexpr std::size_t kToolFileDepth = 64;
inline constexpr std::size_t kToolFileValues = 50'000;

// The name of a member below `prefix`.
std::string join_name(const std::string& prefix, std::string_view member);
std::string join_index(const std::string& prefix, std::size_t index);

// What is different, a line for each value, first what goes, then what comes: `- a.b = "x"`. None
// when a name is among them that is not `ours`.
struct FlatChange {
    bool only_ours = true;
    std::vector<std::string> lines;
};
FlatChange compare(const FlatText& before, const FlatText& after,
                   const std::function<bool(const std::string&)>& ours);

// `line N: WHY`, for the character at `at`.
Error fault_at(std::string_view text, std::size_t at, const std::string& why);

// How lines end in `text`: as its first one does.
std::string_view line_end_of(std::string_view text);
// Whether the last line has no end.
bool ends_open(std::string_view text);
// Behind the end of the line that `at` is in, and its beginning.
std::size_t end_of_line(std::string_view text, std::size_t at);
std::size_t begin_of_line(std::string_view text, std::size_t at);
// Cuts whole lines; where the last one has no end, the one before it loses its own, so that this
// takes back what was put in with an end before it.
std::string cut_lines(std::string text, std::size_t begin, std::size_t end);
// Where the blank line before `begin` begins; `begin` where there is none.
std::size_t with_blank_line(std::string_view text, std::size_t begin);

}  // namespace patd::cli::tools
