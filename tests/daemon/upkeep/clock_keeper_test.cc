// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/upkeep/clock_keeper.h"

#include "daemon/release/release.h"
#include "daemon/release/verify.h"
#include "daemon/store/tokens/store_admin.h"
#include "tests/support/full_disk.h"
#include "tests/support/service_fixture.h"
#include "tests/support/turning.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using support::caller_of;
using support::FakeClock;
using support::kAlice;
using support::kBob;
using support::request_for;
using support::text_of;

constexpr UnixTime kStart = FakeClock::kStart;
constexpr UnixTime kYear = 365L * 24 * 60 * 60;
constexpr char kRepository[] = "https://git.example/repo";

class ClockKeeperTest : public support::ServiceFixture {
  protected:
    void SetUp() override {
        ServiceFixture::SetUp();
        start();
    }
    // As the daemon does it.
    void start() {
        ASSERT_TRUE(ClockKeeper::resume(*store_, guard_));
        keeper_.emplace(ClockKeeper::Parts{*loop_, guard_, guarded()});
        keeper_->begin();
    }
    void restart() {
        keeper_->look();
        start();
    }
    // The shared parts, with the guard as the clock.
    Context guarded() {
        return {*store_, *audit_log_, writer_, *auditor_,      locks_.value(),       accounts_,
                guard_,  random_,     state_,  subscriptions_, reuse_alarm_.value(), units_,
                turns_,  limited_};
    }
    UnixTime kept() { return store::StoreAdmin(*store_).read_note(store::Note::ClockMark).value(); }

    std::optional<VerifyFailure> refusal(const TokenSecret& secret) {
        const Verification judged =
            Verifier(guarded()).verify(caller_of(kBob), secret.reveal(), {}).value();
        return judged.valid ? std::nullopt : std::optional(judged.failure);
    }
    Result<std::optional<Released>> get(Uid owner) {
        std::optional<Result<std::optional<Released>>> answer;
        Releaser releaser(guarded());
        releaser.get(caller_of(owner), request_for(kRepository),
                     [&](Result<std::optional<Released>> given) { answer = std::move(given); });
        return std::move(answer).value();
    }

    ClockGuard guard_{clock_};
    std::optional<ClockKeeper> keeper_;
};

TEST_F(ClockKeeperTest, KeepsTheTimeThatHasBeen) {
    EXPECT_EQ(kept(), kStart);
    clock_.advance(minutes(10));
    keeper_->look();
    EXPECT_EQ(kept(), kStart + 600);
    clock_.jump_to(kStart - kYear);
    clock_.advance(minutes(10));
    keeper_->look();
    EXPECT_EQ(kept(), kStart + 1200) << "carried on by the time since boot";
}

TEST_F(ClockKeeperTest, WritesNothingAsLongAsTheTimeIsTheSame) {
    writer_.hold();
    keeper_->look();
    clock_.advance(std::chrono::seconds(60));
    keeper_->look();
    EXPECT_EQ(writer_.waiting(), 0U);
    clock_.advance(std::chrono::seconds(1));
    keeper_->look();
    EXPECT_EQ(writer_.waiting(), 1U);
    writer_.release();
}

TEST_F(ClockKeeperTest, ADiskThatIsFullKeepsAnOlderTime) {
    clock_.advance(hours(1));
    {
        const support::FullDisk full;
        keeper_->look();
    }
    EXPECT_EQ(kept(), kStart);
    keeper_->look();
    EXPECT_EQ(kept(), kStart + 3600) << "tried again, although no time has passed";
}

TEST_F(ClockKeeperTest, WhileTheKeyringIsLockedNothingIsKeptAndNothingIsSaidOfThat) {
    lock_keyring();
    testing::internal::CaptureStderr();
    for (int i = 0; i < 6; ++i) {
        clock_.advance(minutes(10));
        keeper_->look();
    }
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    unlock_keyring();
    EXPECT_EQ(kept(), kStart);
    keeper_->begin();
    EXPECT_EQ(kept(), kStart + 3600);
}

// Row D16.
TEST_F(ClockKeeperTest, WhatHasExpiredIsNotRevivedByAClockThatIsSetBack) {
    const support::Issued short_lived = issue(kAlice, {.expires = kStart + 3600});
    const std::string child = text_of(get(kAlice).value()->password);
    EXPECT_EQ(refusal(short_lived.secret), std::nullopt);
    clock_.advance(hours(1));
    for (const UnixTime to : {kStart, kStart - kYear}) {
        EXPECT_EQ(refusal(short_lived.secret), VerifyFailure::Expired);
        clock_.jump_to(to);
        EXPECT_EQ(refusal(short_lived.secret), VerifyFailure::Expired) << to;
        EXPECT_EQ(refusal(support::secret_of(child)), VerifyFailure::Expired) << to;
        EXPECT_EQ(get(kAlice).error().code, Errc::Expired) << to;
        restart();
        EXPECT_EQ(refusal(short_lived.secret), VerifyFailure::Expired) << "after a restart, " << to;
        EXPECT_EQ(refusal(support::secret_of(child)), VerifyFailure::Expired) << to;
    }
}

// Row D16.
TEST_F(ClockKeeperTest, AClockThatWasAheadForAWhileCostsNoToken) {
    const support::Issued token = issue(kAlice, {.expires = kStart + kYear});
    for (const UnixTime to :
         {kStart + 2 * kYear, UnixTime{2'147'483'648}, UnixTime{4'294'967'296}}) {
        clock_.jump_to(to);
        EXPECT_EQ(refusal(token.secret), VerifyFailure::Expired);
        EXPECT_EQ(get(kAlice).error().code, Errc::Expired);
        restart();
        EXPECT_LT(kept(), kStart + 60);
        clock_.jump_to(kStart + 10);
        EXPECT_EQ(refusal(token.secret), std::nullopt) << to;
        EXPECT_TRUE(get(kAlice)) << to;
    }
}

// Row D16: RTC-less machines.
TEST_F(ClockKeeperTest, AfterAStartInThePastWhatExpiresIsRefusedAndTheRestIsNot) {
    const support::Issued ends = issue(kAlice, {.expires = kStart + kYear});
    const support::Issued endless = issue(kAlice, {.targets = {"https://other.example"}});
    (void)import(kBob, "foreign-secret");
    const std::string child = text_of(get(kAlice).value()->password);
    clock_.jump_to(0);
    start();
    EXPECT_EQ(refusal(ends.secret), VerifyFailure::Expired);
    EXPECT_EQ(refusal(endless.secret), std::nullopt);
    EXPECT_EQ(refusal(support::secret_of(child)), VerifyFailure::Expired);
    EXPECT_EQ(get(kAlice).error().code, Errc::ClockUnknown);
    EXPECT_EQ(text_of(get(kBob).value()->password), "foreign-secret");
    clock_.jump_to(kStart + 30);
    EXPECT_EQ(refusal(ends.secret), std::nullopt);
    EXPECT_TRUE(get(kAlice).value());
}

TEST_F(ClockKeeperTest, NoChildIsReleasedThatNobodyWouldBelieve) {
    (void)issue(kAlice);
    clock_.jump_to(0);
    start();
    EXPECT_EQ(get(kAlice).error().code, Errc::ClockUnknown);
    std::optional<Result<Judgement>> judgement;
    Releaser releaser(guarded());
    releaser.judge(caller_of(kAlice), request_for(kRepository), std::nullopt,
                   [&](Result<Judgement> judged) { judgement.emplace(std::move(judged)); });
    EXPECT_TRUE(support::turn_until(*loop_, [&] { return judgement.has_value(); }));
    const Selection& selection = judgement->value().selection;
    EXPECT_EQ(selection.refusal, Errc::ClockUnknown);
    EXPECT_EQ(verdict_name(selection.judged.front()), "ClockUnknown");
    EXPECT_EQ(events(kAlice), std::vector<std::string>{"release ClockUnknown"});
}

// Row D16.
TEST_F(ClockKeeperTest, RootSaysThatTheClockIsRightAndThatIsRecordedAndKept) {
    const support::Issued token = issue(kAlice, {.expires = kStart + kYear});
    clock_.jump_to(kStart + 2 * kYear);
    clock_.advance(hours(1));
    EXPECT_EQ(refusal(token.secret), VerifyFailure::Expired);
    clock_.advance(hours(1));
    restart();
    clock_.jump_to(kStart + 7200);
    EXPECT_EQ(refusal(token.secret), VerifyFailure::Expired) << "it lasted: it was believed";
    std::optional<Result<void>> answer;
    const Done done = [&](const Result<void>& accepted) { answer = accepted; };
    {
        const support::FullDisk full;
        keeper_->accept(caller_of(Uid(0)), done);
    }
    EXPECT_EQ(answer.value().error().code, Errc::Unavailable);
    EXPECT_EQ(refusal(token.secret), VerifyFailure::Expired) << "nothing is done unrecorded";
    keeper_->accept(caller_of(Uid(0)), done);
    ASSERT_TRUE(answer.value());
    EXPECT_EQ(refusal(token.secret), std::nullopt);
    EXPECT_EQ(kept(), kStart + 7200);
    EXPECT_EQ(events(Uid(0)).back(), "accept-clock ok");
    restart();
    EXPECT_EQ(refusal(token.secret), std::nullopt);
}

}  // namespace
}  // namespace patd
