// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/parse_number.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace patd {
namespace {

TEST(ParseNumber, TakesAWholeNumberThatFits) {
    EXPECT_EQ(parse_number<std::uint8_t>("255"), 255);
    EXPECT_EQ(parse_number<std::int64_t>("-42"), -42);
    EXPECT_EQ(parse_number<int>("007"), 7);
}

TEST(ParseNumber, TakesNothingElse) {
    for (const char* text : {"", " 1", "1 ", "+1", "-1", "1.0", "0x1", "1e3", "256", "-", "a"})
        EXPECT_EQ(parse_number<std::uint8_t>(text), std::nullopt) << text;
}

TEST(TakeNumber, TakesOffWhatItReads) {
    std::string_view text = "90d";
    EXPECT_EQ(take_number<int>(text), 90);
    EXPECT_EQ(text, "d");
    EXPECT_EQ(take_number<int>(text), std::nullopt);
    EXPECT_EQ(text, "d");
    EXPECT_EQ(take_number<int>(text, 16), 13);
}

}  // namespace
}  // namespace patd
