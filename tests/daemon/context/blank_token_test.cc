// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/context/blank_token.h"

#include "tests/support/service_fixture.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

using support::kAlice;

class BlankTokenTest : public support::ServiceFixture {};

TEST_F(BlankTokenTest, IsItsOwnersAndOfNowAndHasAnIdOfItsOwn) {
    const Context parts = context();
    const TokenOwner owner{kAlice, "daemon"};
    const Token token = make_blank_token(parts, owner, TokenKind::Imported).value();
    EXPECT_EQ(token.owner, kAlice);
    EXPECT_EQ(token.owner_name, "daemon");
    EXPECT_EQ(token.username, "daemon");
    EXPECT_EQ(token.kind, TokenKind::Imported);
    EXPECT_EQ(token.state, TokenState::Active);
    EXPECT_EQ(token.provenance, Provenance::User);
    EXPECT_EQ(token.created, clock_.now());
    EXPECT_EQ(token.generation, 1U);
    EXPECT_TRUE(token.permissions.empty());
    EXPECT_NE(make_blank_token(parts, owner, TokenKind::Imported).value().id, token.id);
    EXPECT_EQ(store_->count(kAlice).value(), 0U);
}

TEST_F(BlankTokenTest, LastsAsLongAsTheConfigurationAllows) {
    state_.settings.token_lifetime_max = std::chrono::seconds(0);
    EXPECT_EQ(latest_expiry(context(), 1000), 0);
    state_.settings.token_lifetime_max = std::chrono::hours(1);
    EXPECT_EQ(latest_expiry(context(), 1000), 4600);
}

}  // namespace
}  // namespace patd
