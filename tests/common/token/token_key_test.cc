// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/token_key.h"

#include "common/base/random.h"

#include <gtest/gtest.h>

#include <limits>

namespace patd {
namespace {

TEST(TokenKey, AnIdIsItsDigitsInBase62) {
    EXPECT_EQ(token_key(*TokenId::parse("0000000000")), 0);
    EXPECT_EQ(token_key(*TokenId::parse("000000000z")), 61);
    EXPECT_EQ(token_key(*TokenId::parse("0000000010")), 62);
    EXPECT_EQ(token_key(*TokenId::parse("00000000Aa")), 10 * 62 + 36);
    EXPECT_EQ(token_key(*TokenId::parse("zzzzzzzzzz")), 839'299'365'868'340'223);
    SystemRandom random;
    for (int i = 0; i < 1000; ++i) {
        const TokenId id = TokenId::generate(random).value();
        EXPECT_EQ(token_id_of(token_key(id)), id);
    }
}

TEST(TokenKey, ANumberThatNoIdHasIsNone) {
    EXPECT_FALSE(token_id_of(-1).has_value());
    EXPECT_FALSE(token_id_of(839'299'365'868'340'224).has_value());
    EXPECT_FALSE(token_id_of(std::numeric_limits<std::int64_t>::max()).has_value());
    EXPECT_FALSE(token_id_of(std::numeric_limits<std::int64_t>::min()).has_value());
}

}  // namespace
}  // namespace patd
