// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/upkeep/witness_talk.h"

#include "auth/tpm_counter.h"
#include "tests/support/scripted_step_up.h"
#include "tests/support/software_tpm.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/witness_service.h"

#include <gtest/gtest.h>

#include <future>

namespace patd {
namespace {

// With the real patd-auth and patd-counter, and a software TPM.
class WitnessTalkTest : public testing::Test {
  protected:
    WitnessTalkTest() {
        serve();
        count();
        witness_.store = {1, 2, 3};
        witness_.generation = 7;
    }
    void serve() {
        auth_ = std::make_unique<support::WitnessService>(directory_.file("auth.sock"),
                                                          directory_.file("auth"));
    }
    void count() {
        counter_ = std::make_unique<support::ServiceProgram>(
            directory_.file("counter.sock"),
            std::vector<std::string>{PATD_COUNTER, "--tpm", tpm_.path(), "--machine-id",
                                     directory_.file("none")});
    }
    WitnessTalk talk() {
        return {WitnessLink(directory_.file("auth.sock")),
                CounterLink(directory_.file("counter.sock")),
                witness_,
                key_.clone(),
                true,
                std::nullopt,
                1'800'000'000,
                witness_deadline()};
    }
    // As the keeper goes on from one to the next.
    WitnessOutcome hold() {
        WitnessOutcome outcome;
        talk().hold(outcome);
        if (outcome.kept)
            witness_.count = outcome.named;
        return outcome;
    }
    std::uint64_t counted() {
        SystemRandom random;
        return open().read(random).value().value;
    }
    // By somebody else; the TPM takes one client after the other.
    void raise() {
        const std::uint64_t from = counted();
        open().advance(from).value();
    }
    auth::TpmCounter open() {
        return auth::TpmCounter::open(tpm_.path(), counter_index("")).value();
    }
    store::Witness kept() { return store::parse_witness(auth_->text(), key_).value(); }

    support::TemporaryDirectory directory_;
    support::SoftwareTpm tpm_{directory_.file("tpm")};
    std::unique_ptr<support::WitnessService> auth_;
    std::unique_ptr<support::ServiceProgram> counter_;
    store::KeyedMac key_ = store::KeyedMac::create(Digest{1}).value();
    store::Witness witness_;
};

TEST_F(WitnessTalkTest, TheWitnessNamesWhatTheTpmCountsThen) {
    const WitnessOutcome begun = hold();
    EXPECT_EQ(begun.count.verdict, CountVerdict::Begins);
    EXPECT_TRUE(begun.count.counted);
    EXPECT_EQ(kept().count->value, counted());
    EXPECT_EQ(kept().counted, 1'800'000'000);
    const std::uint64_t before = counted();
    witness_.generation = 8;
    const WitnessOutcome next = hold();
    EXPECT_EQ(next.count.verdict, CountVerdict::Fits);
    EXPECT_TRUE(next.count.counted);
    EXPECT_EQ(counted(), before + 1);
    EXPECT_EQ(kept().count->value, before + 1);
}

// An owed step comes with a generation that a change has told already.
TEST_F(WitnessTalkTest, ASecondTryOfOneGenerationTakesNoStepOfItsOwn) {
    hold();
    const std::string text = auth_->text();
    const std::uint64_t before = counted();
    const WitnessOutcome again = hold();
    EXPECT_TRUE(again.kept);
    EXPECT_EQ(again.count.verdict, CountVerdict::Fits);
    EXPECT_FALSE(again.count.counted) << "it is owed";
    EXPECT_EQ(again.named->value, before);
    EXPECT_EQ(auth_->text(), text);
    EXPECT_EQ(counted(), before);
}

// patd-auth kept it, but its answer came too late.
TEST_F(WitnessTalkTest, ATryThatWasKeptWithoutAnAnswerIsFoundThere) {
    hold();
    const std::uint64_t before = counted();
    witness_.generation = 8;
    store::Witness sent = witness_;
    ++sent.count->value;
    WitnessLink(directory_.file("auth.sock"))
        .write(store::format_witness(sent, key_).value())
        .value();
    const WitnessOutcome again = hold();
    EXPECT_TRUE(again.kept);
    EXPECT_TRUE(again.count.counted);
    EXPECT_EQ(counted(), before + 1);
    EXPECT_EQ(kept().count->value, before + 1);
}

TEST_F(WitnessTalkTest, AnotherWitnessOfTheSameGenerationIsNotTakenForIt) {
    hold();
    witness_.dropped = 3;
    const WitnessOutcome other = hold();
    ASSERT_FALSE(other.kept);
    EXPECT_EQ(other.kept.error().code, Errc::OutOfOrder);
}

// A slow one would not end in time twice.
TEST_F(WitnessTalkTest, WhatTheTpmHasJustSaidIsNotAskedAgain) {
    hold();
    const std::uint64_t before = counted();
    const int asked = counter_->conversations();
    witness_.generation = 8;
    WitnessTalk fresh = talk();
    fresh.looked = witness_.count;
    WitnessOutcome outcome;
    fresh.hold(outcome);
    EXPECT_TRUE(outcome.count.counted);
    EXPECT_EQ(counter_->conversations(), asked + 1);
    EXPECT_EQ(counted(), before + 1);
}

TEST_F(WitnessTalkTest, ALookThatFailsLeavesTheCountAsItWas) {
    hold();
    const std::uint64_t before = counted();
    counter_.reset();
    witness_.generation = 8;
    const WitnessOutcome unread = hold();
    EXPECT_TRUE(unread.kept);
    EXPECT_FALSE(unread.count.said->has_value());
    EXPECT_FALSE(unread.count.counted);
    EXPECT_EQ(unread.count.steps, 0);
    EXPECT_EQ(kept().generation, 8);
    EXPECT_EQ(kept().count->value, before);
    EXPECT_EQ(counted(), before);
}

// Row S3: a virtual machine is put back with its memory.
TEST_F(WitnessTalkTest, NothingIsKeptWhereTheTpmIsAbove) {
    hold();
    const std::string text = auth_->text();
    raise();
    witness_.generation = 8;
    const WitnessOutcome outcome = hold();
    EXPECT_EQ(outcome.count.verdict, CountVerdict::PutBack);
    EXPECT_FALSE(outcome.kept);
    EXPECT_EQ(auth_->text(), text);
}

TEST_F(WitnessTalkTest, ATpmThatWasClearedIsNeverTakenForAMachineThatWasPutBack) {
    hold();
    const std::string text = auth_->text();
    for (const bool is_high : {false, true}) {
        tpm_.replace();
        for (int i = 0; is_high && i < 20; ++i)
            raise();
        witness_.generation = 8;
        const WitnessOutcome outcome = hold();
        EXPECT_EQ(outcome.count.verdict, CountVerdict::Lost);
        EXPECT_FALSE(outcome.kept);
        EXPECT_EQ(auth_->text(), text);
    }
}

TEST_F(WitnessTalkTest, AStepThatIsLeftIsTakenBeforeTheNext) {
    hold();
    const std::uint64_t before = counted();
    // patd ended between both.
    ++witness_.count->value;
    witness_.generation = 8;
    const WitnessOutcome outcome = hold();
    EXPECT_EQ(outcome.count.verdict, CountVerdict::Short);
    EXPECT_EQ(outcome.count.steps, 2);
    EXPECT_TRUE(outcome.count.counted);
    EXPECT_EQ(counted(), before + 2);
    EXPECT_EQ(kept().count->value, before + 2);
}

TEST_F(WitnessTalkTest, BeyondTheLimitNobodyAsksTheTpm) {
    hold();
    const int asked = counter_->conversations();
    witness_.generation = 8;
    WitnessTalk limited = talk();
    limited.counts = false;
    WitnessOutcome outcome;
    limited.hold(outcome);
    EXPECT_TRUE(outcome.kept);
    EXPECT_FALSE(outcome.count.said);
    EXPECT_EQ(kept().count, witness_.count);
    EXPECT_EQ(counter_->conversations(), asked);
}

// What patd-auth says is no verdict on the machine.
TEST_F(WitnessTalkTest, NoErrorOfPatdAuthMeansThatTheMachineWasPutBack) {
    hold();
    auth_.reset();
    const auto loop = bus::EventLoop::create().value();
    support::ScriptedStepUp scripted(*loop, directory_.file("auth.sock"));
    witness_.generation = 8;
    auto holding = std::async(std::launch::async, [this] { return hold(); });
    support::StepUpConversation conversation = scripted.accept();
    EXPECT_EQ(conversation.begin()["op"], "witness-write");
    conversation.send(step_up::FrameKind::Refused, "RolledBack");
    const WitnessOutcome outcome = holding.get();
    EXPECT_FALSE(outcome.kept);
    EXPECT_EQ(outcome.count.verdict, CountVerdict::Fits);
    EXPECT_FALSE(outcome.count.counted);
}

// Who revokes waits for less than a client does.
TEST_F(WitnessTalkTest, AllOfItEndsAtOneTime) {
    auth_.reset();
    counter_.reset();
    const auto loop = bus::EventLoop::create().value();
    const support::ScriptedStepUp silent_auth(*loop, directory_.file("auth.sock"));
    const support::ScriptedStepUp silent_counter(*loop, directory_.file("counter.sock"));
    const auto begun = std::chrono::steady_clock::now();
    const WitnessOutcome outcome = hold();
    EXPECT_FALSE(outcome.kept);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 2 * limits::kWitnessWait)
        << "four calls, and no one has time of its own";
}

}  // namespace
}  // namespace patd
