// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/base62.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace patd {
namespace {

// Gives the bytes of a script over and over; fails once `failing` is set.
class ScriptedRandom final : public Random {
  public:
    explicit ScriptedRandom(std::vector<std::uint8_t> script) : script_(std::move(script)) {}

    Result<void> fill(std::span<std::uint8_t> bytes) override {
        if (failing)
            return Error{Errc::Internal, "scripted"};
        for (std::uint8_t& byte : bytes)
            byte = script_[next_++ % script_.size()];
        return {};
    }

    bool failing = false;

  private:
    std::vector<std::uint8_t> script_;
    std::size_t next_ = 0;
};

std::string checksum_of(std::string_view text) {
    std::array<char, kChecksumDigits> digits{};
    write_checksum(crc32(text), digits);
    return {digits.begin(), digits.end()};
}

TEST(Base62, KnowsItsDigits) {
    EXPECT_TRUE(is_base62("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"));
    EXPECT_TRUE(is_base62(""));
    int digits = 0;
    for (int byte = 0; byte < 256; ++byte) {
        const char c = static_cast<char>(byte);
        digits += is_base62(std::string_view(&c, 1)) ? 1 : 0;
    }
    EXPECT_EQ(digits, 62);
    EXPECT_FALSE(is_base62("abc_"));
    EXPECT_FALSE(is_base62(std::string_view("a\0b", 3)));
}

TEST(Base62, SkipsBytesThatWouldMakeSomeDigitsMoreLikely) {
    ScriptedRandom random({255, 0, 248, 61, 250, 62, 247, 249});
    std::array<char, 8> digits{};
    ASSERT_TRUE(random_base62(random, digits));
    EXPECT_EQ(std::string(digits.begin(), digits.end()), "0z0z0z0z");
}

TEST(Base62, EveryDigitIsEquallyLikely) {
    std::vector<std::uint8_t> all(256);
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i] = static_cast<std::uint8_t>(i);
    ScriptedRandom random(all);
    std::vector<char> digits(248);
    ASSERT_TRUE(random_base62(random, digits));
    for (const char digit : {'0', '9', 'A', 'Z', 'a', 'z'})
        EXPECT_EQ(std::count(digits.begin(), digits.end(), digit), 4) << digit;
}

// Row S5: without randomness there is no secret.
TEST(Base62, FailsWhenTheRandomSourceFails) {
    ScriptedRandom random({1});
    random.failing = true;
    std::array<char, 4> digits{};
    EXPECT_EQ(random_base62(random, digits).error().code, Errc::Internal);
}

TEST(Crc32, MatchesKnownVectors) {
    EXPECT_EQ(crc32(""), 0U);
    EXPECT_EQ(crc32("123456789"), 0xcbf43926U);
    EXPECT_EQ(crc32("a"), 0xe8b7be43U);
    EXPECT_EQ(crc32("The quick brown fox jumps over the lazy dog"), 0x414fa339U);
    EXPECT_EQ(crc32(std::string_view("\0\0\0\0", 4)), 0x2144df1cU);
    EXPECT_EQ(crc32("\xff\xff\xff\xff"), 0xffffffffU);
}

TEST(Checksum, IsSixDigitsMostSignificantFirst) {
    std::array<char, kChecksumDigits> digits{};
    const auto text = [&](std::uint32_t crc) {
        write_checksum(crc, digits);
        return std::string(digits.begin(), digits.end());
    };
    EXPECT_EQ(text(0), "000000");
    EXPECT_EQ(text(61), "00000z");
    EXPECT_EQ(text(62), "000010");
    EXPECT_EQ(text(0xffffffffU), "4gfFC3");
}

TEST(Checksum, AcceptsOnlyTheRightOne) {
    const std::string text = "pat1_0123456789_x";
    EXPECT_TRUE(has_valid_checksum(text + checksum_of(text)));
    EXPECT_FALSE(has_valid_checksum(text));
    EXPECT_FALSE(has_valid_checksum(checksum_of("")));
    EXPECT_FALSE(has_valid_checksum(""));
    EXPECT_FALSE(has_valid_checksum("12345"));
}

TEST(Checksum, NoticesEveryChangedCharacterAndEverySwap) {
    const std::string body = "pat1_AbCdEfGhIj_0123456789";
    const std::string good = body + checksum_of(body);
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] = bad[i] == 'q' ? 'p' : 'q';
        EXPECT_FALSE(has_valid_checksum(bad)) << i;
        if (i + 1 < good.size() && good[i] != good[i + 1]) {
            bad = good;
            std::swap(bad[i], bad[i + 1]);
            EXPECT_FALSE(has_valid_checksum(bad)) << i;
        }
    }
}

}  // namespace
}  // namespace patd
