// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/token_id.h"

#include <gtest/gtest.h>

#include <set>
#include <type_traits>

namespace patd {
namespace {

class NoRandom final : public Random {
  public:
    Result<void> fill(std::span<std::uint8_t>) override { return Errc::Internal; }
};

TEST(TokenId, ComesBackFromItsText) {
    SystemRandom random;
    const TokenId id = TokenId::generate(random).value();
    EXPECT_EQ(id.text().size(), TokenId::kDigits);
    EXPECT_EQ(TokenId::parse(id.text()), id);
    EXPECT_EQ(TokenId::parse(id.view()), id);
}

TEST(TokenId, IsTenBase62DigitsAndNothingElse) {
    EXPECT_TRUE(TokenId::parse("0123456789"));
    EXPECT_TRUE(TokenId::parse("AaZz09xyzX"));
    for (const char* text :
         {"", "012345678", "01234567890", "012345678_", "012345678-", "012345678 ", " 012345678",
          "012345678\n", "../../../x", "01234567\xc3\xbc"})
        EXPECT_FALSE(TokenId::parse(text)) << text;
    EXPECT_FALSE(TokenId::parse(std::string_view("012345678\0", 10)));
}

TEST(TokenId, NewOnesDiffer) {
    SystemRandom random;
    std::set<TokenId> ids;
    for (int i = 0; i < 1000; ++i)
        ids.insert(TokenId::generate(random).value());
    EXPECT_EQ(ids.size(), 1000U);
}

TEST(TokenId, NoneIsMadeWithoutRandomness) {
    NoRandom random;
    EXPECT_FALSE(TokenId::generate(random));
}

static_assert(!std::is_default_constructible_v<TokenId>);

}  // namespace
}  // namespace patd
