// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/clock.h"

#include <gtest/gtest.h>

#include <ctime>

namespace patd {
namespace {

TEST(SystemClock, NowIsTheWallClockInSeconds) {
    const SystemClock clock;
    const UnixTime before = std::time(nullptr);
    const UnixTime now = clock.now();
    // time(2) reads a coarse clock, which lags by a tick.
    EXPECT_GE(now, before);
    EXPECT_LE(now, std::time(nullptr) + 1);
}

TEST(SystemClock, SinceBootIsCounted) {
    const SystemClock clock;
    timespec boot{};
    ASSERT_EQ(clock_gettime(CLOCK_BOOTTIME, &boot), 0);
    const auto shown = clock.since_boot();
    EXPECT_GE(shown.count(), boot.tv_sec * 1000 + boot.tv_nsec / 1'000'000);
    EXPECT_LT(shown - std::chrono::seconds(boot.tv_sec), std::chrono::seconds(60));
}

TEST(SystemClock, SinceBootNeverGoesBack) {
    const SystemClock clock;
    auto last = clock.since_boot();
    for (int i = 0; i < 10000; ++i) {
        const auto next = clock.since_boot();
        ASSERT_GE(next, last);
        last = next;
    }
}

}  // namespace
}  // namespace patd
