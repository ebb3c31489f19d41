// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

namespace patd {
namespace {

TEST(SystemRandom, FillsEveryByteOfALargeRequest) {
    SystemRandom random;
    std::vector<std::uint8_t> bytes(65536, 0);
    ASSERT_TRUE(random.fill(bytes));
    std::array<int, 256> counts{};
    for (const std::uint8_t byte : bytes)
        ++counts[byte];
    // 256 expected of each value, deviation 16: ten deviations do not happen by chance.
    for (const int count : counts)
        EXPECT_TRUE(count > 96 && count < 416) << count;
    // The last bytes too: a short read must not pass for a complete one.
    EXPECT_TRUE(std::any_of(bytes.end() - 32, bytes.end(), [](std::uint8_t b) { return b != 0; }));
}

TEST(SystemRandom, NeverRepeats) {
    SystemRandom random;
    std::array<std::uint8_t, 32> first{};
    std::array<std::uint8_t, 32> second{};
    ASSERT_TRUE(random.fill(first));
    ASSERT_TRUE(random.fill(second));
    EXPECT_NE(first, second);
}

TEST(SystemRandom, WritesNothingOutsideTheSpan) {
    SystemRandom random;
    std::array<std::uint8_t, 48> bytes{};
    ASSERT_TRUE(random.fill(std::span(bytes).subspan(16, 16)));
    EXPECT_TRUE(std::all_of(bytes.begin(), bytes.begin() + 16, [](auto b) { return b == 0; }));
    EXPECT_TRUE(std::all_of(bytes.begin() + 32, bytes.end(), [](auto b) { return b == 0; }));
}

TEST(SystemRandom, AnEmptyRequestSucceeds) {
    SystemRandom random;
    EXPECT_TRUE(random.fill({}));
}

}  // namespace
}  // namespace patd
