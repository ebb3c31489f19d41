// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/lockout.h"

#include <gtest/gtest.h>

namespace patd::auth {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

int charges_that_pass(Lockout& lockout, int wanted) {
    int passed = 0;
    for (int i = 0; i < wanted; ++i)
        passed += lockout.charge() ? 1 : 0;
    return passed;
}

TEST(Lockout, AllowsFiveTriesAtOnce) {
    Lockout lockout(Lockout::kOfUser);
    EXPECT_EQ(charges_that_pass(lockout, 20), 5);
}

TEST(Lockout, GivesOneMoreEveryMinute) {
    Lockout lockout(Lockout::kOfUser);
    charges_that_pass(lockout, 5);
    lockout.pass_time(seconds(60) - milliseconds(1));
    EXPECT_FALSE(lockout.charge());
    lockout.pass_time(milliseconds(1));
    EXPECT_EQ(charges_that_pass(lockout, 5), 1);
    lockout.pass_time(minutes(3));
    EXPECT_EQ(charges_that_pass(lockout, 5), 3);
}

TEST(Lockout, SavesUpNoMoreThanFive) {
    Lockout lockout(Lockout::kOfUser);
    charges_that_pass(lockout, 5);
    lockout.pass_time(std::chrono::hours(1000));
    EXPECT_EQ(charges_that_pass(lockout, 20), 5);
}

TEST(Lockout, AllowsOneEveryQuarterOfAnHourAfterTwentyFailuresInARow) {
    Lockout lockout(Lockout::kOfUser);
    while (lockout.failures() < 20) {
        lockout.pass_time(minutes(1));
        lockout.charge();
    }
    lockout.pass_time(minutes(15) - milliseconds(1));
    EXPECT_FALSE(lockout.charge());
    lockout.pass_time(milliseconds(1));
    EXPECT_EQ(charges_that_pass(lockout, 5), 1);
    lockout.pass_time(std::chrono::hours(1000));
    EXPECT_EQ(charges_that_pass(lockout, 5), 1) << "never permanent, but nothing is saved up";
}

// Row P15: an owner may share the address of an attacker.
TEST(Lockout, OfAHostWaitsLongerAfterMoreFailuresAndAMinuteAtMost) {
    Lockout lockout(Lockout::kOfHost);
    EXPECT_EQ(charges_that_pass(lockout, 20), 5);
    EXPECT_EQ(lockout.wait(), seconds(10));
    while (lockout.failures() < 20) {
        lockout.pass_time(lockout.wait());
        ASSERT_TRUE(lockout.charge());
        ASSERT_FALSE(lockout.charge());
    }
    EXPECT_EQ(lockout.wait(), minutes(1));
    lockout.pass_time(minutes(1));
    EXPECT_EQ(charges_that_pass(lockout, 5), 1);
    EXPECT_EQ(lockout.wait(), minutes(1));
}

// Row P16.
TEST(Lockout, ForgetsTheFailuresAfterASuccess) {
    Lockout lockout(Lockout::kOfUser);
    while (lockout.failures() < 25) {
        lockout.pass_time(minutes(15));
        lockout.charge();
    }
    lockout.pass_time(minutes(15));
    ASSERT_TRUE(lockout.charge());
    lockout.settle_right();
    EXPECT_EQ(lockout.failures(), 0);
    EXPECT_EQ(charges_that_pass(lockout, 5), 1);
    lockout.pass_time(minutes(1));
    EXPECT_TRUE(lockout.charge());
}

TEST(Lockout, LeavesNoTraceOfATryThatWasRightOrUnused) {
    Lockout lockout(Lockout::kOfUser);
    ASSERT_TRUE(lockout.charge());
    lockout.settle_right();
    EXPECT_TRUE(lockout.is_idle());
    ASSERT_TRUE(lockout.charge());
    lockout.settle_unused();
    EXPECT_TRUE(lockout.is_idle());
}

TEST(Lockout, DoesNotForgetFailuresForAnUnusedTry) {
    Lockout lockout(Lockout::kOfUser);
    charges_that_pass(lockout, 3);
    lockout.settle_unused();
    EXPECT_EQ(lockout.failures(), 2);
    EXPECT_EQ(lockout.tries(), 3);
}

// Row P14.
TEST(Lockout, StartsARunningWaitAnew) {
    Lockout lockout(Lockout::kOfUser);
    charges_that_pass(lockout, 5);
    lockout.pass_time(seconds(59));
    lockout.restart_wait();
    lockout.pass_time(seconds(59));
    EXPECT_FALSE(lockout.charge());
    lockout.pass_time(seconds(1));
    EXPECT_TRUE(lockout.charge());
}

}  // namespace
}  // namespace patd::auth
