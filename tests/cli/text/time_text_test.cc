// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/time_text.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace patd::cli {
namespace {

constexpr UnixTime kDay = 24 * 3600;

TEST(FormatTime, IsLocal) {
    setenv("TZ", "UTC", 1);
    tzset();
    EXPECT_EQ(format_time(1'800'000'000), "2027-01-15 08:00");
    setenv("TZ", "Asia/Tokyo", 1);
    tzset();
    EXPECT_EQ(format_time(1'800'000'000), "2027-01-15 17:00");
}

TEST(FormatTime, SaysNeverForZero) {
    EXPECT_EQ(format_time(0), "never");
}

TEST(FormatTime, IsOfRfc3339ForPrograms) {
    setenv("TZ", "Asia/Tokyo", 1);
    tzset();
    EXPECT_EQ(format_rfc3339(1'800'000'000), "2027-01-15T08:00:00Z");
    EXPECT_EQ(format_second(1'800'000'000), "2027-01-15 17:00:00");
    EXPECT_EQ(format_second(0), "never");
}

TEST(FormatDistance, IsRoundedToTheNearestOfTheLargestUnit) {
    EXPECT_EQ(format_distance(89 * kDay + 5, 0), "in 89 days");
    EXPECT_EQ(format_distance(90 * kDay - 1, 0), "in 90 days");
    EXPECT_EQ(format_distance(2 * kDay - 1, 0), "in 2 days");
    EXPECT_EQ(format_distance(kDay, 0), "in 1 day");
    EXPECT_EQ(format_distance(kDay - 1, 0), "in 1 day");
    EXPECT_EQ(format_distance(kDay - 3600, 0), "in 23 hours");
    EXPECT_EQ(format_distance(3600, 0), "in 1 hour");
    EXPECT_EQ(format_distance(3599, 0), "in 1 hour");
    EXPECT_EQ(format_distance(600, 0), "in 10 minutes");
    EXPECT_EQ(format_distance(599, 0), "in 10 minutes");
    EXPECT_EQ(format_distance(59, 0), "in 59 seconds");
    EXPECT_EQ(format_distance(1, 0), "in 1 second");
    EXPECT_EQ(format_distance(400 * kDay, 0), "in 400 days");
    EXPECT_EQ(format_distance(2 * 365 * kDay - 1, 0), "in 2 years");
    EXPECT_EQ(format_distance(800 * kDay, 0), "in 2 years");
}

TEST(FormatDistance, LooksBackToo) {
    EXPECT_EQ(format_distance(1000, 1000 + 3 * 3600), "3 hours ago");
    EXPECT_EQ(format_distance(1000, 1059), "just now");
    EXPECT_EQ(format_distance(1000, 1000), "just now");
    EXPECT_EQ(format_distance(0, 1000), "never");
}

TEST(FormatWhen, IsTheTimeItselfWhereEverythingIsShown) {
    setenv("TZ", "UTC", 1);
    tzset();
    EXPECT_EQ(format_when(1'800'000'000, 1'800'000'000, {}), "just now");
    EXPECT_EQ(format_when(1'800'000'000, 0, {.whole = true}), "2027-01-15 08:00");
}

}  // namespace
}  // namespace patd::cli
