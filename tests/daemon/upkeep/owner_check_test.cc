// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/upkeep/owner_check.h"

#include "daemon/release/verify.h"
#include "tests/support/service_fixture.h"

#include <gtest/gtest.h>

#include <map>

namespace patd {
namespace {

using Texts = std::vector<std::string>;
using support::caller_of;
using support::kAlice;
using support::kBob;
using support::text_of;

class OwnerCheckTest : public support::ServiceFixture {
  protected:
    OwnerCheck make() {
        return OwnerCheck({*loop_, writer_, context()}, [this](const store::OwnerSummary& owner) {
            ++asked_;
            return fates_[owner.owner];
        });
    }
    static std::uint32_t check(OwnerCheck& owners) {
        std::uint32_t count = 99;
        owners.check_now([&](const Result<std::uint32_t>& hidden) { count = hidden.value(); });
        return count;
    }

    std::map<Uid, OwnerFate> fates_;
    int asked_ = 0;
};

// Rows A13 and O7.
TEST_F(OwnerCheckTest, A13_QuarantinesAtOnceWhenTheUidIsAnothers) {
    const support::Issued issued = issue(kAlice);
    const support::Issued other = issue(kBob);
    fates_[kAlice] = OwnerFate::Reassigned;
    OwnerCheck owners = make();
    owners.begin();
    EXPECT_FALSE(stored(issued.token.id));
    EXPECT_TRUE(stored(other.token.id));
    EXPECT_EQ(events(kAlice), std::vector<std::string>{"quarantine ok"});
    Verifier verifier(context());
    EXPECT_FALSE(
        verifier.verify(caller_of(kBob), text_of(issued.secret), {}).value().valid.has_value());
}

// Row D21.
TEST_F(OwnerCheckTest, ALookThatCouldNotBeginIsNotUnderWayForEver) {
    (void)issue(kAlice);
    fates_[kAlice] = OwnerFate::Reassigned;
    OwnerCheck owners = make();
    writer_.fail_once();
    EXPECT_THROW((void)check(owners), std::bad_alloc);
    EXPECT_EQ(check(owners), 1U);
}

TEST_F(OwnerCheckTest, AnAccountThatIsGoneMustBeGoneTwice) {
    const support::Issued issued = issue(kAlice);
    fates_[kAlice] = OwnerFate::Gone;
    OwnerCheck owners = make();
    owners.begin();
    EXPECT_TRUE(stored(issued.token.id));
    fates_[kAlice] = OwnerFate::Same;
    owners.begin();
    fates_[kAlice] = OwnerFate::Gone;
    owners.begin();
    EXPECT_TRUE(stored(issued.token.id)) << "not twice in a row";
    owners.begin();
    EXPECT_FALSE(stored(issued.token.id));
}

TEST_F(OwnerCheckTest, RootsWordIsEnough) {
    (void)issue(kAlice);
    (void)issue(kAlice);
    fates_[kAlice] = OwnerFate::Gone;
    OwnerCheck owners = make();
    EXPECT_EQ(check(owners), 2U);
    EXPECT_EQ(check(owners), 0U);
    EXPECT_EQ(asked_, 1) << "what is quarantined is not asked about";
}

TEST_F(OwnerCheckTest, NothingFollowsFromAFailureOfNss) {
    const support::Issued issued = issue(kAlice);
    fates_[kAlice] = OwnerFate::Unknown;
    OwnerCheck owners = make();
    owners.begin();
    owners.begin();
    EXPECT_EQ(check(owners), 0U);
    EXPECT_TRUE(stored(issued.token.id));
}

TEST_F(OwnerCheckTest, OfSeveralAccountsNobodyKnowsWhichWereHiddenBeforeItFailed) {
    (void)issue(kAlice);
    (void)issue(kBob);
    random_.set_failing(true);
    OwnerCheck owners = make();
    const auto ignore = [](const Result<std::uint32_t>& hidden) { EXPECT_FALSE(hidden); };
    fates_[kAlice] = OwnerFate::Gone;
    owners.check_now(ignore);
    EXPECT_EQ(events(kAlice), Texts{"quarantine Unavailable"});
    fates_[kBob] = OwnerFate::Gone;
    owners.check_now(ignore);
    EXPECT_EQ(events(kAlice), (Texts{"quarantine Unavailable", "quarantine begun"}));
    EXPECT_EQ(events(kBob), Texts{"quarantine begun"});
}

TEST_F(OwnerCheckTest, AsksTheRealAccounts) {
    EXPECT_EQ(OwnerCheck::look_up({kAlice, "daemon"}), OwnerFate::Same);
    EXPECT_EQ(OwnerCheck::look_up({kAlice, "alice"}), OwnerFate::Reassigned);
    EXPECT_EQ(OwnerCheck::look_up({Uid(3999999999U), "alice"}), OwnerFate::Gone);
}

}  // namespace
}  // namespace patd
