// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/clock.h"

#include <ctime>

namespace patd {
namespace {

timespec read_clock(clockid_t id) {
    timespec value{};
    clock_gettime(id, &value);
    return value;
}

}  // namespace

std::string_view clock_trust_name(ClockTrust trust) {
    switch (trust) {
        case ClockTrust::Right:
            return "right";
        case ClockTrust::Ahead:
            return "ahead";
        case ClockTrust::Behind:
            return "behind";
        case ClockTrust::Unknown:
            return "unknown";
    }
    return "";
}

UnixTime SystemClock::now() const {
    return read_clock(CLOCK_REALTIME).tv_sec;
}

std::chrono::milliseconds SystemClock::since_boot() const {
    const timespec value = read_clock(CLOCK_BOOTTIME);
    return std::chrono::seconds(value.tv_sec) +
           std::chrono::milliseconds(value.tv_nsec / 1'000'000);
}

}  // namespace patd
