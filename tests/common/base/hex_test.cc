// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/hex.h"

#include <gtest/gtest.h>

#include <array>

namespace patd {
namespace {

TEST(Hex, HasTwoLowerCaseDigitsForEachByte) {
    constexpr std::array<std::uint8_t, 5> kBytes{0x00, 0x0f, 0xa0, 0x9b, 0xff};
    EXPECT_EQ(to_hex(kBytes), "000fa09bff");
    EXPECT_EQ(to_hex({}), "");
}

}  // namespace
}  // namespace patd
