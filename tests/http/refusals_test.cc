// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "http/refusals.h"

#include "common/base/http_limits.h"

#include <gtest/gtest.h>

namespace patd::web {
namespace {

class RefusalsTest : public ::testing::Test {
  protected:
    void count(const std::string& place, int times) {
        for (int i = 0; i < times; ++i)
            refusals_.count(place, now_);
    }

    Refusals refusals_;
    Refusals::Time now_{};
};

TEST_F(RefusalsTest, APlaceWaitsAfterItsLastRefusalAndIsForgivenInTime) {
    count("a", limits::kHttpRefusals - 1);
    EXPECT_FALSE(refusals_.is_over("a", now_));
    count("a", 1);
    EXPECT_TRUE(refusals_.is_over("a", now_));
    EXPECT_FALSE(refusals_.is_over("b", now_));
    now_ += limits::kHttpRefusalEvery;
    EXPECT_FALSE(refusals_.is_over("a", now_));
    count("a", 1);
    EXPECT_TRUE(refusals_.is_over("a", now_));
}

TEST_F(RefusalsTest, NobodyWaitsLongerThanForOneRefusal) {
    count("a", 10 * limits::kHttpRefusals);
    EXPECT_FALSE(refusals_.is_over("a", now_ + limits::kHttpRefusalEvery));
}

TEST_F(RefusalsTest, KnowsABoundedNumberOfPlaces) {
    for (std::size_t i = 0; i < 3 * limits::kHttpAddresses; ++i)
        count(std::to_string(i), 1);
    EXPECT_LE(refusals_.known(), limits::kHttpAddresses);
    now_ += limits::kHttpRefusals * limits::kHttpRefusalEvery;
    for (std::size_t i = 0; i < limits::kHttpAddresses; ++i)
        count("later" + std::to_string(i), 1);
    EXPECT_LE(refusals_.known(), limits::kHttpAddresses);
    count("one more", 1);
    EXPECT_LE(refusals_.known(), limits::kHttpAddresses);
}

TEST_F(RefusalsTest, APlaceIsAnAddressOrANetworkOfIPv6) {
    EXPECT_EQ(Refusals::place_of("192.0.2.1"), "192.0.2.1");
    EXPECT_EQ(Refusals::place_of("::ffff:192.0.2.1"), "192.0.2.1");
    EXPECT_EQ(Refusals::place_of("2001:DB8:0:1:2:3:4:5"), "2001:db8:0:1::/64");
    for (const char* text : {"", "localhost", "192.0.2", "192.0.2.1:80", "[::1]", "unix:"})
        EXPECT_EQ(Refusals::place_of(text), "") << text;
}

}  // namespace
}  // namespace patd::web
