// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/operation/handed_sinks.h"

#include "common/base/limits.h"
#include "tests/support/operation_fixture.h"

#include <gtest/gtest.h>
#include <unistd.h>

// Row D9: which of the sinks that Next handed out are counted, and for how long.
namespace patd {
namespace {

using step_up::FrameKind;
using support::recorded_plan;
using support::StepUpConversation;

constexpr char kMine[] = ":1.1";  // of the operations that the fixture makes

class HandedSinksTest : public support::OperationFixture {
  protected:
    // Lets the loop notice what was closed.
    std::size_t counted() {
        support::turn_while_ready(*loop_);
        return quota_.taken();
    }
    // Asks for nothing: its first Next is "done".
    std::unique_ptr<Operation> make_plain() {
        Plan plan = recorded_plan(record_);
        plan.step_up = Plan::StepUp::None;
        return make(std::move(plan));
    }
    // Asks for a token's secret first.
    std::unique_ptr<Operation> make_asking() {
        Plan plan = recorded_plan(record_);
        plan.step_up = Plan::StepUp::None;
        plan.secret_prompt = "Token: ";
        return make(std::move(plan));
    }
    // As many as one user may hold.
    std::vector<Operation::Prompt> hold_all() {
        std::vector<Operation::Prompt> held;
        while (held.size() < limits::kHandedDescriptorsPerUser)
            held.push_back(next(*make_plain()));
        return held;
    }
};

TEST_F(HandedSinksTest, ASinkCountsUntilItsReceiverClosesIt) {
    const std::unique_ptr<Operation> operation = make_plain();
    Operation::Prompt done = next(*operation);
    EXPECT_EQ(counted(), 1U);
    UniqueFd copy(::dup(done.sink.get()));
    done.sink.reset();
    EXPECT_EQ(counted(), 1U);
    copy.reset();
    EXPECT_EQ(counted(), 0U);
}

// Only a client that has read the message has the descriptor to write into.
TEST_F(HandedSinksTest, ASinkThatIsWrittenIntoCountsNoLonger) {
    const std::unique_ptr<Operation> operation = make_plain();
    const Operation::Prompt done = next(*operation);
    ASSERT_EQ(::send(done.sink.get(), "x", 1, MSG_NOSIGNAL), 1);
    EXPECT_EQ(counted(), 0U);
}

TEST_F(HandedSinksTest, AnAnswerEndsTheCount) {
    const std::unique_ptr<Operation> operation = make_asking();
    Operation::Prompt asked = next(*operation);
    EXPECT_EQ(asked.kind, "token-secret");
    EXPECT_EQ(counted(), 1U);
    // The client keeps the descriptor, and signals that this was all.
    support::answer(UniqueFd(::dup(asked.sink.get())), "ghp_1");
    EXPECT_EQ(counted(), 0U);
    EXPECT_EQ(next(*operation).kind, "done");
}

TEST_F(HandedSinksTest, ThePlanThatEndsDoesNotEndTheCount) {
    std::unique_ptr<Operation> done = make_plain();
    std::unique_ptr<Operation> asking = make_asking();
    Operation::Prompt first = next(*done);
    Operation::Prompt second = next(*asking);
    for (std::unique_ptr<Operation>* operation : {&done, &asking}) {
        EXPECT_TRUE((*operation)->cancel());
        operation->reset();
    }
    EXPECT_EQ(counted(), 2U);
    first.sink.reset();
    EXPECT_EQ(counted(), 1U);
    second.sink.reset();
    EXPECT_EQ(counted(), 0U);
}

TEST_F(HandedSinksTest, OneThatIsOverTheLimitIsRefusedAndNothingElse) {
    std::vector<Operation::Prompt> held = hold_all();
    const std::unique_ptr<Operation> asking = make_asking();
    EXPECT_EQ(next_error(*asking), Errc::LimitExceeded);
    EXPECT_FALSE(asking->is_over());
    EXPECT_EQ(counted(), limits::kHandedDescriptorsPerUser);
    held.pop_back();
    support::turn_while_ready(*loop_);
    EXPECT_EQ(next(*asking).kind, "token-secret");
}

// A waiting Next is already counted: its sink will come.
TEST_F(HandedSinksTest, ANextThatWaitsIsCounted) {
    const std::unique_ptr<Operation> operation = make(recorded_plan(record_));
    const auto waiting = begin_next(*operation);
    EXPECT_EQ(counted(), 1U);
    StepUpConversation conversation = auth_.accept();
    conversation.send(FrameKind::Refused, "WrongPassword");
    ASSERT_TRUE(wait(waiting));
    EXPECT_EQ(counted(), 0U);
}

TEST_F(HandedSinksTest, WhyAnOperationFailedIsToldWithoutASink) {
    const std::unique_ptr<Operation> operation = make(recorded_plan(record_));
    const auto first = begin_next(*operation);
    StepUpConversation conversation = auth_.accept();
    conversation.send(FrameKind::PromptSecret, "Password: ");
    ASSERT_TRUE(wait(first));
    conversation.send(FrameKind::Refused, "WrongPassword");
    support::turn_while_ready(*loop_);
    std::vector<Operation::Prompt> held;
    while (held.size() + 1 < limits::kHandedDescriptorsPerUser)
        held.push_back(next(*make_plain()));
    EXPECT_EQ(next_error(*make_plain()), Errc::LimitExceeded);
    EXPECT_EQ(next_error(*operation), Errc::WrongPassword);
}

TEST_F(HandedSinksTest, AConnectionThatGoesTakesItsCountAlong) {
    const std::vector<Operation::Prompt> held = hold_all();
    handed_.forget(":1.2");
    EXPECT_EQ(counted(), limits::kHandedDescriptorsPerUser);
    handed_.forget(kMine);
    EXPECT_EQ(counted(), 0U);
    EXPECT_LT(::send(held[0].sink.get(), "x", 1, MSG_NOSIGNAL), 0);
}

}  // namespace
}  // namespace patd
