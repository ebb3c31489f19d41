// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/duration.h"

#include "cli/text/shown_value.h"
#include "common/base/duration.h"
#include "common/base/limits.h"
#include "common/base/parse_number.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>

namespace patd::cli {
namespace {

constexpr std::int64_t kDay = 24LL * 3600;
constexpr std::int64_t kYear = 365 * kDay;

Error refuse_value(std::string_view text, const std::string& why) {
    return {Errc::InvalidExpiry, shown_value(text) + ": " + why};
}

// The number alone, which stands before the first other character.
std::string number_of(std::string_view text) {
    return std::string(text.substr(0, text.find_first_not_of("0123456789")));
}

Error refuse_duration(std::string_view text, DurationFault fault) {
    switch (fault) {
        case DurationFault::NoUnit:
            return refuse_value(text, "a number needs a unit, such as " + number_of(text) +
                                          "d or " + number_of(text) + "m");
        case DurationFault::UnknownUnit:
            return refuse_value(
                text, "the units are s, m, h, d, w and y, as in " + number_of(text) + "d");
        case DurationFault::TooLong:
            return refuse_value(text, "this is too long; at most 10y");
        case DurationFault::NoNumber:
        case DurationFault::None:
            break;
    }
    return refuse_value(text, "this is not a time; write 5m, 12h, 90d, 2w or 1y");
}

Result<std::int64_t> checked(std::string_view text, const ReadDuration& read) {
    if (read.fault != DurationFault::None)
        return refuse_duration(text, read.fault);
    if (read.seconds == 0)
        return refuse_value(text, "this is no time at all; write at least 1s");
    return read.seconds;
}

bool is_date(std::string_view text) {
    return text.size() == 10 && text[4] == '-' && text[7] == '-';
}

std::optional<int> read_digits(std::string_view text) {
    const bool is_number =
        std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    return is_number ? parse_number<int>(text) : std::nullopt;
}

Result<UnixTime> parse_date(std::string_view text) {
    const std::optional<int> year_number = read_digits(text.substr(0, 4));
    const std::optional<int> month_number = read_digits(text.substr(5, 2));
    const std::optional<int> day_number = read_digits(text.substr(8, 2));
    if (!year_number || !month_number || !day_number)
        return refuse_value(text, "write a date as YYYY-MM-DD");
    if (!std::chrono::year_month_day(std::chrono::year(*year_number),
                                     std::chrono::month(static_cast<unsigned>(*month_number)),
                                     std::chrono::day(static_cast<unsigned>(*day_number)))
             .ok())
        return refuse_value(text, "the calendar has no such day");
    std::tm midnight{};
    midnight.tm_year = *year_number - 1900;
    midnight.tm_mon = *month_number - 1;
    midnight.tm_mday = *day_number + 1;
    midnight.tm_isdst = -1;
    return static_cast<UnixTime>(std::mktime(&midnight));
}

}  // namespace

Result<std::int64_t> parse_duration(std::string_view text) {
    return checked(text, read_duration(text, limits::kExpirySecondsMax));
}

Result<std::int64_t> parse_lifetime(std::string_view text) {
    ReadDuration read = read_duration(text, limits::kExpirySecondsMax);
    if (read.fault == DurationFault::NoUnit)
        read.fault = DurationFault::None;
    return checked(text, read);
}

Result<UnixTime> parse_expiry_text(std::string_view text, UnixTime now) {
    if (text == "never")
        return UnixTime{0};
    if (!is_date(text)) {
        const ReadDuration read = read_duration(text, limits::kExpirySecondsMax);
        if (read.fault == DurationFault::NoNumber)
            return refuse_value(text,
                                "this is not a time; write 90d, 12h, 2w, 1y, YYYY-MM-DD or never");
        return now + TRY(checked(text, read));
    }
    const UnixTime expires = TRY(parse_date(text));
    if (expires <= now)
        return refuse_value(text, "this day is past");
    if (expires > now + limits::kExpirySecondsMax)
        return refuse_value(text, "this is too far ahead; at most 10y");
    return expires;
}

std::string format_duration(std::int64_t seconds) {
    struct Unit {
        std::int64_t seconds;
        char letter;
    };
    constexpr std::array kUnits = {Unit{kYear, 'y'}, Unit{kDay, 'd'}, Unit{3600, 'h'},
                                   Unit{60, 'm'}};
    for (const Unit& unit : kUnits) {
        if (seconds != 0 && seconds % unit.seconds == 0)
            return std::to_string(seconds / unit.seconds) + unit.letter;
    }
    return std::to_string(seconds) + "s";
}

}  // namespace patd::cli
