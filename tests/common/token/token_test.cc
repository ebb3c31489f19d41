// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/token.h"

#include "common/base/limits.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <type_traits>

namespace patd {
namespace {

TEST(Description, TakesWhatPeopleWrite) {
    for (const char* text : {"a", "CI of team/tool", "laptop (2026)",
                             "B\xc3\xbc"
                             "cherei",
                             "\xe4\xbb\xa3\xe7\xa0\x81", "'; drop table tokens; --", "%s%n",
                             "$(id)", "<b>bold</b>", "\\n"})
        EXPECT_EQ(parse_description(text).value(), text);
}

TEST(Description, HasOneTo64Bytes) {
    EXPECT_TRUE(parse_description(std::string(limits::kDescriptionBytes, 'x')));
    EXPECT_EQ(parse_description("").error().code, Errc::InvalidDescription);
    EXPECT_FALSE(parse_description(std::string(limits::kDescriptionBytes + 1, 'x')));
    // 64 bytes, not 64 characters: 32 of two bytes fit, 33 do not.
    std::string umlauts;
    for (int i = 0; i < 32; ++i)
        umlauts += "\xc3\xbc";
    EXPECT_TRUE(parse_description(umlauts));
    EXPECT_FALSE(parse_description(umlauts + "\xc3\xbc"));
}

TEST(Description, RefusesControlBidiAndBrokenUtf8) {
    for (const char* text : {"a\nb", "a\rb", "\x1b[31mred", "a\tb", "a\x7f", "\xc2\x85",
                             "abc\xe2\x80\xae"
                             "cba",
                             "zero\xe2\x80\x8bwidth", "\xff", "a\xc3"}) {
        const auto parsed = parse_description(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code, Errc::InvalidDescription);
        EXPECT_TRUE(parsed.error().context.empty()) << "no bytes of the peer";
    }
    EXPECT_FALSE(parse_description(std::string_view("a\0b", 3)));
}

TEST(Username, HasOneTo256VisibleBytes) {
    EXPECT_EQ(parse_username("alice").value(), "alice");
    EXPECT_EQ(parse_username("x-access-token").value(), "x-access-token");
    EXPECT_EQ(parse_username("alice@example.org").value(), "alice@example.org");
    EXPECT_TRUE(parse_username(std::string(limits::kUsernameBytes, 'u')));
    for (const std::string& text :
         {std::string(), std::string(limits::kUsernameBytes + 1, 'u'), std::string("a\nb"),
          std::string("a\rb"), std::string("a\0b", 3), std::string("\xff")})
        EXPECT_EQ(parse_username(text).error().code, Errc::InvalidUsername);
}

TEST(Expiry, IsNeverOrInTheNextTenYears) {
    constexpr UnixTime kNow = 1'800'000'000;
    EXPECT_EQ(parse_expiry(0, kNow).value(), 0);
    EXPECT_EQ(parse_expiry(kNow + 1, kNow).value(), kNow + 1);
    EXPECT_TRUE(parse_expiry(kNow + limits::kExpirySecondsMax, kNow));
    for (const UnixTime expires :
         {kNow, kNow - 1, UnixTime{1}, UnixTime{-1}, kNow + limits::kExpirySecondsMax + 1,
          std::numeric_limits<UnixTime>::max(), std::numeric_limits<UnixTime>::min()})
        EXPECT_EQ(parse_expiry(expires, kNow).error().code, Errc::InvalidExpiry) << expires;
}

TEST(Expiry, AClockBefore1970IsNoReasonToOverflow) {
    EXPECT_FALSE(parse_expiry(std::numeric_limits<UnixTime>::max(), -1));
    EXPECT_TRUE(parse_expiry(1, -1));
}

TEST(Token, ExpiresAtItsVerySecond) {
    Token token{TokenId::parse("0123456789").value(), Uid(1000), "alice"};
    EXPECT_FALSE(is_expired(token, 1'800'000'000));
    token.expires = 1'800'000'000;
    EXPECT_FALSE(is_expired(token, 1'799'999'999));
    EXPECT_TRUE(is_expired(token, 1'800'000'000));
    EXPECT_TRUE(is_expired(token, 1'800'000'001));
}

TEST(Token, StatesAndKindsHaveTheirNames) {
    EXPECT_EQ(token_kind_name(TokenKind::Issued), "issued");
    EXPECT_EQ(token_kind_name(TokenKind::Imported), "imported");
    EXPECT_EQ(token_state_name(TokenState::Active), "active");
    EXPECT_EQ(token_state_name(TokenState::Rejected), "rejected");
}

// The numbers are on disk (docs/store-format.md) and under the seal.
static_assert(static_cast<int>(TokenKind::Issued) == 1);
static_assert(static_cast<int>(TokenKind::Imported) == 2);
static_assert(static_cast<int>(TokenState::Active) == 1);
static_assert(static_cast<int>(TokenState::Rejected) == 2);
static_assert(static_cast<int>(Confirm::Never) == 1);
static_assert(static_cast<int>(Provenance::GitStore) == 2);

// Row A1: a token always has an owner.
static_assert(!std::is_default_constructible_v<Token>);

}  // namespace
}  // namespace patd
