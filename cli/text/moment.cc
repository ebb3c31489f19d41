// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/moment.h"

#include "cli/text/duration.h"
#include "cli/text/shown_value.h"

#include <array>
#include <ctime>
#include <string>

namespace patd::cli {
namespace {

constexpr std::array kForms = {"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"};
constexpr std::array<std::size_t, 3> kLengths = {10, 16, 19};

Error refuse_moment(std::string_view text) {
    return {Errc::MalformedRequest,
            shown_value(text) +
                ": write a time as 2h, 7d, today, yesterday, YYYY-MM-DD or 'YYYY-MM-DD HH:MM'"};
}

Result<UnixTime> parse_calendar(const std::string& text, const char* form) {
    std::tm parsed{};
    const char* end = strptime(text.c_str(), form, &parsed);
    if (end == nullptr || *end != '\0')
        return refuse_moment(text);
    std::tm local = parsed;
    local.tm_isdst = -1;
    const std::time_t time = std::mktime(&local);
    // mktime makes the 1st of March of the 30th of February.
    if (time < 0 || local.tm_mday != parsed.tm_mday || local.tm_mon != parsed.tm_mon)
        return refuse_moment(text);
    return UnixTime{time};
}

// The midnight so many days before that of today: not 24 hours each where the clocks change.
UnixTime midnight(UnixTime now, int days_before) {
    const std::time_t seconds = now;
    std::tm local{};
    localtime_r(&seconds, &local);
    local.tm_hour = local.tm_min = local.tm_sec = 0;
    local.tm_mday -= days_before;
    local.tm_isdst = -1;
    return std::mktime(&local);
}

}  // namespace

Result<UnixTime> parse_moment(std::string_view text, UnixTime now) {
    for (std::size_t i = 0; i < kForms.size(); ++i) {
        // Of a fixed length: strptime would also take single digits and spaces.
        if (text.size() == kLengths[i] && text.find('-') == 4)
            return parse_calendar(std::string(text), kForms[i]);
    }
    if (text == "today" || text == "yesterday")
        return midnight(now, text == "today" ? 0 : 1);
    const Result<std::int64_t> ago = parse_duration(text);
    if (!ago)
        return refuse_moment(text);
    return now - *ago;
}

}  // namespace patd::cli
