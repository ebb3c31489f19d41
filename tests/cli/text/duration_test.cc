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

void use_zone(const char* zone) {
    setenv("TZ", zone, 1);
    tzset();
}

TEST(ParseDuration, KnowsEveryUnit) {
    EXPECT_EQ(parse_duration("30s").value(), 30);
    EXPECT_EQ(parse_duration("5m").value(), 300);
    EXPECT_EQ(parse_duration("12h").value(), 12 * 3600);
    EXPECT_EQ(parse_duration("90d").value(), 90 * 24 * 3600);
    EXPECT_EQ(parse_duration("2w").value(), 14 * 24 * 3600);
    EXPECT_EQ(parse_duration("1y").value(), 365 * 24 * 3600);
    EXPECT_EQ(parse_duration("10y").value(), 10LL * 365 * 24 * 3600);
}

TEST(ParseDuration, RefusesEverythingElse) {
    for (const char* text :
         {"", "d", "90", "90D", "+90d", "-1d", "1.5d", " 90d", "90d ", "90 d", "0d", "1h30m",
          "90days", "0x5d", "11y", "9999999999999999999d", "99999999999999999999999999s", "d90",
          "\xd9\xa9\xd9\xa0"
          "d"}) {
        const Result<std::int64_t> duration = parse_duration(text);
        ASSERT_FALSE(duration) << text;
        EXPECT_EQ(duration.error().code, Errc::InvalidExpiry) << text;
    }
}

TEST(CheckDuration, NamesTheFormAndTheNearest) {
    EXPECT_EQ(check_duration("5m"), "");
    EXPECT_EQ(check_duration("soon"), "write a time as 300s, 5m, 12h, 90d, 2w or 1y");
    EXPECT_EQ(check_duration("5min"),
              "write a time as 300s, 5m, 12h, 90d, 2w or 1y; did you mean 5m?");
    EXPECT_EQ(check_expiry("never") + check_expiry("90d") + check_expiry("2027-01-01"), "");
    for (const auto& [text, nearest] :
         {std::pair("90days", "90d"), std::pair("1 year", "1y"), std::pair("12hours", "12h")})
        EXPECT_TRUE(check_expiry(text).ends_with("; did you mean " + std::string(nearest) + "?"))
            << check_expiry(text);
    // Too much is no matter of the form.
    EXPECT_EQ(check_expiry("20y") + check_expiry("0d") + check_duration("99999999999999999d"), "");
    // Which unit this is meant to be nobody knows.
    for (const char* text : {"3months", "90", "d", ""})
        EXPECT_TRUE(check_expiry(text).ends_with("YYYY-MM-DD or never")) << text;
}

TEST(ParseExpiryText, TakesNeverAndDurations) {
    EXPECT_EQ(parse_expiry_text("never", 1000).value(), 0);
    EXPECT_EQ(parse_expiry_text("5m", 1000).value(), 1300);
}

TEST(ParseExpiryText, LetsATokenWorkThroughTheNamedDay) {
    use_zone("UTC");
    EXPECT_EQ(parse_expiry_text("1970-01-01", 0).value(), 24 * 3600);
    EXPECT_EQ(parse_expiry_text("2028-02-29", 0).value(), 1835481600);
    EXPECT_EQ(parse_expiry_text("2027-12-31", 0).value(), 1830297600);
    use_zone("Europe/Berlin");
    // The day on which summer time begins has 23 hours.
    EXPECT_EQ(
        parse_expiry_text("2027-03-28", 0).value() - parse_expiry_text("2027-03-27", 0).value(),
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
