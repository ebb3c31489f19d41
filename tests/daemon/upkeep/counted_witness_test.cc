// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/tpm_command.h"
#include "auth/tpm_counter.h"
#include "daemon/upkeep/witness_keeper.h"
#include "tests/daemon/store/store_fixture.h"
#include "tests/support/rollback_fixture.h"
#include "tests/support/scripted_step_up.h"
#include "tests/support/software_tpm.h"

#include <future>

namespace patd {
namespace {

using support::Issued;
using support::kAlice;
using support::kBob;

constexpr std::uint32_t kOwnerOfTpm = 0x40000001;

// With the real patd-counter and a software TPM.
class CountedWitnessTest : public support::RollbackTest {
  protected:
    void SetUp() override {
        count();
        support::RollbackTest::SetUp();
    }
    void count() {
        counter_ = std::make_unique<support::ServiceProgram>(
            counter_socket(), std::vector<std::string>{PATD_COUNTER, "--tpm", tpm_.path(),
                                                       "--machine-id", elsewhere_.file("none")});
    }
    auth::TpmCounter open_counter() {
        return auth::TpmCounter::open(tpm_.path(), counter_index("")).value();
    }
    // An ordinary index where the counter was.
    void define_something_else() {
        const UniqueFd tpm = connect_unix(tpm_.path()).value();
        auth::TpmCommand undefine(0x122);
        undefine.authorize({kOwnerOfTpm, counter_index("")});
        undefine.send(tpm).value();
        auth::TpmCommand shown(0);
        shown.add32(counter_index(""));
        shown.add16(0x000b);
        shown.add32(0x02040004);
        shown.add_sized("");
        shown.add16(8);
        auth::TpmCommand define(0x12a);
        define.authorize({kOwnerOfTpm});
        define.add_sized("");
        define.add_sized(shown.parameters());
        define.send(tpm).value();
    }
    // All that a snapshot has.
    void keep_machine() {
        stop();
        std::filesystem::copy(directory_.path(), elsewhere_.file("today"));
        std::filesystem::copy(state(), elsewhere_.file("auth-then"));
        open();
    }
    void put_machine_back() {
        stop();
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
}

// What the last run could not count, for whatever reason, nobody remembers.
TEST_F(CountedWitnessTest, EachStartTakesOneStep) {
    ASSERT_TRUE(is_counted());
    for (int run = 0; run < 3; ++run) {
        const std::uint64_t before = counted();
        restart();
        ASSERT_TRUE(is_counted());
        EXPECT_EQ(counted(), before + 1);
        EXPECT_EQ(keeper().rollback(), Rollback::None);
    }
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
    EXPECT_FALSE(accept().done) << "root has not seen yet that nothing can be listed";
    EXPECT_TRUE(is_withheld());
    EXPECT_TRUE(accept({.revive = true}).done);
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
    const UnixTime then = clock_.now();
    clock_.advance(std::chrono::hours(1));
    remove(token);
    EXPECT_EQ(keeper().rollback(), Rollback::Machine);
    EXPECT_TRUE(is_withheld());
    EXPECT_EQ(accept({.dry_run = true}).known_until, then);
    restart();
    EXPECT_EQ(keeper().rollback(), Rollback::Machine);
    EXPECT_TRUE(accept({.revive = true}).done);
    EXPECT_TRUE(is_counted());
}

TEST_F(CountedWitnessTest, WithoutTheTpmItIsServedAndComparedOnceItIsBack) {
    ASSERT_TRUE(is_counted());
    const UnixTime then = clock_.now();
    const Token doomed = issue(kAlice).token;
    keep_machine();
    clock_.advance(std::chrono::hours(1));
    remove(doomed);
    counter_.reset();
    clock_.advance(std::chrono::hours(1));
    put_machine_back();
    EXPECT_EQ(keeper().counter(), CounterState::Gone);
    EXPECT_FALSE(is_withheld());
    remove(issue(kAlice).token);
    EXPECT_GT(named(), 0U);
    count();
    EXPECT_TRUE(support::turn_until(*loop_, [&] { return is_withheld(); }));
    EXPECT_EQ(keeper().rollback(), Rollback::Machine);
    EXPECT_EQ(accept({.dry_run = true}).known_until, then) << "what was revoked later is not known";
}

// Row S3: patd-auth's directory of one moment, the store of an earlier one.
TEST_F(CountedWitnessTest, AnOlderStoreOfAMachineThatWasPutBackClaimsToKnowNothing) {
    const Token listed = issue(kAlice).token;
    const Token doomed = issue(kAlice).token;
    ASSERT_TRUE(is_counted());
    stop();
    std::filesystem::copy(directory_.path(), elsewhere_.file("today"));
    open();
    remove(listed);
    ASSERT_TRUE(is_counted());
    const UnixTime then = clock_.now();
    stop();
    std::filesystem::copy(state(), elsewhere_.file("auth-then"));
    open();
    clock_.advance(std::chrono::hours(1));
    remove(doomed);
    put_machine_back();
    EXPECT_EQ(keeper().rollback(), Rollback::Older);
    const RollbackAdmin::Report seen = accept();
    EXPECT_FALSE(seen.done);
    EXPECT_EQ(seen.living.size(), 1U);
    EXPECT_FALSE(seen.knows_all);
    EXPECT_EQ(seen.known_until, then);
    EXPECT_TRUE(accept({.keep_dead = true}).done);
    EXPECT_TRUE(is_counted());
    restart();
    EXPECT_EQ(keeper().rollback(), Rollback::None);
}

TEST_F(CountedWitnessTest, ATpmThatIsBackIsNotForgotten) {
    ASSERT_TRUE(is_counted());
    const std::uint64_t before = named();
    counter_.reset();
    restart();
    EXPECT_EQ(keeper().counter(), CounterState::Gone);
    count();
    EXPECT_TRUE(accept().done);
    ASSERT_TRUE(is_counted());
    EXPECT_EQ(named(), before + 1);
}

// Somebody waits for it, and patd-auth is well.
TEST_F(CountedWitnessTest, ATpmThatHangsTakesNoTimeOfAWitness) {
    ASSERT_TRUE(is_counted());
    counter_.reset();
    const support::ScriptedStepUp silent(*loop_, counter_socket());
    restart();
    EXPECT_EQ(keeper().counter(), CounterState::Unread);
    for (int i = 0; i < 3; ++i) {
        const auto begun = std::chrono::steady_clock::now();
        remove(issue(kAlice).token);
        EXPECT_EQ(keeper().state(), WitnessState::Kept);
        EXPECT_LT(std::chrono::steady_clock::now() - begun, limits::kWitnessWait);
    }
}

TEST_F(CountedWitnessTest, ATpmThatIsGoneForGoodIsForgottenByRootsWord) {
    ASSERT_TRUE(is_counted());
    remove(issue(kAlice).token);
    counter_.reset();
    for (int run = 0; run < 2; ++run) {
        restart();
        EXPECT_EQ(keeper().counter(), CounterState::Gone);
    }
    EXPECT_TRUE(accept().done);
    EXPECT_TRUE(support::turn_until(*loop_, [&] { return named() == 0; }));
    EXPECT_EQ(keeper().counter(), CounterState::None);
    EXPECT_TRUE(settles());
    restart();
    EXPECT_EQ(keeper().counter(), CounterState::None);
    // What comes later begins anew, wherever it stands.
    count();
    restart();
    EXPECT_EQ(keeper().rollback(), Rollback::None);
    EXPECT_TRUE(is_counted());
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

TEST_F(CountedWitnessTest, ATpmThatIsClearedWhilePatdRunsLocksNobodyOut) {
    ASSERT_TRUE(is_counted());
    const Issued kept = issue(kBob);
    tpm_.replace();
    remove(issue(kAlice).token);
    EXPECT_EQ(keeper().rollback(), Rollback::None);
    EXPECT_FALSE(is_withheld());
    EXPECT_TRUE(verifies(kept));
    EXPECT_EQ(named(), counted()) << "the change waited for the new counter";
    restart();
    EXPECT_EQ(keeper().rollback(), Rollback::None);
    EXPECT_NE(store::StoreAdmin(*store_).read_note(store::Note::WitnessLost).value(), 0);
}

TEST_F(CountedWitnessTest, PatdThatEndedBetweenTheWitnessAndTheCountGoesOn) {
    ASSERT_TRUE(is_counted());
    const std::uint64_t before = counted();
    // The TPM as it was before its last step.
    tpm_.stop();
    std::filesystem::copy(elsewhere_.file("tpm"), elsewhere_.file("tpm-then"));
    tpm_.start();
    remove(issue(kAlice).token);
    stop();
    tpm_.stop();
    std::filesystem::remove_all(elsewhere_.file("tpm"));
    std::filesystem::copy(elsewhere_.file("tpm-then"), elsewhere_.file("tpm"));
    tpm_.start();
    EXPECT_EQ(named(), before + 1);
    EXPECT_EQ(counted(), before);
    open();
    EXPECT_EQ(keeper().rollback(), Rollback::None);
    ASSERT_TRUE(is_counted());
    EXPECT_EQ(counted(), before + 2) << "that one, and the start's own";
}

TEST_F(CountedWitnessTest, WhatTheTpmCouldNotCountIsCountedLater) {
    ASSERT_TRUE(is_counted());
    const std::uint64_t before = counted();
    counter_.reset();
    for (int i = 0; i < 3; ++i)
        remove(issue(kAlice).token);
    EXPECT_EQ(named(), before);
    EXPECT_EQ(keeper().counter(), CounterState::Gone);
    count();
    ASSERT_TRUE(is_counted());
    EXPECT_EQ(counted(), before + 1);
}

TEST_F(CountedWitnessTest, ATpmThatWasAwayAtTheStartIsAskedAgainAndCountsWhatWasChanged) {
    ASSERT_TRUE(is_counted());
    const std::uint64_t before = counted();
    counter_.reset();
    restart();
    EXPECT_EQ(keeper().counter(), CounterState::Gone);
    remove(issue(kAlice).token);
    count();
    ASSERT_TRUE(is_counted());
    EXPECT_EQ(counted(), before + 1);
    // Nothing was changed.
    counter_.reset();
    restart();
    count();
    ASSERT_TRUE(is_counted());
    EXPECT_EQ(counted(), before + 2);
}

// A witness of before, which patd made anew while nobody could ask the TPM.
TEST_F(CountedWitnessTest, AWitnessThatProvesNothingNamesNoCount) {
    remove(issue(kAlice).token);
    ASSERT_TRUE(is_counted());
    const std::string yesterday = service_->text();
    remove(issue(kAlice).token);
    remove(issue(kAlice).token);
    stop();
    std::ofstream(service_->file()) << yesterday;
    counter_.reset();
    open();
    EXPECT_TRUE(support::turn_until(*loop_, [&] { return service_->text() != yesterday; }));
    EXPECT_TRUE(settles());
    EXPECT_EQ(named(), 0U);
    count();
    restart();
    EXPECT_EQ(keeper().rollback(), Rollback::None);
    EXPECT_TRUE(is_counted());
}

TEST_F(CountedWitnessTest, AStoreThatIsAcceptedWithoutTheTpmStaysAccepted) {
    ASSERT_TRUE(is_counted());
    const Token doomed = issue(kAlice).token;
    keep_today();
    ASSERT_TRUE(is_counted());
    remove(doomed);
    counter_.reset();
    put_back();
    EXPECT_EQ(keeper().rollback(), Rollback::Older);
    EXPECT_TRUE(accept({.keep_dead = true}).done);
    EXPECT_TRUE(settles());
    EXPECT_EQ(named(), 0U);
    count();
    restart();
    EXPECT_EQ(keeper().rollback(), Rollback::None);
    EXPECT_TRUE(is_counted());
}

// Row S3: with a witness of now, the next start would find everything in order.
TEST_F(CountedWitnessTest, AMachineThatIsWithheldKeepsNoWitnessOfAChangeUnderWay) {
    ASSERT_TRUE(is_counted());
    const std::vector<Token> tokens = {issue(kAlice).token, issue(kAlice).token, issue(kBob).token};
    const std::string before = service_->text();
    // One client after the other.
    const std::uint64_t from = counted();
    open_counter().advance(from).value();
    std::size_t done = 0;
    for (const Token& token : tokens)
        bus::run(
            keeper(), [&] { return store_->remove(token.id, token.owner, clock_.now()); },
            [&](const Result<void>&) { ++done; });
    // All are made before the loop hears of one.
    std::promise<void> made;
    running_->writer.submit([&] { made.set_value(); }, [] {});
    made.get_future().wait();
    EXPECT_TRUE(support::turn_until(*loop_, [&] { return done == tokens.size(); }));
    EXPECT_EQ(keeper().rollback(), Rollback::Machine);
    EXPECT_EQ(service_->text(), before);
    restart();
    EXPECT_EQ(keeper().rollback(), Rollback::Machine);
}

TEST_F(CountedWitnessTest, ATpmThatCannotBeUsedIsSaidAndAskedTwice) {
    ASSERT_TRUE(is_counted());
    stop();
    define_something_else();
    open();
    EXPECT_EQ(keeper().counter(), CounterState::Unread);
    EXPECT_TRUE(
        support::turn_until(*loop_, [&] { return keeper().counter() == CounterState::Unusable; }));
    EXPECT_FALSE(is_withheld());
    const int asked = counter_->conversations();
    for (int i = 0; i < 5; ++i)
        remove(issue(kAlice).token);
    EXPECT_EQ(counter_->conversations(), asked);
}

// What is counted later says nothing of the rows.
TEST_F(CountedWitnessTest, AStepThatIsOwedAcceptsNothingThatSomebodyElseWrote) {
    remove(issue(kBob).token);
    ASSERT_TRUE(is_counted());
    counter_.reset();
    remove(issue(kAlice).token);
    store::test::RawDatabase(database()).run("DELETE FROM tombstone");
    count();
    ASSERT_TRUE(is_counted());
    restart();
    EXPECT_EQ(keeper().rollback(), Rollback::Altered);
}

TEST_F(CountedWitnessTest, WhatIsTooMuchAtOnceIsCountedLater) {
    ASSERT_TRUE(is_counted());
    const std::uint64_t before = counted();
    for (int i = 0; i < limits::kCounterBurst + 5; ++i)
        remove(issue(kAlice).token);
    EXPECT_LE(counted(), before + limits::kCounterBurst);
    EXPECT_GE(counted(), before + limits::kCounterBurst - 2)
        << "the start's own steps, and no more";
    EXPECT_EQ(named(), counted());
    EXPECT_EQ(keeper().counter(), CounterState::Behind);
    const std::uint64_t at_most = counted();
    clock_.advance(limits::kCounterRefill);
    ASSERT_TRUE(is_counted());
    EXPECT_EQ(counted(), at_most + 1);
}

TEST_F(CountedWitnessTest, WhatTheLimitLeftIsCountedByTheNextStart) {
    ASSERT_TRUE(is_counted());
    for (int i = 0; i < limits::kCounterBurst + 5; ++i)
        remove(issue(kAlice).token);
    EXPECT_EQ(keeper().counter(), CounterState::Behind);
    const std::uint64_t at_most = counted();
    restart();
    EXPECT_EQ(keeper().rollback(), Rollback::None);
    ASSERT_TRUE(is_counted());
    EXPECT_EQ(counted(), at_most + 1);
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
