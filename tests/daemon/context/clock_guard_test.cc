// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/context/clock_guard.h"

#include "tests/support/fake_clock.h"

#include <gtest/gtest.h>

#include <limits>

namespace patd {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using support::FakeClock;

constexpr UnixTime kStart = FakeClock::kStart;
constexpr UnixTime kDay = 24 * 60 * 60;
constexpr UnixTime kYear = 365 * kDay;
constexpr UnixTime kEndOfTime = std::numeric_limits<UnixTime>::max();

// Row D16: whatever the wall clock does.
class ClockGuardTest : public testing::Test {
  protected:
    ClockGuardTest() { guard_.resume(kStart); }

    void restart(UnixTime mark) { guard_.resume(mark); }

    FakeClock wall_;
    ClockGuard guard_{wall_};
};

TEST_F(ClockGuardTest, GoesWithAWallClockThatRunsOn) {
    for (const int step : {0, 1, 59, 3600, 86'399, 86'400 * 40}) {
        wall_.advance(seconds(step));
        EXPECT_EQ(guard_.now(), wall_.now());
        EXPECT_EQ(guard_.expiry_time(), wall_.now());
        EXPECT_EQ(guard_.mark(), wall_.now());
        EXPECT_EQ(guard_.trust(), ClockTrust::Right);
    }
}

// Row D16.
TEST_F(ClockGuardTest, NeverGoesBack) {
    for (const UnixTime to :
         {kStart - 1, kStart - 60, kStart - kYear, UnixTime{0}, UnixTime{1}, UnixTime{-1}}) {
        wall_.jump_to(to);
        EXPECT_GE(guard_.now(), kStart) << to;
        wall_.advance(seconds(10));
        EXPECT_GE(guard_.expiry_time(), kStart + 10) << "the time since boot carries it on";
    }
}

// Row D16.
// An NTP daemon inserts a leap second by repeating one second.
TEST_F(ClockGuardTest, ALeapSecondIsNoStepBack) {
    EXPECT_EQ(guard_.now(), kStart);
    wall_.jump_to(kStart - 1);
    EXPECT_EQ(guard_.trust(), ClockTrust::Right);
    EXPECT_EQ(guard_.now(), kStart);
    wall_.advance(seconds(1));
    EXPECT_EQ(guard_.now(), kStart + 1);
}

TEST_F(ClockGuardTest, TellsThatTheClockWentBack) {
    EXPECT_EQ(guard_.now(), kStart);
    wall_.jump_to(kStart - kYear);
    EXPECT_EQ(guard_.trust(), ClockTrust::Behind);
    EXPECT_EQ(guard_.now(), kStart) << "how late it is is known";
    wall_.jump_to(kStart + 5);
    EXPECT_EQ(guard_.trust(), ClockTrust::Right);
}

TEST_F(ClockGuardTest, BelievesAStepOfUpToADayAtOnce) {
    wall_.jump_to(kStart + kDay);
    EXPECT_EQ(guard_.trust(), ClockTrust::Right);
    wall_.jump_to(kStart);
    EXPECT_EQ(guard_.now(), kStart + kDay);
    EXPECT_EQ(guard_.trust(), ClockTrust::Behind);
}

// Row D16.
TEST_F(ClockGuardTest, AJumpForwardThatIsTakenBackLeavesNothingBehind) {
    constexpr UnixTime k2038 = 2'147'483'648;
    constexpr UnixTime k2106 = 4'294'967'296;
    for (const UnixTime to : {kStart + kDay + 1, kStart + kYear, k2038, k2106, 8 * k2106}) {
        restart(kStart);
        wall_.jump_to(to);
        EXPECT_EQ(guard_.now(), to) << "refused meanwhile is what would have expired";
        EXPECT_EQ(guard_.trust(), ClockTrust::Ahead);
        wall_.advance(seconds(3599));
        EXPECT_EQ(guard_.trust(), ClockTrust::Ahead);
        EXPECT_EQ(guard_.mark(), kStart + 3599);
        wall_.jump_to(kStart + 3600);
        EXPECT_EQ(guard_.trust(), ClockTrust::Right);
        EXPECT_EQ(guard_.now(), kStart + 3600);
        wall_.jump_to(kStart);
    }
}

TEST_F(ClockGuardTest, AJumpForwardIsBelievedWhenItLasted) {
    wall_.jump_to(kStart + kYear);
    EXPECT_EQ(guard_.trust(), ClockTrust::Ahead);
    wall_.advance(hours(1));
    EXPECT_EQ(guard_.trust(), ClockTrust::Right);
    EXPECT_EQ(guard_.mark(), kStart + kYear + 3600);
    wall_.jump_to(kStart);
    EXPECT_EQ(guard_.now(), kStart + kYear + 3600);
}

TEST_F(ClockGuardTest, EveryJumpLastsForItself) {
    wall_.jump_to(kStart + kYear);
    EXPECT_EQ(guard_.trust(), ClockTrust::Ahead);
    wall_.advance(seconds(3000));
    wall_.jump_to(wall_.now() + kYear);
    EXPECT_EQ(guard_.trust(), ClockTrust::Ahead);
    wall_.advance(seconds(3000));
    EXPECT_EQ(guard_.trust(), ClockTrust::Ahead);
    wall_.advance(seconds(600));
    EXPECT_EQ(guard_.trust(), ClockTrust::Right);
}

TEST_F(ClockGuardTest, TheFirstStartOfAllBelievesTheClock) {
    for (const UnixTime mark : {UnixTime{0}, UnixTime{-5}, kEndOfTime}) {
        restart(mark);
        EXPECT_EQ(guard_.now(), kStart) << mark;
        EXPECT_EQ(guard_.trust(), ClockTrust::Right) << mark;
    }
}

// A month in a drawer, or a clock that is a month ahead: nobody can tell.
TEST_F(ClockGuardTest, AMachineThatWasOffForAMonthIsRightAfterAnHour) {
    restart(kStart - 30 * kDay);
    EXPECT_EQ(guard_.trust(), ClockTrust::Ahead);
    EXPECT_EQ(guard_.expiry_time(), kStart);
    wall_.advance(hours(1));
    EXPECT_EQ(guard_.trust(), ClockTrust::Right);
}

// Row D16.
TEST_F(ClockGuardTest, AMachineWithoutABatteryKnowsNoTimeUntilItIsTold) {
    for (const UnixTime boot : {UnixTime{0}, kStart - kYear, kStart - kDay - 1}) {
        wall_.jump_to(boot);
        restart(kStart);
        EXPECT_EQ(guard_.trust(), ClockTrust::Unknown) << boot;
        EXPECT_EQ(guard_.expiry_time(), kEndOfTime) << "what expires is refused";
        EXPECT_EQ(guard_.now(), kStart) << "what is written down is not older than it was";
        wall_.advance(hours(30));
        EXPECT_EQ(guard_.trust(), ClockTrust::Unknown) << boot;
        wall_.jump_to(kStart + hours(30) / seconds(1) + 7);
        EXPECT_EQ(guard_.trust(), ClockTrust::Right) << boot;
        EXPECT_EQ(guard_.expiry_time(), wall_.now());
    }
}

TEST_F(ClockGuardTest, AStartALittleBeforeTheMarkGoesOnFromTheMark) {
    wall_.jump_to(kStart - kDay);
    restart(kStart);
    EXPECT_EQ(guard_.trust(), ClockTrust::Behind);
    EXPECT_EQ(guard_.expiry_time(), kStart);
}

TEST_F(ClockGuardTest, RootMaySayThatTheClockIsRight) {
    wall_.jump_to(kStart - kYear);
    restart(kStart);
    guard_.accept();
    EXPECT_EQ(guard_.trust(), ClockTrust::Right);
    EXPECT_EQ(guard_.expiry_time(), kStart - kYear);
    EXPECT_EQ(guard_.mark(), kStart - kYear);
    wall_.jump_to(kStart);
    EXPECT_EQ(guard_.trust(), ClockTrust::Ahead);
    guard_.accept();
    EXPECT_EQ(guard_.trust(), ClockTrust::Right);
}

}  // namespace
}  // namespace patd
