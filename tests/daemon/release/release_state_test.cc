// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/release_state.h"

#include "tests/support/service_fixture.h"

namespace patd {
namespace {

using support::kAlice;
using support::make_token;

using support::kNow;

Digest digest_of(std::uint8_t fill) {
    Digest digest{};
    digest.fill(fill);
    return digest;
}

TEST(ReleaseStateTest, NamesAChildUntilItEndsOrItsParentHasAnotherGeneration) {
    Token token = make_token(kAlice, TokenKind::Issued);
    const std::string text = ReleaseState::of_child(token.id, 1, kNow + 600).text();
    EXPECT_EQ(text, "pat:c:" + token.id.text() + ":1:" + std::to_string(kNow + 600));
    const std::optional<ReleaseState> state = ReleaseState::parse(text);
    ASSERT_TRUE(state.has_value());
    EXPECT_EQ(state->token(), token.id);
    EXPECT_TRUE(state->is_live(token, kNow));
    EXPECT_TRUE(state->is_live(token, kNow + 599));
    EXPECT_FALSE(state->is_live(token, kNow + 600));
    EXPECT_FALSE(state->is_live(make_token(kAlice, TokenKind::Issued), kNow));
    EXPECT_FALSE(state->is_secret(digest_of(0)));
    token.generation = 2;
    EXPECT_FALSE(state->is_live(token, kNow));
}

TEST(ReleaseStateTest, NamesTheSecretOfAnImportedTokenWithoutHoldingIt) {
    const Token token = make_token(kAlice, TokenKind::Imported);
    const std::string text = ReleaseState::of_secret(token.id, digest_of(0xab)).text();
    EXPECT_EQ(text, "pat:s:" + token.id.text() + ":abababababababab");
    const std::optional<ReleaseState> state = ReleaseState::parse(text);
    ASSERT_TRUE(state.has_value());
    EXPECT_TRUE(state->is_secret(digest_of(0xab)));
    EXPECT_FALSE(state->is_secret(digest_of(0xac)));
    EXPECT_FALSE(state->is_live(token, kNow));
}

TEST(ReleaseStateTest, IsNothingWhenItIsOfAnotherHelperOrCut) {
    const TokenId id = make_token(kAlice, TokenKind::Issued).id;
    for (const std::string& whole : {ReleaseState::of_secret(id, digest_of(1)).text(),
                                     ReleaseState::of_child(id, 1, 9).text()}) {
        ASSERT_TRUE(ReleaseState::parse(whole).has_value());
        for (std::size_t size = 0; size < whole.size(); ++size)
            EXPECT_FALSE(ReleaseState::parse(whole.substr(0, size)).has_value()) << size;
        EXPECT_FALSE(ReleaseState::parse(whole + ":").has_value());
        EXPECT_FALSE(ReleaseState::parse(" " + whole).has_value());
    }
    const std::string start = "pat:c:" + id.text();
    for (const std::string& text :
         {std::string("manager:1"), start, start + "::", start + ":1:-5", start + ":-1:5",
          start + ":4294967296:5", start + ":1:99999999999999999999", start + ":1:5x",
          "pat:x:" + id.text() + ":1:5", std::string("pat:c:../../etc/:1:5")})
        EXPECT_FALSE(ReleaseState::parse(text).has_value()) << text;
}

}  // namespace
}  // namespace patd
