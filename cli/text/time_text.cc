// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/time_text.h"

#include <array>
#include <ctime>

namespace patd::cli {
namespace {

struct NamedUnit {
    UnixTime seconds;
    const char* name;
    UnixTime least;  // in seconds; what is shorter is told in the next unit
};

constexpr UnixTime kMinuteSeconds = 60;
constexpr UnixTime kHourSeconds = 60 * kMinuteSeconds;
constexpr UnixTime kDaySeconds = 24 * kHourSeconds;
constexpr UnixTime kYearSeconds = 365 * kDaySeconds;

// Where the next unit would be rounded up to one of this. 400 days say more than one year.
constexpr std::array kNamedUnits = {
    NamedUnit{kYearSeconds, "year", 2 * kYearSeconds - kDaySeconds / 2},
    NamedUnit{kDaySeconds, "day", kDaySeconds - kHourSeconds / 2},
    NamedUnit{kHourSeconds, "hour", kHourSeconds - kMinuteSeconds / 2},
    NamedUnit{kMinuteSeconds, "minute", kMinuteSeconds},
    NamedUnit{1, "second", 0},
};

std::string format_calendar(UnixTime time, std::tm* (*convert)(const std::time_t*, std::tm*),
                            const char* form) {
    const std::time_t seconds = time;
    std::tm calendar{};
    if (convert(&seconds, &calendar) == nullptr)
        return "?";
    std::array<char, 64> text{};
    const std::size_t length = std::strftime(text.data(), text.size(), form, &calendar);
    return {text.data(), length};
}

}  // namespace

std::string format_time(UnixTime time) {
    return time == 0 ? "never" : format_calendar(time, localtime_r, "%Y-%m-%d %H:%M");
}

std::string format_second(UnixTime time) {
    return time == 0 ? "never" : format_calendar(time, localtime_r, "%Y-%m-%d %H:%M:%S");
}

std::string format_rfc3339(UnixTime time) {
    return format_calendar(time, gmtime_r, "%Y-%m-%dT%H:%M:%SZ");
}

std::string format_length(UnixTime seconds) {
    for (const NamedUnit& unit : kNamedUnits) {
        if (seconds < unit.least)
            continue;
        const UnixTime amount = (seconds + unit.seconds / 2) / unit.seconds;
        return std::to_string(amount) + " " + unit.name + (amount == 1 ? "" : "s");
    }
    return "0 seconds";
}

std::string format_distance(UnixTime time, UnixTime now) {
    if (time == 0)
        return "never";
    if (time > now)
        return "in " + format_length(time - now);
    return now - time < kMinuteSeconds ? "just now" : format_length(now - time) + " ago";
}

std::string format_when(UnixTime time, UnixTime now, const Style& style) {
    return style.whole ? format_time(time) : format_distance(time, now);
}

}  // namespace patd::cli
