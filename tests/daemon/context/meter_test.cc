// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/context/meter.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

constexpr UnixTime kNow = 1'800'000'000;

TEST(Meter, BeginsWithNothing) {
    const Meter meter;
    EXPECT_EQ(meter.total(), 0U);
    EXPECT_EQ(meter.last_minute(kNow), 0U);
}

TEST(Meter, CountsAMinuteAndEverything) {
    Meter meter;
    for (int second = 0; second < 90; ++second) {
        meter.count(kNow + second);
        meter.count(kNow + second);
    }
    EXPECT_EQ(meter.total(), 180U);
    EXPECT_EQ(meter.last_minute(kNow + 89), 120U);
    EXPECT_EQ(meter.last_minute(kNow + 90), 118U);
    EXPECT_EQ(meter.last_minute(kNow + 148), 2U);
    EXPECT_EQ(meter.last_minute(kNow + 149), 0U);
    EXPECT_EQ(meter.total(), 180U);
}

TEST(Meter, AClockThatIsSetBackCountsNothingTwice) {
    Meter meter;
    meter.count(kNow);
    EXPECT_EQ(meter.last_minute(kNow - 3600), 0U);
    meter.count(kNow - 3600);
    EXPECT_EQ(meter.last_minute(kNow - 3600), 1U);
    EXPECT_EQ(meter.total(), 2U);
}

}  // namespace
}  // namespace patd
