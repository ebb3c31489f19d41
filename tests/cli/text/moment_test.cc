// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/moment.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace patd::cli {
namespace {

constexpr UnixTime kMorning = 1'800'000'000;  // 2027-01-15 08:00:00 UTC

class ParseMoment : public ::testing::Test {
  protected:
    ParseMoment() { use_zone("UTC"); }
    static void use_zone(const char* zone) {
        setenv("TZ", zone, 1);
        tzset();
    }
};

TEST_F(ParseMoment, ADurationIsSoLongAgo) {
    EXPECT_EQ(parse_moment("30s", kMorning).value(), kMorning - 30);
    EXPECT_EQ(parse_moment("2h", kMorning).value(), kMorning - 7200);
    EXPECT_EQ(parse_moment("7d", kMorning).value(), kMorning - 7 * 86400);
}

TEST_F(ParseMoment, ADateIsItsMidnightAndATimeIsItself) {
    EXPECT_EQ(parse_moment("2027-01-15", kMorning).value(), kMorning - 8 * 3600);
    EXPECT_EQ(parse_moment("2027-01-15 08:00", kMorning).value(), kMorning);
    EXPECT_EQ(parse_moment("2027-01-15 07:59:59", kMorning).value(), kMorning - 1);
    EXPECT_EQ(parse_moment("2024-02-29", kMorning).value(), 1709164800);
}

TEST_F(ParseMoment, CalendarTimeIsLocal) {
    use_zone("CET-1");
    EXPECT_EQ(parse_moment("2027-01-15 09:00", kMorning).value(), kMorning);
}

TEST_F(ParseMoment, TodayAndYesterdayAreTheirMidnights) {
    EXPECT_EQ(parse_moment("today", kMorning).value(), kMorning - 8 * 3600);
    EXPECT_EQ(parse_moment("yesterday", kMorning).value(), kMorning - 32 * 3600);
    use_zone("CET-1CEST,M3.5.0,M10.5.0/3");
    constexpr UnixTime kMondayAfterTheChange = 1'806'303'600;  // 2027-03-29 09:00 CEST
    EXPECT_EQ(parse_moment("yesterday", kMondayAfterTheChange).value(),
              kMondayAfterTheChange - (9 + 23) * 3600);
}

TEST_F(ParseMoment, RefusesEverythingElse) {
    for (const char* text :
         {"", "now", "tomorrow", "Today", "2027-01-32", "2027-02-30", "2027-13-01", "2027-1-15",
          "2027-01-15T08:00", "2027-01-15 24:01", "2027-01-15 08:60", "2027-01-15 8:00",
          " 2027-01-15", "2027-01-15 ", "0h", "-2h", "15.01.2027", "1800000000"}) {
        const Result<UnixTime> moment = parse_moment(text, kMorning);
        ASSERT_FALSE(moment.has_value()) << text << " " << *moment;
        EXPECT_EQ(moment.error().code, Errc::MalformedRequest) << text;
    }
}

}  // namespace
}  // namespace patd::cli
