// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/audit_place.h"

#include "cli/text/table.h"

#include <string_view>
#include <utility>

namespace patd::cli {
namespace {

// The word after `mark`, and takes both off; "" where `text` begins otherwise.
std::string take_marked(std::string& text, std::string_view mark) {
    const std::size_t end = text.find(' ', mark.size());
    if (!text.starts_with(mark) || end == std::string::npos)
        return {};
    std::string word = text.substr(mark.size(), end - mark.size());
    text.erase(0, end + 1);
    return word;
}

}  // namespace

AuditPlace parse_audit_place(std::string where) {
    AuditPlace parsed;
    parsed.exposure = take_marked(where, "exposed ");
    parsed.tool = take_marked(where, "tool ");
    parsed.place = std::move(where);
    return parsed;
}

std::string format_place(const AuditPlace& where) {
    return (where.exposure.empty() ? "" : "exposed " + printable(where.exposure) + " ") +
           printable(where.place);
}

}  // namespace patd::cli
