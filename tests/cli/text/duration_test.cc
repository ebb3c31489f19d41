// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/duration.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <string>

namespace patd::cli {
namespace {

constexpr UnixTime kNow = 1'800'000'000;  // 2027-01-15

void use_zone(const char* zone) {
    setenv("TZ", zone, 1);
    tzset();
}

TEST(ParseDuration, KnowsEveryUnitAndItsName) {
    EXPECT_EQ(parse_duration("30s").value(), 30);
    EXPECT_EQ(parse_duration("5m").value(), 300);
    EXPECT_EQ(parse_duration("12h").value(), 12 * 3600);
    EXPECT_EQ(parse_duration("90d").value(), 90 * 24 * 3600);
    EXPECT_EQ(parse_duration("2w").value(), 14 * 24 * 3600);
    EXPECT_EQ(parse_duration("1y").value(), 365 * 24 * 3600);
    EXPECT_EQ(parse_duration("10y").value(), 10LL * 365 * 24 * 3600);
    EXPECT_EQ(parse_duration("5min").value(), 300);
    EXPECT_EQ(parse_duration("90days").value(), 90 * 24 * 3600);
    EXPECT_EQ(parse_duration("1 year").value(), 365 * 24 * 3600);
    EXPECT_EQ(parse_duration("2 weeks").value(), 14 * 24 * 3600);
}

TEST(ParseDuration, RefusesEverythingElse) {
    for (const char* text :
         {"", "d", "90", "90D", "+90d", "-1d", "1.5d", " 90d", "90d ", "0d", "1h30m", "3months",
          "0x5d", "11y", "9999999999999999999d", "99999999999999999999999999s", "d90",
          "\xd9\xa9\xd9\xa0"
          "d"}) {
        const Result<std::int64_t> duration = parse_duration(text);
        ASSERT_FALSE(duration) << text;
        EXPECT_EQ(duration.error().code, Errc::InvalidExpiry) << text;
    }
}

TEST(ParseDuration, SaysWhichValueIsWrongAndWhy) {
    const auto fault = [](const char* text) { return parse_duration(text).error().context; };
    EXPECT_EQ(fault("30"), "30: a number needs a unit, such as 30d or 30m");
    EXPECT_EQ(fault("3months"), "3months: the units are s, m, h, d, w and y, as in 3d");
    EXPECT_EQ(fault("20y"), "20y: this is too long; at most 10y");
    EXPECT_EQ(fault("0d"), "0d: this is no time at all; write at least 1s");
    EXPECT_EQ(fault("soon"), "soon: this is not a time; write 5m, 12h, 90d, 2w or 1y");
    EXPECT_EQ(fault(""), "'': this is not a time; write 5m, 12h, 90d, 2w or 1y");
}

TEST(ParseLifetime, TakesANumberAloneForSeconds) {
    EXPECT_EQ(parse_lifetime("300").value(), 300);
    EXPECT_EQ(parse_lifetime("5m").value(), 300);
    for (const char* text : {"0", "-5", "5x", ""})
        EXPECT_FALSE(parse_lifetime(text)) << text;
}

TEST(FormatDuration, TakesTheLargestUnitOfWhichItIsAWholeNumber) {
    for (const char* text : {"1y", "90d", "12h", "5m", "61s", "10y"})
        EXPECT_EQ(format_duration(parse_duration(text).value()), text);
    EXPECT_EQ(format_duration(0), "0s");
}

TEST(ParseExpiryText, SaysOfADateWhatIsWrongWithIt) {
    use_zone("UTC");
    const auto fault = [](const char* text) {
        return parse_expiry_text(text, kNow).error().context;
    };
    EXPECT_EQ(fault("2025-01-01"), "2025-01-01: this day is past");
    EXPECT_EQ(fault("2099-01-01"), "2099-01-01: this is too far ahead; at most 10y");
    EXPECT_EQ(fault("2027-02-30"), "2027-02-30: the calendar has no such day");
    EXPECT_EQ(fault("2027-0a-01"), "2027-0a-01: write a date as YYYY-MM-DD");
    EXPECT_EQ(fault("tomorrow"),
              "tomorrow: this is not a time; write 90d, 12h, 2w, 1y, YYYY-MM-DD or never");
}

TEST(ParseExpiryText, TakesNeverAndDurations) {
    EXPECT_EQ(parse_expiry_text("never", 1000).value(), 0);
    EXPECT_EQ(parse_expiry_text("5m", 1000).value(), 1300);
}

TEST(ParseExpiryText, LetsATokenWorkThroughTheNamedDay) {
    use_zone("UTC");
    EXPECT_EQ(parse_expiry_text("1970-01-01", 0).value(), 24 * 3600);
    EXPECT_EQ(parse_expiry_text("2028-02-29", kNow).value(), 1835481600);
    EXPECT_EQ(parse_expiry_text("2027-12-31", kNow).value(), 1830297600);
    use_zone("Europe/Berlin");
    // The day on which summer time begins has 23 hours.
    EXPECT_EQ(parse_expiry_text("2027-03-28", kNow).value() -
                  parse_expiry_text("2027-03-27", kNow).value(),
              23 * 3600);
}

TEST(ParseExpiryText, RefusesDatesThatDoNotExist) {
    for (const char* text : {"2027-02-29", "2027-13-01", "2027-00-10", "2027-01-32", "2027-1-1",
                             "27-01-01", "2027/01/01", "2027-01-01T00:00", "2027-0a-01",
                             "+027-01-01", "2027-01--1", "Never", "tomorrow"}) {
        const Result<UnixTime> expiry = parse_expiry_text(text, 0);
        ASSERT_FALSE(expiry) << text;
        EXPECT_EQ(expiry.error().code, Errc::InvalidExpiry) << text;
    }
}

}  // namespace
}  // namespace patd::cli
