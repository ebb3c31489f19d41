// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/duration.h"

#include "common/base/limits.h"
#include "common/base/parse_number.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <utility>

namespace patd::cli {
namespace {

struct Unit {
    char letter;
    std::int64_t seconds;
};

constexpr std::array kLetterUnits = {
    Unit{'s', 1},
    Unit{'m', 60},
    Unit{'h', 3600},
    Unit{'d', 24LL * 3600},
    Unit{'w', 7LL * 24 * 3600},
    Unit{'y', 365LL * 24 * 3600},
};

Error refuse() {
    return {Errc::InvalidExpiry, "write 90d, 12h, 5m, 2w, 1y, YYYY-MM-DD or never"};
}

bool is_number(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Result<std::int64_t> parse_digits(std::string_view text) {
    const auto number = parse_number<std::int64_t>(text);
    if (!number || !is_number(text))
        return refuse();
    return *number;
}

bool is_date(std::string_view text) {
    return text.size() == 10 && text[4] == '-' && text[7] == '-';
}

Result<UnixTime> parse_date(std::string_view text) {
    const int year_number = static_cast<int>(TRY(parse_digits(text.substr(0, 4))));
    const auto month_number = static_cast<unsigned>(TRY(parse_digits(text.substr(5, 2))));
    const auto day_number = static_cast<unsigned>(TRY(parse_digits(text.substr(8, 2))));
    if (!std::chrono::year_month_day(std::chrono::year(year_number),
                                     std::chrono::month(month_number), std::chrono::day(day_number))
             .ok())
        return refuse();
    std::tm midnight{};
    midnight.tm_year = year_number - 1900;
    midnight.tm_mon = static_cast<int>(month_number) - 1;
    midnight.tm_mday = static_cast<int>(day_number) + 1;
    midnight.tm_isdst = -1;
    return static_cast<UnixTime>(std::mktime(&midnight));
}

// Units as people write them out.
constexpr std::array kWords = {
    std::pair("sec", 's'),  std::pair("min", 'm'), std::pair("hour", 'h'),
    std::pair("hr", 'h'),   std::pair("day", 'd'), std::pair("wk", 'w'),
    std::pair("week", 'w'), std::pair("yr", 'y'),  std::pair("year", 'y'),
};

// What was meant by `90days` or `5 min`; nothing where that is not known.
std::string nearest_duration(const std::string& text) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
    const std::size_t unit = std::min(text.find_first_not_of(' ', end), text.size());
    if (end == 0)
        return {};
    for (const auto& [word, letter] : kWords) {
        if (text.compare(unit, std::char_traits<char>::length(word), word) == 0)
            return "; did you mean " + text.substr(0, end) + letter + "?";
    }
    return {};
}

// One that is too long, or 0, is wrong for another reason.
bool has_form(const std::string& text) {
    const bool has_unit =
        std::any_of(kLetterUnits.begin(), kLetterUnits.end(),
                    [&](const Unit& unit) { return text.ends_with(unit.letter); });
    return has_unit && is_number(std::string_view(text).substr(0, text.size() - 1));
}

}  // namespace

std::string check_duration(const std::string& text) {
    if (has_form(text))
        return {};
    return "write a time as 300s, 5m, 12h, 90d, 2w or 1y" + nearest_duration(text);
}

std::string check_expiry(const std::string& text) {
    if (has_form(text) || parse_expiry_text(text, 0))
        return {};
    return "write 90d, 12h, 5m, 2w, 1y, YYYY-MM-DD or never" + nearest_duration(text);
}

Result<std::int64_t> parse_duration(std::string_view text) {
    const auto unit = std::find_if(
        kLetterUnits.begin(), kLetterUnits.end(),
        [&](const Unit& candidate) { return !text.empty() && text.back() == candidate.letter; });
    if (unit == kLetterUnits.end())
        return refuse();
    const std::int64_t number = TRY(parse_digits(text.substr(0, text.size() - 1)));
    if (number == 0 || number > limits::kExpirySecondsMax / unit->seconds)
        return refuse();
    return number * unit->seconds;
}

Result<UnixTime> parse_expiry_text(std::string_view text, UnixTime now) {
    if (text == "never")
        return UnixTime{0};
    if (is_date(text))
        return parse_date(text);
    return now + TRY(parse_duration(text));
}

}  // namespace patd::cli
