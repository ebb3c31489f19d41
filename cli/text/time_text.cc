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
};

constexpr std::array kNamedUnits = {
    NamedUnit{365LL * 24 * 3600, "year"},
    NamedUnit{24LL * 3600, "day"},
    NamedUnit{3600, "hour"},
    NamedUnit{60, "minute"},
};

std::string format_amount(UnixTime seconds) {
    for (const NamedUnit& unit : kNamedUnits) {
        const UnixTime amount = seconds / unit.seconds;
        // 400 days say more than one year.
        if (amount >= 2 || (amount == 1 && unit.seconds <= 24LL * 3600))
            return std::to_string(amount) + " " + unit.name + (amount == 1 ? "" : "s");
    }
    return {};
}

}  // namespace

std::string format_time(UnixTime time) {
    if (time == 0)
        return "never";
    const std::time_t seconds = time;
    std::tm local{};
    if (localtime_r(&seconds, &local) == nullptr)
        return "?";
    std::array<char, 64> text{};
    const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M", &local);
    return {text.data(), length};
}

std::string format_distance(UnixTime time, UnixTime now) {
    if (time == 0)
        return "never";
    const std::string amount = format_amount(time > now ? time - now : now - time);
    if (amount.empty())
        return "now";
    return time > now ? "in " + amount : amount + " ago";
}

}  // namespace patd::cli
