// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/tokens/token_list.h"

#include "tests/support/read_store.h"
#include "tests/support/service_fixture.h"

namespace patd {
namespace {

using support::kAlice;
using support::kBob;

class TokenListTest : public support::ServiceFixture {};

TEST_F(TokenListTest, GivesAnOwnersTokensWithTheirLastUses) {
    const Token used = issue(kAlice).token;
    issue(kBob);
    store_->record_use({{used.id, LastUse{5, 33, "verify", "sshd"}}}).value();
    const auto all = read_all(TokenList(*store_, store_->survey_owner(kAlice))).value();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].token.id, used.id);
    EXPECT_EQ(all[0].last_use.where, "sshd");
}

TEST_F(TokenListTest, GivesWhatTheFilterLetsThrough) {
    const Token kept = issue(kAlice).token;
    issue(kAlice);
    const auto is_kept = [&](const Token& token) { return token.id == kept.id; };
    TokenList list(*store_, store_->survey_owner(kAlice), is_kept);
    EXPECT_EQ(read_all(std::move(list)).value().size(), 1U);
}

TEST_F(TokenListTest, EndsWithTheErrorOfWhoTakes) {
    issue(kAlice);
    TokenList list(*store_, store_->survey_owner(kAlice));
    EXPECT_EQ(list.step([](const store::ListedToken&) { return Errc::LimitExceeded; }).error().code,
              Errc::LimitExceeded);
}

}  // namespace
}  // namespace patd
