// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/upkeep/witness_counter.h"

#include "common/base/witness_limits.h"
#include "tests/support/fake_clock.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

const std::string kThisOne(64, 'a');
const std::string kAnother(64, 'b');

class WitnessCounterTest : public testing::Test {
  protected:
    static TpmCount at(std::uint64_t value) { return {value, kThisOne}; }
    static CountOutcome taken(int steps) {
        CountOutcome outcome;
        outcome.said = at(7);
        outcome.steps = steps;
        outcome.counted = steps > 0;
        return outcome;
    }

    support::FakeClock clock_;
    WitnessCounter counter_{clock_};
};

// Row S3: only a TPM that is above proves that the machine was put back. One that was cleared, or
// exchanged, never does.
TEST_F(WitnessCounterTest, OnlyTheSameCounterAboveTheWitnessMeansPutBack) {
    struct Row {
        std::optional<TpmCount> named;
        CountVerdict verdict;
    };
    const Row rows[] = {{std::nullopt, CountVerdict::Begins},
                        {at(7), CountVerdict::Fits},
                        {at(8), CountVerdict::Short},
                        {at(9), CountVerdict::Lost},
                        {at(6), CountVerdict::PutBack},
                        {at(0), CountVerdict::PutBack},
                        {TpmCount{6, kAnother}, CountVerdict::Lost},
                        {TpmCount{7, kAnother}, CountVerdict::Lost},
                        {TpmCount{8, kAnother}, CountVerdict::Lost},
                        {TpmCount{6, "-"}, CountVerdict::Lost}};
    for (const Row& row : rows)
        EXPECT_EQ(compare_counts(row.named, at(7)), row.verdict)
            << (row.named ? format_count(*row.named) : "none");
}

TEST_F(WitnessCounterTest, OnlyATpmThatMayAnswerLaterIsAskedAgainAndNobodyWaitsForIt) {
    struct Row {
        Errc said;
        bool is_named;
        CounterState state;
        bool asks_again;
    };
    const Row rows[] = {{Errc::NotFound, false, CounterState::None, false},
                        {Errc::NotFound, true, CounterState::Gone, true},
                        {Errc::Unavailable, false, CounterState::Unread, true},
                        {Errc::InsecurePeer, true, CounterState::Unread, true},
                        {Errc::AccessDenied, true, CounterState::Refused, false},
                        {Errc::BadFile, true, CounterState::Unread, true},
                        {Errc::BadFile, false, CounterState::Unread, true}};
    for (const Row& row : rows) {
        WitnessCounter counter(clock_);
        counter.saw(row.said, row.is_named);
        EXPECT_EQ(counter.state(), row.state);
        EXPECT_EQ(counter.is_owed(), row.asks_again);
        EXPECT_EQ(counter.may_look(), row.asks_again);
        EXPECT_FALSE(counter.may_count());
    }
}

// udev may give the device to its group a moment after it is there.
TEST_F(WitnessCounterTest, ATpmThatCannotBeUsedIsLookedAtTwice) {
    counter_.saw(Errc::BadFile, true);
    EXPECT_EQ(counter_.state(), CounterState::Unread);
    for (int i = 0; i < 2; ++i) {
        counter_.saw(Errc::BadFile, true);
        EXPECT_EQ(counter_.state(), CounterState::Unusable);
        EXPECT_FALSE(counter_.may_look());
    }
    counter_.saw(at(7), true);
    EXPECT_TRUE(counter_.may_count());
}

TEST_F(WitnessCounterTest, WithoutATpmNothingIsOwed) {
    EXPECT_EQ(counter_.state(), CounterState::None);
    EXPECT_FALSE(counter_.is_owed());
    EXPECT_FALSE(counter_.may_count());
}

TEST_F(WitnessCounterTest, OwesAStepFromTheStartUntilOneIsCounted) {
    counter_.saw(at(7), true);
    EXPECT_EQ(counter_.state(), CounterState::Starting);
    EXPECT_TRUE(counter_.is_owed());
    counter_.ended(taken(0), true);
    EXPECT_EQ(counter_.state(), CounterState::Starting);
    EXPECT_TRUE(counter_.is_owed());
    CountOutcome refused = taken(1);
    refused.counted = false;
    refused.refusal = Error{Errc::Unavailable, "busy"};
    counter_.ended(refused, true);
    EXPECT_EQ(counter_.state(), CounterState::Behind);
    EXPECT_TRUE(counter_.is_owed());
    counter_.ended(taken(1), true);
    EXPECT_FALSE(counter_.is_owed());
    EXPECT_EQ(counter_.state(), CounterState::Kept);
    counter_.owe();
    EXPECT_EQ(counter_.state(), CounterState::Behind);
}

// Row S3: a user who revokes in a loop does not wear the chip.
TEST_F(WitnessCounterTest, CountsTheFirstSixtyAndThenOnlyNowAndThen) {
    counter_.saw(at(7), true);
    for (int i = 0; i < limits::kCounterBurst; ++i) {
        EXPECT_TRUE(counter_.may_count()) << i;
        counter_.ended(taken(1), true);
    }
    EXPECT_FALSE(counter_.may_count());
    for (int i = 0; i < 3; ++i) {
        clock_.advance(limits::kCounterRefill);
        EXPECT_TRUE(counter_.may_count());
        counter_.ended(taken(1), true);
        EXPECT_FALSE(counter_.may_count());
    }
    // A conversation may take one that was left and its own.
    clock_.advance(limits::kCounterRefill);
    counter_.ended(taken(2), true);
    clock_.advance(limits::kCounterRefill);
    EXPECT_FALSE(counter_.may_count());
}

}  // namespace
}  // namespace patd
