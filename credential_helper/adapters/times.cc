// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/adapters/times.h"

#include <algorithm>
#include <chrono>

namespace patd::credential_helper {
namespace {

constexpr std::int64_t kLastSecond = 253402300799;  // of the year 9999

void append_padded(std::string& text, std::int64_t number, std::size_t digits, char after) {
    const std::string written = std::to_string(number);
    text.append(digits - std::min(digits, written.size()), '0').append(written) += after;
}

}  // namespace

std::string format_time(std::int64_t seconds) {
    const std::chrono::sys_seconds at{
        std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, kLastSecond))};
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(at - day);
    std::string text;
    append_padded(text, int{date.year()}, 4, '-');
    append_padded(text, unsigned{date.month()}, 2, '-');
    append_padded(text, unsigned{date.day()}, 2, 'T');
    append_padded(text, clock.hours().count(), 2, ':');
    append_padded(text, clock.minutes().count(), 2, ':');
    append_padded(text, clock.seconds().count(), 2, 'Z');
    return text;
}

}  // namespace patd::credential_helper
