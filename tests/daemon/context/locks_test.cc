// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/context/locks.h"

#include "tests/support/service_fixture.h"

namespace patd {
namespace {

using std::chrono::seconds;
using support::kAlice;
using support::kBob;

class LocksTest : public support::ServiceFixture {
  protected:
    TokenId id() { return TokenId::generate(random_).value(); }
};

TEST_F(LocksTest, AreOpenForAnOwnerWhomNobodyLocked) {
    EXPECT_FALSE(locks_->is_locked(kAlice).value());
}

TEST_F(LocksTest, AreWhatTheStoreHoldsAfterARestart) {
    store_->set_locked(kAlice, true).value();
    Locks fresh(*store_, clock_);
    EXPECT_TRUE(fresh.is_locked(kAlice).value());
    EXPECT_FALSE(fresh.is_locked(kBob).value());
}

TEST_F(LocksTest, AreRememberedOnceTheyWereReadOrSet) {
    ASSERT_FALSE(locks_->is_locked(kAlice).value());
    locks_->set_locked(kAlice, true);
    EXPECT_TRUE(locks_->is_locked(kAlice).value());
    EXPECT_FALSE(locks_->is_locked(kBob).value());
    locks_->set_locked(kAlice, false);
    EXPECT_FALSE(locks_->is_locked(kAlice).value());
}

TEST_F(LocksTest, StayRightForMoreOwnersThanAreRemembered) {
    store_->set_locked(kAlice, true).value();
    for (std::uint32_t uid = 100'000; uid < 100'000 + 4'200; ++uid)
        locks_->set_locked(Uid(uid), false);
    EXPECT_TRUE(locks_->is_locked(kAlice).value());
}

TEST_F(LocksTest, AnOpenedTokenClosesWhenItsTimeIsOver) {
    const TokenId token = id();
    EXPECT_FALSE(locks_->is_open(token));
    locks_->open_for(kAlice, token, seconds(300));
    clock_.advance(seconds(299));
    EXPECT_TRUE(locks_->is_open(token));
    EXPECT_FALSE(locks_->is_open(id()));
    clock_.advance(seconds(1));
    EXPECT_FALSE(locks_->is_open(token));
}

TEST_F(LocksTest, AnOpenedTokenIsNotKeptOpenByAClockThatIsSetBack) {
    const TokenId token = id();
    locks_->open_for(kAlice, token, seconds(300));
    clock_.advance(seconds(301));
    clock_.jump_to(support::FakeClock::kStart - 86400);
    EXPECT_FALSE(locks_->is_open(token));
}

TEST_F(LocksTest, OpeningAgainCountsFromNow) {
    const TokenId token = id();
    locks_->open_for(kAlice, token, seconds(300));
    locks_->open_for(kAlice, token, seconds(10));
    clock_.advance(seconds(10));
    EXPECT_FALSE(locks_->is_open(token));
}

TEST_F(LocksTest, LockingClosesWhatTheSameOwnerOpenedAndNothingElse) {
    const TokenId of_alice = id();
    const TokenId of_bob = id();
    locks_->open_for(kAlice, of_alice, seconds(300));
    locks_->open_for(kBob, of_bob, seconds(300));
    locks_->set_locked(kBob, true);
    EXPECT_TRUE(locks_->is_open(of_alice));
    EXPECT_FALSE(locks_->is_open(of_bob));
    locks_->set_locked(kBob, false);
    EXPECT_FALSE(locks_->is_open(of_bob));
}

TEST_F(LocksTest, ARestartClosesWhatWasOpened) {
    const TokenId token = id();
    locks_->open_for(kAlice, token, seconds(300));
    const Locks fresh(*store_, clock_);
    EXPECT_FALSE(fresh.is_open(token));
}

}  // namespace
}  // namespace patd
