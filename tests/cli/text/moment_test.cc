// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/moment.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace patd::cli {
namespace {

constexpr UnixTime kNow = 1'800'000'000;  // 2027-01-15 08:00:00 UTC

class ParseMoment : public ::testing::Test {
  protected:
    ParseMoment() { use_zone("UTC"); }
    static void use_zone(const char* zone) {
        setenv("TZ", zone, 1);
        tzset();
    }
};

TEST_F(ParseMoment, ADurationIsSoLongAgo) {
    EXPECT_EQ(parse_moment("30s", kNow).value(), kNow - 30);
    EXPECT_EQ(parse_moment("2h", kNow).value(), kNow - 7200);
    EXPECT_EQ(parse_moment("7d", kNow).value(), kNow - 7 * 86400);
}

TEST_F(ParseMoment, ADateIsItsMidnightAndATimeIsItself) {
    EXPECT_EQ(parse_moment("2027-01-15", kNow).value(), kNow - 8 * 3600);
    EXPECT_EQ(parse_moment("2027-01-15 08:00", kNow).value(), kNow);
    EXPECT_EQ(parse_moment("2027-01-15 07:59:59", kNow).value(), kNow - 1);
    EXPECT_EQ(parse_moment("2024-02-29", kNow).value(), 1709164800);
}

TEST_F(ParseMoment, CalendarTimeIsLocal) {
    use_zone("CET-1");
    EXPECT_EQ(parse_moment("2027-01-15 09:00", kNow).value(), kNow);
}

TEST_F(ParseMoment, RefusesEverythingElse) {
    for (const char* text :
         {"", "now", "yesterday", "2027-01-32", "2027-02-30", "2027-13-01", "2027-1-15",
          "2027-01-15T08:00", "2027-01-15 24:01", "2027-01-15 08:60", "2027-01-15 8:00",
          " 2027-01-15", "2027-01-15 ", "0h", "-2h", "15.01.2027", "1800000000"}) {
        const Result<UnixTime> moment = parse_moment(text, kNow);
        ASSERT_FALSE(moment.has_value()) << text << " " << *moment;
        EXPECT_EQ(moment.error().code, Errc::MalformedRequest) << text;
    }
}

}  // namespace
}  // namespace patd::cli
