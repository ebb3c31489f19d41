// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/parse_number.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace patd {

// Lengths of time as people write them, in the one grammar of patctl, git-credential-pat and
// patd.conf: a whole number and a unit, with blanks between them or none ("90d", "5 min").

struct DurationUnit {
    std::string_view name;
    std::int64_t seconds;
};

// A year has 365 days. There are no months, which have no length.
inline constexpr std::array kDurationUnits = {
    DurationUnit{"s", 1},
    DurationUnit{"sec", 1},
    DurationUnit{"second", 1},
    DurationUnit{"seconds", 1},
    DurationUnit{"m", 60},
    DurationUnit{"min", 60},
    DurationUnit{"minute", 60},
    DurationUnit{"minutes", 60},
    DurationUnit{"h", 3600},
    DurationUnit{"hr", 3600},
    DurationUnit{"hour", 3600},
    DurationUnit{"hours", 3600},
    DurationUnit{"d", 86'400},
    DurationUnit{"day", 86'400},
    DurationUnit{"days", 86'400},
    DurationUnit{"w", 604'800},
    DurationUnit{"week", 604'800},
    DurationUnit{"weeks", 604'800},
    DurationUnit{"y", 31'536'000},
    DurationUnit{"year", 31'536'000},
    DurationUnit{"years", 31'536'000},
};

enum class DurationFault { None, NoNumber, NoUnit, UnknownUnit, TooLong };

struct ReadDuration {
    DurationFault fault = DurationFault::None;
    std::int64_t seconds = 0;  // without a fault; of NoUnit, as if it were one of seconds
};

// At most `most` seconds; 0 is a length too.
inline ReadDuration read_duration(std::string_view text, std::int64_t most) {
    const std::size_t digits = text.find_first_not_of("0123456789");
    std::string_view unit = digits == std::string_view::npos ? "" : text.substr(digits);
    if (text.substr(0, digits).empty())
        return {DurationFault::NoNumber};
    while (unit.starts_with(' '))
        unit.remove_prefix(1);
    const auto number = parse_number<std::int64_t>(text.substr(0, digits));
    if (unit.empty() && digits == std::string_view::npos)
        return number && *number <= most ? ReadDuration{DurationFault::NoUnit, *number}
                                         : ReadDuration{DurationFault::TooLong};
    for (const DurationUnit& known : kDurationUnits) {
        if (known.name != unit)
            continue;
        if (!number || *number > most / known.seconds)
            return {DurationFault::TooLong};
        return {DurationFault::None, *number * known.seconds};
    }
    return {DurationFault::UnknownUnit};
}

}  // namespace patd
