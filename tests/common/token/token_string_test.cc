// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/token_string.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

namespace patd {
namespace {

class FailingRandom final : public Random {
  public:
    Result<void> fill(std::span<std::uint8_t>) override { return Errc::Internal; }
};

std::string with_checksum(std::string text) {
    std::array<char, kChecksumDigits> digits{};
    write_checksum(crc32(text), digits);
    text.append(digits.data(), digits.size());
    return text;
}

// A fixed issued secret of the right shape.
std::string issued() {
    return with_checksum("pat1_0123456789_" + std::string(kIssuedDigits, 'q'));
}

TEST(TokenString, ANewSecretHasTheDocumentedShape) {
    SystemRandom random;
    const TokenId id = TokenId::parse("AbCdEfGh12").value();
    const TokenSecret secret = make_issued_secret(id, random).value();
    const std::string text(secret.reveal().begin(), secret.reveal().end());
    EXPECT_EQ(text.size(), 65U);
    EXPECT_EQ(text.substr(0, 16), "pat1_AbCdEfGh12_");
    EXPECT_TRUE(is_base62(text.substr(16)));
    EXPECT_EQ(token_shape(text), TokenShape::Issued);
    EXPECT_EQ(issued_token_id(text), id);
}

TEST(TokenString, NewSecretsOfOneIdDiffer) {
    SystemRandom random;
    const TokenId id = TokenId::parse("AbCdEfGh12").value();
    std::set<std::string> seen;
    for (int i = 0; i < 500; ++i) {
        const TokenSecret secret = make_issued_secret(id, random).value();
        seen.emplace(secret.reveal().begin(), secret.reveal().end());
    }
    EXPECT_EQ(seen.size(), 500U);
}

// Row S5: no randomness, no token.
TEST(TokenString, NoSecretIsMadeWithoutRandomness) {
    FailingRandom random;
    EXPECT_EQ(make_issued_secret(TokenId::parse("AbCdEfGh12").value(), random).error().code,
              Errc::Internal);
}

// Row P8: what a user typed as a login password never looks like a token.
TEST(TokenString, NearMissesAreNoTokens) {
    const std::string good = issued();
    ASSERT_EQ(token_shape(good), TokenShape::Issued);
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] = bad[i] == 'Q' ? 'P' : 'Q';
        EXPECT_EQ(token_shape(bad), TokenShape::None) << i;
        EXPECT_FALSE(issued_token_id(bad)) << i;
        bad = good;
        bad.erase(i, 1);
        EXPECT_EQ(token_shape(bad), TokenShape::None) << i;
        bad = good;
        bad.insert(i, 1, 'q');
        EXPECT_EQ(token_shape(bad), TokenShape::None) << i;
    }
    for (const std::string& bad :
         {std::string(), std::string("pat1_"), std::string("hunter2"), good + "0", " " + good,
          good + " ", good + "\n", "PAT1_" + good.substr(5), good.substr(0, good.size() - 1),
          good + std::string(1, '\0')})
        EXPECT_EQ(token_shape(bad), TokenShape::None) << bad;
}

TEST(TokenString, ARightChecksumDoesNotHealAWrongShape) {
    const std::string random(kIssuedDigits, 'q');
    for (const std::string& body :
         {"pat2_0123456789_" + random, "pat1_012345678_" + random + "q",
          "pat1_0123456789-" + random, "pat1_01234_6789_" + random,
          "pat1_0123456789_" + random.substr(1) + "-", "pat1_0123456789_" + random + "q",
          "xpat1_0123456789_" + random.substr(1)})
        EXPECT_EQ(token_shape(with_checksum(body)), TokenShape::None) << body;
}

TEST(TokenString, RecognisesChildren) {
    EXPECT_EQ(token_shape(with_checksum("patc1_AQID-_09azAZ")), TokenShape::Child);
    EXPECT_FALSE(issued_token_id(with_checksum("patc1_AQID-_09azAZ")));
    for (const char* body : {"patc1_", "patc2_AAAA", "patc1_AA+A", "patc1_AA/A", "patc1_AA=A",
                             "patc1_AA A", "PATC1_AAAA", "patc1AAAA"})
        EXPECT_EQ(token_shape(with_checksum(body)), TokenShape::None) << body;
    EXPECT_EQ(token_shape("patc1_AQID-_09azAZ000000"), TokenShape::None);
}

TEST(TokenString, AChildHasAtMostItsLimit) {
    const std::size_t body = kOldChildBytesMax - kChecksumDigits - kChildPrefix.size();
    const std::string longest = with_checksum("patc1_" + std::string(body, 'A'));
    ASSERT_EQ(longest.size(), kOldChildBytesMax);
    EXPECT_EQ(token_shape(longest), TokenShape::Child);
    EXPECT_EQ(token_shape(with_checksum("patc1_" + std::string(body + 1, 'A'))), TokenShape::None);
}

}  // namespace
}  // namespace patd
