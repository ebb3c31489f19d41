// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/upkeep/witness_counter.h"

#include "auth/tpm_counter.h"
#include "tests/support/rollback_fixture.h"
#include "tests/support/software_tpm.h"

namespace patd {
namespace {

using support::Issued;
using support::kAlice;
using support::kBob;
using How = WitnessCounter::Step::How;
using Verdict = WitnessCounter::Verdict;

const std::string kThisOne(64, 'a');
const std::string kAnother(64, 'b');

class WitnessCounterTest : public testing::Test {
  protected:
    TpmCount at(std::uint64_t value) { return {value, kThisOne}; }
    support::FakeClock clock_;
    WitnessCounter counter_{clock_};
};

TEST_F(WitnessCounterTest, WithoutATpmNothingIsCounted) {
    counter_.take(Errc::NotFound);
    EXPECT_EQ(counter_.compare(std::nullopt), Verdict::Fits);
    EXPECT_EQ(counter_.state(), CounterState::None);
    EXPECT_EQ(counter_.next(std::nullopt).count, std::nullopt);
    EXPECT_EQ(counter_.next(std::nullopt).how, How::Nothing);
}

TEST_F(WitnessCounterTest, ATpmThatCannotBeAskedProvesNothingAndWhatWasCountedStays) {
    for (const auto& [error, state] : {std::pair(Errc::NotFound, CounterState::Unread),
                                       std::pair(Errc::Unavailable, CounterState::Unread),
                                       std::pair(Errc::AccessDenied, CounterState::Refused)}) {
        counter_.take(error);
        EXPECT_EQ(counter_.compare(at(7)), Verdict::Fits);
        EXPECT_EQ(counter_.state(), state);
        EXPECT_EQ(counter_.next(at(7)).count, at(7));
        EXPECT_EQ(counter_.next(at(7)).how, How::Nothing);
    }
}

TEST_F(WitnessCounterTest, IsComparedWithTheWitness) {
    struct Row {
        std::optional<TpmCount> witnessed;
        Verdict verdict;
        bool unsettled;
    };
    const Row rows[] = {{std::nullopt, Verdict::Begins, false},
                        {at(7), Verdict::Fits, false},
                        {at(8), Verdict::Fits, true},
                        {at(9), Verdict::Lost, false},
                        {at(6), Verdict::PutBack, false},
                        {at(0), Verdict::PutBack, false},
                        {TpmCount{6, kAnother}, Verdict::Lost, false},
                        {TpmCount{7, kAnother}, Verdict::Lost, false},
                        {TpmCount{8, "-"}, Verdict::Lost, false}};
    for (const Row& row : rows) {
        counter_.take(at(7));
        EXPECT_EQ(counter_.compare(row.witnessed), row.verdict);
        EXPECT_EQ(counter_.is_unsettled(), row.unsettled);
    }
}

TEST_F(WitnessCounterTest, AStepWhoseEndNobodyKnowsIsSettledBeforeTheNext) {
    counter_.take(at(7));
    EXPECT_EQ(counter_.compare(at(7)), Verdict::Fits);
    const WitnessCounter::Step step = counter_.next(at(7));
    EXPECT_EQ(step.how, How::Advance);
    EXPECT_EQ(step.count, at(8));
    EXPECT_TRUE(counter_.end(step, Errc::Unavailable));
    EXPECT_EQ(counter_.state(), CounterState::Behind);
    EXPECT_EQ(counter_.next(at(8)).how, How::Settle);
    EXPECT_EQ(counter_.next(at(8)).count, at(8));
    EXPECT_TRUE(counter_.end(counter_.remaining(), {}));
    EXPECT_EQ(counter_.state(), CounterState::Kept);
    EXPECT_EQ(counter_.next(at(8)).count, at(9));
    EXPECT_FALSE(counter_.end(counter_.next(at(8)), Errc::OutOfOrder));
}

// Row S3: a user who revokes in a loop does not wear the chip.
TEST_F(WitnessCounterTest, CountsTheFirstSixtyAndThenOnlyNowAndThen) {
    counter_.take(at(0));
    (void)counter_.compare(at(0));
    std::uint64_t counted = 0;
    const auto revoke = [&] {
        const WitnessCounter::Step step = counter_.next(at(counted));
        EXPECT_TRUE(counter_.end(step, {}));
        counted = step.count->value;
        return step.how == How::Advance;
    };
    for (int i = 0; i < 1000; ++i)
        EXPECT_EQ(revoke(), i < limits::kCounterBurst);
    EXPECT_TRUE(counter_.is_owed());
    for (int i = 0; i < 3; ++i) {
        clock_.advance(limits::kCounterRefill);
        EXPECT_TRUE(revoke());
        EXPECT_FALSE(revoke());
    }
}

// With the real patd-counter and a software TPM.
class CountedWitnessTest : public support::RollbackTest {
  protected:
    void SetUp() override {
        count();
        support::RollbackTest::SetUp();
    }
    void count() {
        counter_ = std::make_unique<support::ServiceProgram>(
            counter_socket(), std::vector<std::string>{PATD_COUNTER, "--tpm", tpm_.path(), "--machine-id",
                                     elsewhere_.file("none")});
    }
    auth::TpmCounter open_counter() {
        return auth::TpmCounter::open(tpm_.path(), counter_index("")).value();
    }
    // All that a snapshot has.
    void keep_machine() {
        keep_today();
        std::filesystem::copy(state(), elsewhere_.file("auth-then"));
    }
    void put_machine_back() {
        std::filesystem::remove_all(state());
        std::filesystem::copy(elsewhere_.file("auth-then"), state());
        put_back();
    }
    std::uint64_t counted() {
        SystemRandom random;
        return open_counter().read(random).value().value;
    }
    // What the witness names.
    std::uint64_t named() const {
        const std::string text = service_->text();
        const std::size_t at = text.find("\ncount ");
        return at == std::string::npos ? 0 : std::stoull(text.substr(at + 7));
    }
    // Then the writer rests.
    bool is_counted() {
        const bool is_so = support::turn_until(*loop_, [&] {
            return keeper().counter() == CounterState::Kept && named() == counted();
        });
        change([] { return Result<void>(); }).value();
        return is_so;
    }

    support::SoftwareTpm tpm_{elsewhere_.file("tpm")};
    std::unique_ptr<support::ServiceProgram> counter_;
};

TEST_F(CountedWitnessTest, WhatDiesIsCountedBeforeItIsAcknowledged) {
    ASSERT_TRUE(is_counted());
    const std::uint64_t before = counted();
    EXPECT_GT(before, 0U);
    const Token token = issue(kAlice).token;
    EXPECT_EQ(counted(), before) << "a new token takes nothing away";
    remove(token);
    EXPECT_EQ(counted(), before + 1);
    EXPECT_EQ(named(), before + 1);
    restart();
    EXPECT_EQ(keeper().rollback(), Rollback::None);
    EXPECT_EQ(counted(), before + 1);
}

// Row S3.
TEST_F(CountedWitnessTest, AWholeMachineThatWasPutBackIsWithheldUntilRootsWord) {
    const Token doomed = issue(kAlice).token;
    const Issued kept = issue(kBob);
    remove(issue(kAlice).token);
    ASSERT_TRUE(is_counted());
    const UnixTime then = clock_.now();
    keep_machine();
    clock_.advance(std::chrono::hours(1));
    remove(doomed);
    put_machine_back();
    for (int run = 0; run < 2; ++run) {
        EXPECT_EQ(keeper().rollback(), Rollback::Machine) << run;
        EXPECT_TRUE(is_withheld());
        restart();
    }
    const RollbackAdmin::Report seen = accept({.dry_run = true});
    EXPECT_FALSE(seen.knows_all);
    EXPECT_TRUE(seen.living.empty());
    EXPECT_EQ(seen.known_until, then);
    EXPECT_TRUE(accept().done);
    EXPECT_FALSE(is_withheld());
    ASSERT_TRUE(is_counted());
    EXPECT_TRUE(verifies(kept));
    restart();
    EXPECT_EQ(keeper().rollback(), Rollback::None);
    // The same snapshot once more.
    put_machine_back();
    EXPECT_EQ(keeper().rollback(), Rollback::Machine);
}

// Row S3: a virtual machine is put back with its memory; patd goes on with what it knew.
TEST_F(CountedWitnessTest, AMachineThatWasPutBackWhileItRanIsWithheldAtTheNextDeath) {
    ASSERT_TRUE(is_counted());
    const Token token = issue(kAlice).token;
    const std::uint64_t before = counted();
    open_counter().advance(before).value();
    remove(token);
    EXPECT_EQ(keeper().rollback(), Rollback::Machine);
    EXPECT_TRUE(is_withheld());
    restart();
    EXPECT_EQ(keeper().rollback(), Rollback::Machine);
    EXPECT_TRUE(accept().done);
    EXPECT_TRUE(is_counted());
}

TEST_F(CountedWitnessTest, WithoutTheTpmItIsServedAndComparedOnceItIsBack) {
    ASSERT_TRUE(is_counted());
    const Token doomed = issue(kAlice).token;
    keep_machine();
    remove(doomed);
    counter_.reset();
    put_machine_back();
    EXPECT_EQ(keeper().counter(), CounterState::Unread);
    EXPECT_FALSE(is_withheld());
    remove(issue(kAlice).token);
    EXPECT_GT(named(), 0U);
    count();
    EXPECT_TRUE(support::turn_until(*loop_, [&] { return is_withheld(); }));
    EXPECT_EQ(keeper().rollback(), Rollback::Machine);
}

TEST_F(CountedWitnessTest, ATpmThatWasClearedOrExchangedIsSaidAndLocksNobodyOut) {
    ASSERT_TRUE(is_counted());
    remove(issue(kAlice).token);
    tpm_.replace();
    const auto lost_at = [&] {
        return store::StoreAdmin(*store_).read_note(store::Note::WitnessLost).value();
    };
    EXPECT_EQ(lost_at(), 0);
    restart();
    EXPECT_FALSE(is_withheld());
    ASSERT_TRUE(is_counted());
    restart();
    EXPECT_EQ(keeper().rollback(), Rollback::None);
    EXPECT_NE(lost_at(), 0);
    EXPECT_TRUE(accept().done);
    EXPECT_EQ(lost_at(), 0);
}

TEST_F(CountedWitnessTest, PatdThatEndedBetweenTheWitnessAndTheCountGoesOn) {
    ASSERT_TRUE(is_counted());
    const std::uint64_t before = counted();
    counter_.reset();
    remove(issue(kAlice).token);  // patd-auth has it, the TPM does not
    EXPECT_EQ(keeper().counter(), CounterState::Behind);
    EXPECT_EQ(named(), before + 1);
    stop();
    count();
    open();
    EXPECT_EQ(keeper().rollback(), Rollback::None);
    ASSERT_TRUE(is_counted());
    EXPECT_EQ(counted(), before + 1);
}

TEST_F(CountedWitnessTest, WhatTheTpmCouldNotCountIsCountedLater) {
    ASSERT_TRUE(is_counted());
    const std::uint64_t before = counted();
    counter_.reset();
    for (int i = 0; i < 3; ++i)
        remove(issue(kAlice).token);
    EXPECT_EQ(named(), before + 1);
    count();
    ASSERT_TRUE(is_counted());
    EXPECT_EQ(counted(), before + 1);
}

TEST_F(CountedWitnessTest, WhatIsTooMuchAtOnceIsCountedLater) {
    ASSERT_TRUE(is_counted());
    const std::uint64_t before = counted();
    for (int i = 0; i < limits::kCounterBurst + 5; ++i)
        remove(issue(kAlice).token);
    EXPECT_LE(counted(), before + limits::kCounterBurst);
    EXPECT_EQ(named(), counted());
    EXPECT_EQ(keeper().counter(), CounterState::Behind);
    const std::uint64_t at_most = counted();
    clock_.advance(limits::kCounterRefill);
    ASSERT_TRUE(is_counted());
    EXPECT_EQ(counted(), at_most + 1);
    restart();
    EXPECT_EQ(keeper().rollback(), Rollback::None);
}

TEST_F(CountedWitnessTest, AWitnessOfBeforeThereWasACounterBeginsOne) {
    stop();
    counter_.reset();
    open();
    tpm_.replace();
    std::filesystem::remove(service_->file());
    restart();
    EXPECT_TRUE(settles());
    EXPECT_EQ(named(), 0U);
    EXPECT_EQ(keeper().counter(), CounterState::None);
    count();
    restart();
    ASSERT_TRUE(is_counted());
    EXPECT_GT(named(), 0U);
    EXPECT_EQ(keeper().rollback(), Rollback::None);
}

}  // namespace
}  // namespace patd
