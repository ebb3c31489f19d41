// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/limited_text.h"

#include "cli/text/table.h"

#include <array>

namespace patd::cli {
namespace {

// Stands for all uids that have no account here (org.patd.Tokens1(5)).
constexpr std::string_view kStrangers = "65534";

// Nothing is left in `rest` at the end of a whole entry.
std::string_view take_word(std::string_view& rest) {
    const std::size_t end = rest.find(' ');
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return word;
}

}  // namespace

std::string describe_limited(std::string_view entry) {
    std::string_view rest = entry;
    std::array<std::string_view, 4> words;
    for (std::string_view& word : words)
        word = take_word(rest);
    const auto [uid, limit, count, seconds] = words;
    if (seconds.empty() || !rest.empty())
        return printable(entry);
    const std::string who = uid == kStrangers ? "uids without an account" : "uid " + printable(uid);
    return who + ": " + printable(limit) + ", " + printable(count) +
           (count == "1" ? " time, last " : " times, last ") + printable(seconds) + " s ago";
}

}  // namespace patd::cli
