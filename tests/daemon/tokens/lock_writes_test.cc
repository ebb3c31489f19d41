// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/tokens/token_service.h"
#include "tests/support/full_disk.h"
#include "tests/support/service_fixture.h"

// Row D2: Lock needs no password, so a client may call it as often as it likes: what changes
// nothing is not written.
namespace patd {
namespace {

using support::caller_of;
using support::kAlice;
using support::kBob;

using Texts = std::vector<std::string>;

class LockWritesTest : public support::ServiceFixture {
  protected:
    void SetUp() override {
        ServiceFixture::SetUp();
        tokens_.emplace(context());
    }
    void lock(Uid owner) {
        tokens_->lock(caller_of(owner), [this](const Result<void>& done) { answer(done); });
    }
    void unlock(Uid owner) {
        tokens_->unlock(caller_of(owner)).value().commit({}, [this](const Result<Committed>& done) {
            answer(done ? Result<void>() : done.error());
        });
    }
    void answer(const Result<void>& done) {
        if (done)
            ++done_;
        else
            refused_.push_back(done.error().code);
    }
    bool is_kept(Uid owner) { return store_->is_locked(owner).value(); }
    bool is_in_force(Uid owner) { return locks_->is_locked(owner).value(); }

    std::optional<TokenService> tokens_;
    int done_ = 0;
    std::vector<Errc> refused_;
};

// Row D20.
TEST_F(LockWritesTest, ALockOfWhatIsLockedWritesNothing) {
    lock(kAlice);
    writer_.hold();
    for (int i = 0; i < 1000; ++i)
        lock(kAlice);
    EXPECT_EQ(writer_.waiting(), 0U);
    EXPECT_EQ(done_, 1001);
    EXPECT_EQ(events(kAlice), Texts{"lock ok"});
    EXPECT_TRUE(is_kept(kAlice));
}

TEST_F(LockWritesTest, ALockJoinsTheOneThatIsUnderWay) {
    writer_.hold();
    for (int i = 0; i < 50; ++i)
        lock(kAlice);
    lock(kBob);
    EXPECT_EQ(writer_.waiting(), 2U);
    EXPECT_EQ(done_, 0);
    EXPECT_TRUE(is_in_force(kAlice));
    writer_.release();
    EXPECT_EQ(done_, 51);
    EXPECT_EQ(events(kAlice), Texts{"lock ok"});
    EXPECT_EQ(events(kBob), Texts{"lock ok"});
}

TEST_F(LockWritesTest, AnUnlockOfWhatIsNotLockedWritesNothing) {
    EXPECT_EQ(tokens_->unlock(caller_of(kAlice)).value().step_up, Plan::StepUp::Authenticate);
    writer_.hold();
    unlock(kAlice);
    EXPECT_EQ(writer_.waiting(), 0U);
    EXPECT_EQ(done_, 1);
    EXPECT_EQ(events(kAlice), Texts{});
}

TEST_F(LockWritesTest, ALockAfterAnUnlockThatIsUnderWayIsWritten) {
    lock(kAlice);
    writer_.hold();
    unlock(kAlice);
    lock(kAlice);
    lock(kAlice);
    EXPECT_EQ(writer_.waiting(), 2U);
    writer_.run_one();
    // The unlock has ended, and what came after it applies.
    EXPECT_FALSE(is_kept(kAlice));
    EXPECT_TRUE(is_in_force(kAlice));
    writer_.release();
    EXPECT_TRUE(is_kept(kAlice));
    EXPECT_TRUE(is_in_force(kAlice));
    EXPECT_EQ(done_, 4);
    EXPECT_EQ(events(kAlice), (Texts{"lock ok", "unlock ok", "lock ok"}));
}

TEST_F(LockWritesTest, AnUnlockAfterALockThatIsUnderWayIsWritten) {
    writer_.hold();
    lock(kAlice);
    unlock(kAlice);
    lock(kAlice);
    unlock(kAlice);
    EXPECT_EQ(writer_.waiting(), 4U);
    writer_.release();
    EXPECT_FALSE(is_kept(kAlice));
    EXPECT_FALSE(is_in_force(kAlice));
    EXPECT_EQ(done_, 4);
}

// It holds until the service ends, but only what is on disk needs no writing.
TEST_F(LockWritesTest, ALockThatTheDiskRefusedIsWrittenByTheNext) {
    {
        const support::FullDisk full;
        lock(kAlice);
    }
    EXPECT_EQ(refused_, std::vector<Errc>{Errc::Unavailable});
    EXPECT_TRUE(is_in_force(kAlice));
    EXPECT_FALSE(is_kept(kAlice));
    lock(kAlice);
    EXPECT_EQ(done_, 1);
    EXPECT_TRUE(is_kept(kAlice));
}

TEST_F(LockWritesTest, AnUnlockEndsALockThatTheDiskRefused) {
    {
        const support::FullDisk full;
        lock(kAlice);
    }
    unlock(kAlice);
    EXPECT_EQ(done_, 1);
    EXPECT_FALSE(is_in_force(kAlice));
}

// Locking closes what was opened since, whether or not there is something to write.
TEST_F(LockWritesTest, ALockOfWhatIsLockedClosesWhatWasOpened) {
    const support::Issued issued = issue(kAlice);
    lock(kAlice);
    locks_->open_for(kAlice, issued.token.id, std::chrono::seconds(60));
    lock(kAlice);
    EXPECT_FALSE(locks_->is_open(issued.token.id));
}

// Per-user mode with a locked keyring: nobody knows what is kept, so it tries to write.
TEST_F(LockWritesTest, ALockWhileTheStoreIsClosedIsInForceAndSaysThatItIsNotKept) {
    lock_keyring();
    lock(kAlice);
    lock(kAlice);
    EXPECT_EQ(refused_, (std::vector<Errc>{Errc::StoreLocked, Errc::StoreLocked}));
    EXPECT_TRUE(is_in_force(kAlice));
    unlock_keyring();
    lock(kAlice);
    EXPECT_EQ(done_, 1);
    EXPECT_TRUE(is_kept(kAlice));
}

// Row D21.
TEST_F(LockWritesTest, ALockThatCouldNotBeginIsInForceAllTheSameAndKeepsNoneWaiting) {
    writer_.fail_once();
    EXPECT_THROW(lock(kAlice), std::bad_alloc);
    EXPECT_TRUE(is_in_force(kAlice));
    EXPECT_FALSE(is_kept(kAlice));
    EXPECT_EQ(events(kAlice), Texts{});
    lock(kAlice);
    EXPECT_EQ(done_, 1);
    EXPECT_TRUE(is_in_force(kAlice));
    writer_.fail_once();
    EXPECT_THROW(unlock(kAlice), std::bad_alloc);
    EXPECT_TRUE(is_in_force(kAlice));
    unlock(kAlice);
    EXPECT_EQ(done_, 2);
    EXPECT_FALSE(is_in_force(kAlice));
    EXPECT_EQ(events(kAlice), (Texts{"lock ok", "unlock ok"}));
}

TEST_F(LockWritesTest, WhoThrowsAtTheEndOfALockTakesNoOtherWithHim) {
    writer_.hold();
    tokens_->lock(caller_of(kAlice), [](const auto&) { throw std::logic_error("a bug"); });
    lock(kAlice);
    writer_.release();
    EXPECT_EQ(done_, 1);
    EXPECT_EQ(events(kAlice), Texts{"lock ok"});
}

}  // namespace
}  // namespace patd
