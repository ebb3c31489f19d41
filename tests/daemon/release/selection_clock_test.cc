// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/context/clock_guard.h"
#include "daemon/release/selection.h"
#include "tests/support/service_fixture.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

using support::FakeClock;
using support::kAlice;

constexpr UnixTime kHourLater = FakeClock::kStart + 3600;

class SelectionByClock : public testing::Test {
  protected:
    SelectionByClock() { guard_.resume(FakeClock::kStart); }

    void forget_the_time() {
        wall_.jump_to(0);
        guard_.resume(FakeClock::kStart);
    }
    static Candidate candidate(TokenKind kind, UnixTime expires) {
        return {support::make_token(kAlice, kind, {.expires = expires})};
    }
    std::string outcome(const Candidate& candidate) {
        const std::vector<Candidate> candidates{candidate};
        Selection selection = select_token(
            candidates, support::request_for("https://git.example/a"), guard_.expiry_time());
        apply_clock_trust(selection, guard_);
        EXPECT_NE(selection.released.has_value(), selection.refusal.has_value());
        if (selection.refusal) {
            EXPECT_EQ(verdict_name(selection.judged.front()), errc_name(*selection.refusal));
        }
        return selection.refusal ? std::string(errc_name(*selection.refusal)) : "released";
    }

    FakeClock wall_;
    ClockGuard guard_{wall_};
};

// Row D16.
TEST_F(SelectionByClock, RefusesWhatExpiresWhereTheTimeIsNotKnown) {
    EXPECT_EQ(outcome(candidate(TokenKind::Imported, kHourLater)), "released");
    EXPECT_EQ(outcome(candidate(TokenKind::Issued, 0)), "released");
    EXPECT_EQ(outcome(candidate(TokenKind::Issued, FakeClock::kStart)), "Expired");
    forget_the_time();
    EXPECT_EQ(outcome(candidate(TokenKind::Imported, kHourLater)), "ClockUnknown");
    EXPECT_EQ(outcome(candidate(TokenKind::Imported, 0)), "released");
    EXPECT_EQ(outcome(candidate(TokenKind::Issued, 0)), "ClockUnknown");
    EXPECT_EQ(outcome(candidate(TokenKind::Issued, kHourLater)), "ClockUnknown");
}

TEST_F(SelectionByClock, LeavesEveryOtherReasonAsItIs) {
    forget_the_time();
    Candidate locked = candidate(TokenKind::Issued, 0);
    locked.locked = true;
    EXPECT_EQ(outcome(locked), "Locked");
}

}  // namespace
}  // namespace patd
