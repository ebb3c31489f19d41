// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/owner_sentence.h"

#include "tests/support/service_fixture.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

class OwnerSentenceTest : public ::testing::Test {
  protected:
    std::string tell(Errc why) {
        judgement_.candidates.clear();
        judgement_.candidates.push_back(Candidate{token_});
        const Judged judged{&judgement_.candidates.back(), token_.targets.front()};
        return owner_sentence(judgement_, judged, why, std::chrono::hours(1));
    }

    Token token_ = support::make_token(support::kAlice, TokenKind::Imported);
    const std::string id_ = token_.id.text();
    Judgement judgement_{support::caller_of(support::kAlice),
                         ReleaseRequest{Origin::parse("https://git.example").value(), "", {}},
                         CallerUnit{}};
};

TEST_F(OwnerSentenceTest, HasTheCommandThatHelpsWithTheId) {
    EXPECT_EQ(tell(Errc::ConfirmRequired),
              "The token " + id_ + " 'a laptop' waits for you to open it: patctl unlock " + id_);
    EXPECT_EQ(tell(Errc::Expired), "The token " + id_ +
                                       " 'a laptop' has expired; run 'patctl edit " + id_ +
                                       " --expires 90d' or 'patctl regenerate " + id_ + "'.");
    EXPECT_EQ(tell(Errc::ServerRefused),
              "https://git.example refused the valid token " + id_ +
                  " 'a laptop'; compare what it requires with 'patctl show " + id_ + "'.");
    judgement_.request.ttl = std::chrono::minutes(90);
    EXPECT_EQ(tell(Errc::InvalidLifetime),
              "You asked for 90m; a token for one use lives for at least 1s and at most 1h.");
    judgement_.request.ttl = std::chrono::seconds(0);
    EXPECT_EQ(tell(Errc::InvalidLifetime),
              "You asked for 0s; a token for one use lives for at least 1s and at most 1h.");
}

TEST_F(OwnerSentenceTest, SaysForWhichUnitsItIsAndWhichOneAsked) {
    token_.rules = ReleaseRules::parse({"backup.service"}).value();
    judgement_.caller.unit = "other.service";
    EXPECT_EQ(tell(Errc::RuleDenied), "The token " + id_ +
                                          " 'a laptop' is only for backup.service; you are "
                                          "other.service.");
}

TEST_F(OwnerSentenceTest, HasAUrlThatWorksForEveryUserName) {
    token_.username = "alice@example.com:x/y";
    judgement_.candidates.push_back(Candidate{token_});
    const Judged tied{&judgement_.candidates.back(), token_.targets.front(), Verdict::Tied};
    judgement_.selection.judged = {tied, tied};
    const std::string said =
        owner_sentence(judgement_, tied, Errc::Ambiguous, std::chrono::hours(1));
    EXPECT_NE(said.find(" as alice@example.com:x/y; "), std::string::npos) << said;
    EXPECT_NE(said.find(" https://alice%40example.com%3Ax%2Fy@git.example/... "), std::string::npos)
        << said;
}

TEST_F(OwnerSentenceTest, IsThereForEveryReasonThatATokenGivesAndNoOther) {
    for (const Errc why : kEveryErrc)
        EXPECT_EQ(!tell(why).empty(), is_of_a_token(why)) << errc_name(why);
}

}  // namespace
}  // namespace patd
