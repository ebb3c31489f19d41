// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/admission/turns.h"

#include "common/base/limits.h"
#include "tests/support/turning.h"

#include <gtest/gtest.h>

#include <string>

namespace patd {
namespace {

using std::chrono::nanoseconds;
using Progress = Turns::Progress;

constexpr Uid kFirstUser{1};
constexpr Uid kSecondUser{2};

// Time stands still, except for what a step says that it took.
class TurnsTest : public ::testing::Test {
  protected:
    // A step that writes `name` and takes `time`, this many times.
    Turns::Step step(char name, int times = 1, nanoseconds time = {}) {
        auto left = std::make_shared<int>(times);
        return [this, name, left, time] {
            order_ += name;
            now_ += time;
            return --*left > 0 ? Progress::More : Progress::Finished;
        };
    }

    std::unique_ptr<bus::EventLoop> loop_ = bus::EventLoop::create().value();
    nanoseconds now_{};
    std::string order_;
    Turns turns_{*loop_, {}, [this] { return now_; }};
};

TEST_F(TurnsTest, RunsWhatItIsGivenAtTheNextTurnOfTheLoop) {
    turns_.add(kFirstUser, step('a'));
    EXPECT_EQ(order_, "");
    support::turn_while_ready(*loop_);
    EXPECT_EQ(order_, "a");
    EXPECT_TRUE(turns_.is_idle());
}

TEST_F(TurnsTest, LeavesTheRoundsToWhoDrivesIt) {
    turns_.drive(true);
    turns_.add(kFirstUser, step('a'));
    support::turn_while_ready(*loop_);
    EXPECT_EQ(order_, "");
    turns_.run_round();
    EXPECT_EQ(order_, "a");
}

TEST_F(TurnsTest, TheRequestsOfALotTakeTurns) {
    turns_.add(kFirstUser, step('a', 3));
    turns_.add(kFirstUser, step('b', 2));
    turns_.run_round();
    EXPECT_EQ(order_, "ababa");
}

TEST_F(TurnsTest, ALotThatUsedItsTurnWaitsForTheOthers) {
    turns_.add(kFirstUser, step('a', 4, limits::kTurnBudget));
    turns_.add(kSecondUser, step('b', 2, limits::kTurnBudget));
    turns_.run_round();
    EXPECT_EQ(order_, "ab");
    turns_.run_round();
    turns_.run_round();
    EXPECT_EQ(order_, "ababa");
}

// Row D2: three hundred requests of one uid cost another one turn of waiting.
TEST_F(TurnsTest, NoNumberOfRequestsKeepsAnotherLotOut) {
    for (int i = 0; i < 300; ++i)
        turns_.add(kFirstUser, step('a', 1, limits::kTurnBudget));
    turns_.run_round();
    turns_.add(kSecondUser, step('b'));
    order_.clear();
    for (int round = 0; order_.find('b') == std::string::npos; ++round) {
        ASSERT_LT(round, 2);
        turns_.run_round();
    }
    EXPECT_LE(order_.find('b'), 1U);
}

TEST_F(TurnsTest, AStepThatTookTooLongIsPaidForInTurns) {
    turns_.add(kFirstUser, step('A', 1, 3 * limits::kTurnBudget));
    turns_.add(kFirstUser, step('a', 2, limits::kTurnBudget));
    turns_.add(kSecondUser, step('b', 5, limits::kTurnBudget));
    for (int i = 0; i < 5; ++i)
        turns_.run_round();
    EXPECT_EQ(order_, "Abbbabab");
}

TEST_F(TurnsTest, NobodySitsOutForNobody) {
    turns_.add(kFirstUser, step('a', 3, 5 * limits::kTurnBudget));
    for (int i = 0; i < 3; ++i)
        turns_.run_round();
    EXPECT_EQ(order_, "aaa");
}

TEST_F(TurnsTest, ARoundEndsSoonerThanItsLotsWhenTheyTakeLong) {
    for (std::uint32_t uid = 1; uid <= 30; ++uid)
        turns_.add(Uid(uid), step('x', 1, limits::kTurnBudget));
    turns_.run_round();
    EXPECT_EQ(order_.size(), limits::kRoundBudget / limits::kTurnBudget);
    turns_.run_round();
    turns_.run_round();
    EXPECT_EQ(order_.size(), 30U);
}

TEST_F(TurnsTest, WorkIsDoneAtOnceWhereItIsShort) {
    turns_.work(kFirstUser, step('w', limits::kStepsAtOnce));
    EXPECT_EQ(order_, std::string(limits::kStepsAtOnce, 'w'));
    EXPECT_TRUE(turns_.is_idle());
}

TEST_F(TurnsTest, LongWorkGoesOnInLaterTurnsBesideItsLotsRequests) {
    constexpr int kMore = 3;
    turns_.work(kFirstUser, step('w', limits::kStepsAtOnce + kMore));
    turns_.add(kFirstUser, step('a', 3));
    order_.clear();
    turns_.run_round();
    EXPECT_EQ(order_, "awawaw");
}

TEST_F(TurnsTest, OfALotsWorksTheFirstIsFinishedFirst) {
    turns_.work(kFirstUser, step('v', limits::kStepsAtOnce + 2));
    turns_.work(kFirstUser, step('w', limits::kStepsAtOnce + 2));
    order_.clear();
    turns_.run_round();
    EXPECT_EQ(order_, "vvww");
}

TEST_F(TurnsTest, AStepMayAddToItsOwnLotAndToOthers) {
    turns_.add(kFirstUser, [this] {
        turns_.add(kFirstUser, step('a'));
        turns_.add(kSecondUser, step('b'));
        return Progress::Finished;
    });
    turns_.run_round();
    turns_.run_round();
    EXPECT_EQ(order_, "ab");
}

// Row D21.
TEST_F(TurnsTest, AStepThatThrowsEndsAloneAndLetsGoOfWhatItHolds) {
    const auto held = std::make_shared<int>();
    testing::internal::CaptureStderr();
    for (int i = 0; i < 3; ++i) {
        turns_.add(kFirstUser, [held]() -> Progress { throw std::bad_alloc(); });
        turns_.work(kFirstUser, [held, steps = std::make_shared<int>(0)] {
            if (++*steps > static_cast<int>(limits::kStepsAtOnce))
                throw std::logic_error("a bug");
            return Progress::More;
        });
        turns_.work(kSecondUser, [held]() -> Progress { throw 7; });
    }
    turns_.add(kFirstUser, step('a', 2));
    turns_.add(kSecondUser, step('b'));
    turns_.run_round();
    turns_.run_round();
    const std::string told = testing::internal::GetCapturedStderr();
    EXPECT_EQ(held.use_count(), 1);
    EXPECT_EQ(order_, "aab");
    EXPECT_TRUE(turns_.is_idle());
    EXPECT_NE(told.find("where=turn"), std::string::npos) << told;
    EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 1) << "once a minute: " << told;
}

TEST_F(TurnsTest, LotsAreWhatItIsTold) {
    Turns turns(
        *loop_, [](Uid uid) { return uid.value() > 1000 ? Uid(1000) : uid; },
        [this] { return now_; });
    turns.add(Uid(1001), step('x', 2, limits::kTurnBudget));
    turns.add(Uid(1002), step('y', 2, limits::kTurnBudget));
    turns.add(kFirstUser, step('a', 2, limits::kTurnBudget));
    for (int i = 0; i < 4; ++i)
        turns.run_round();
    EXPECT_EQ(order_, "axayxy");
}

TEST_F(TurnsTest, AStepKnowsWhetherItMayDoMore) {
    EXPECT_FALSE(turns_.has_time());
    int done = 0;
    turns_.add(kFirstUser, [&] {
        do {
            ++done;
            now_ += std::chrono::nanoseconds(limits::kTurnBudget) / 4;
        } while (turns_.has_time());
        return Progress::Finished;
    });
    turns_.run_round();
    EXPECT_EQ(done, 4);
}

// Row D2: a lot owes what it makes others pay for before its turn; without any turn it never pays.
TEST_F(TurnsTest, ALotOwesWhatItsRequestsCostBeforeTheirTurn) {
    turns_.drive(true);
    turns_.add(kFirstUser, step('a', 100, limits::kTurnBudget));
    int rounds = 0;
    for (; order_.size() < 10 && rounds < 100; ++rounds) {
        // As many calls as can be read in the time of a turn.
        for (int i = 0; i < limits::kTurnBudget / (limits::kCallCharge * 4 / 3); ++i)
            turns_.charge(kFirstUser, limits::kCallCharge);
        turns_.run_round();
    }
    EXPECT_EQ(order_, std::string(10, 'a'));
    EXPECT_GE(rounds, 30);
    EXPECT_LE(rounds, 40);
}

TEST_F(TurnsTest, AloneALotSitsNothingOutWhenNobodyReadsAnyMore) {
    turns_.drive(true);
    turns_.add(kFirstUser, step('a', 2, limits::kTurnBudget));
    turns_.charge(kFirstUser, limits::kTurnBudget * 50);
    turns_.run_round();
    EXPECT_EQ(order_, "");
    turns_.run_round();
    turns_.run_round();
    EXPECT_EQ(order_, "aa");
}

TEST_F(TurnsTest, WhoWantsNothingOwesNothing) {
    turns_.drive(true);
    turns_.charge(kFirstUser, limits::kTurnBudget * 50);
    turns_.add(kFirstUser, step('a'));
    turns_.run_round();
    EXPECT_EQ(order_, "a");
}

}  // namespace
}  // namespace patd
