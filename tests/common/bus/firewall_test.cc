// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/bus/firewall.h"

#include "tests/support/failing_memory.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace patd::bus {
namespace {

std::string told_of(const std::function<void()>& function) {
    testing::internal::CaptureStderr();
    function();
    return testing::internal::GetCapturedStderr();
}

TEST(Firewall, EndsWhateverIsThrownWithALineInTheJournal) {
    EXPECT_TRUE(guarded("here", [] {}));
    EXPECT_NE(told_of([] {
                  EXPECT_FALSE(guarded("here", [] { throw std::runtime_error("this"); }));
              }).find("what=this"),
              std::string::npos);
    EXPECT_NE(told_of([] { EXPECT_FALSE(guarded("there", [] { throw 7; })); }).find("where=there"),
              std::string::npos);
}

TEST(Firewall, SaysSoWithoutMemoryToo) {
    const std::string told = told_of([] {
        EXPECT_FALSE(guarded("here", [] {
            support::allocations_left = 1;
            throw 7;
        }));
        support::allocations_left = 0;
    });
    EXPECT_EQ(told, "<3>internal error: no memory to say which\n");
}

TEST(Firewall, IsQuietWhereTheJournalWasToldAlready) {
    EXPECT_EQ(told_of([] {
                  EXPECT_FALSE(guarded(
                      "here", [] { throw 7; }, [] { return false; }));
              }),
              "");
}

TEST(Firewall, TakesBackWhatWasBegunUnlessItIsKept) {
    int begun = 0;
    const auto begin = [&](bool goes_on) {
        ++begun;
        Undo undo([&] { --begun; });
        if (!goes_on)
            throw std::bad_alloc();
        undo.keep();
    };
    EXPECT_THROW(begin(false), std::bad_alloc);
    EXPECT_EQ(begun, 0);
    begin(true);
    EXPECT_EQ(begun, 1);
}

TEST(Firewall, OfACallbackIsAroundItsCalls) {
    int calls = 0;
    const std::function<void(int)> callback = firewalled("here", [&](int number) {
        calls += number;
        if (number > 1)
            throw std::bad_alloc();
    });
    callback(1);
    EXPECT_NE(told_of([&] { callback(2); }), "");
    EXPECT_EQ(calls, 3);
}

}  // namespace
}  // namespace patd::bus
