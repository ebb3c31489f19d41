// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/operation/operation.h"
#include "tests/support/operation_fixture.h"

#include <gtest/gtest.h>

// Coincidences: an end and an answer, an end and an outcome, an end and the disk's answer. And the
// two plans that ask for more than a password: a token's secret, a first password.
namespace patd {
namespace {

using step_up::FrameKind;
using support::ClientSink;
using support::recorded_plan;
using support::revealing;
using support::StepUpConversation;

class OperationRaceTest : public support::OperationFixture {
  protected:
    // Brings it to its first prompt, with the service waiting for the answer.
    void ask() {
        operation_ = make(recorded_plan(record_));
        const auto first = begin_next(*operation_);
        conversation_.emplace(auth_.accept());
        (void)conversation_->begin();
        conversation_->send(FrameKind::PromptSecret, "Password: ");
        ASSERT_TRUE(wait(first));
        sink_ = std::move((*first->result)->sink);
    }
    void make_proven() {
        operation_ = make(recorded_plan(record_));
        prove(*operation_);
    }

    std::unique_ptr<Operation> operation_;
    std::optional<StepUpConversation> conversation_;
    UniqueFd sink_;
};

// Row A17.
TEST_F(OperationRaceTest, AnAnswerAfterTheEndGoesNowhere) {
    ask();
    ASSERT_EQ(::send(sink_.get(), "hunter2", 7, MSG_NOSIGNAL), 7);
    sink_.reset();
    operation_->end(Errc::Cancelled);
    support::turn_while_ready(*loop_);
    EXPECT_TRUE(operation_->is_over());
    EXPECT_TRUE(conversation_->peer_is_gone());
    EXPECT_EQ(commit(*operation_, ClientSink().give())->error(), Errc::OperationGone);
}

TEST_F(OperationRaceTest, AnOutcomeAfterTheEndGrantsNothing) {
    ask();
    conversation_->send(FrameKind::Granted);
    operation_->end(Errc::Cancelled);
    support::turn_while_ready(*loop_);
    EXPECT_TRUE(operation_->is_over());
    EXPECT_EQ(commit(*operation_, ClientSink().give())->error(), Errc::OperationGone);
    EXPECT_EQ(record_->commits, 0);
}

TEST_F(OperationRaceTest, AnEndAnswersAWaitingNextOnce) {
    operation_ = make(recorded_plan(record_));
    const auto waiting = begin_next(*operation_);
    StepUpConversation conversation = auth_.accept();
    conversation.send(FrameKind::PromptSecret, "Password: ");
    operation_->end(Errc::OperationGone);
    ASSERT_TRUE(waiting->has_come());
    EXPECT_EQ(waiting->error(), Errc::OperationGone);
    support::turn_while_ready(*loop_);
    EXPECT_TRUE(conversation.peer_is_gone());
}

TEST_F(OperationRaceTest, AGrantThatOvertakesTheAnswerIsTheServicesBusiness) {
    ask();
    conversation_->send(FrameKind::Granted);
    support::turn_while_ready(*loop_);
    // Nobody reads it; the first byte closes it.
    EXPECT_EQ(::send(sink_.get(), "x", 1, MSG_NOSIGNAL), 1);
    support::turn_while_ready(*loop_);
    EXPECT_LT(::send(sink_.get(), "x", 1, MSG_NOSIGNAL), 0);
    EXPECT_EQ(next(*operation_).kind, "done");
}

// Row R1: what the disk is doing cannot be undone, so the client is not told that it was.
TEST_F(OperationRaceTest, ACommitUnderWayCannotBeCancelled) {
    make_proven();
    const auto committed = commit(*operation_, ClientSink().give());
    EXPECT_EQ(operation_->cancel().error().code, Errc::OutOfOrder);
    EXPECT_FALSE(committed->has_come());
    record_->commit_done(support::plain_result());
    EXPECT_TRUE(committed->result->has_value());
}

TEST_F(OperationRaceTest, AnAcknowledgeUnderWayCannotBeCancelled) {
    make_proven();
    ClientSink sink;
    (void)commit(*operation_, sink.give());
    record_->commit_done(revealing(record_, "pat1_secret"));
    const auto acknowledged = acknowledge(*operation_);
    EXPECT_EQ(operation_->cancel().error().code, Errc::OutOfOrder);
    EXPECT_FALSE(acknowledged->has_come());
    record_->acknowledge_done({});
    EXPECT_TRUE(acknowledged->result->has_value());
}

TEST_F(OperationRaceTest, AShownSecretThatIsCancelledIsNeverAcknowledged) {
    make_proven();
    ClientSink sink;
    (void)commit(*operation_, sink.give());
    record_->commit_done(revealing(record_, "pat1_secret"));
    EXPECT_TRUE(operation_->cancel());
    EXPECT_TRUE(operation_->is_over());
    EXPECT_EQ(acknowledge(*operation_)->error(), Errc::OperationGone);
    EXPECT_EQ(record_->acknowledged, 0);
}

// The client's connection goes while the writer works: its answer finds nobody.
TEST_F(OperationRaceTest, TheDisksAnswerAfterTheEndIsDropped) {
    make_proven();
    ClientSink sink;
    const auto committed = commit(*operation_, sink.give());
    operation_->end(Errc::OperationGone);
    EXPECT_EQ(committed->error(), Errc::OperationGone);
    record_->commit_done(revealing(record_, "pat1_secret"));
    EXPECT_TRUE(operation_->is_over());
    EXPECT_EQ(sink.receive(*loop_), "");
    EXPECT_EQ(record_->acknowledged, 0);

    make_proven();
    ClientSink second;
    (void)commit(*operation_, second.give());
    record_->commit_done(revealing(record_, "pat1_secret"));
    const auto acknowledged = acknowledge(*operation_);
    operation_->end(Errc::OperationGone);
    EXPECT_EQ(acknowledged->error(), Errc::OperationGone);
    record_->acknowledge_done({});
    EXPECT_TRUE(operation_->is_over());
}

TEST_F(OperationRaceTest, MayBeDestroyedAtEveryStep) {
    operation_ = make(recorded_plan(record_));
    operation_.reset();
    ask();
    operation_.reset();
    EXPECT_TRUE(conversation_->peer_is_gone());
    EXPECT_LT(::send(sink_.get(), "x", 1, MSG_NOSIGNAL), 0);
    make_proven();
    operation_.reset();
    make_proven();
    (void)commit(*operation_, ClientSink().give());
    operation_.reset();
    record_->commit_done(support::plain_result());
    make_proven();
    ClientSink sink;
    (void)commit(*operation_, sink.give());
    record_->commit_done(revealing(record_, "pat1_secret"));
    (void)acknowledge(*operation_);
    operation_.reset();
    record_->acknowledge_done({});
    support::turn_while_ready(*loop_);
}

class ImportOperationTest : public OperationRaceTest {
  protected:
    ImportOperationTest() {
        Plan plan = recorded_plan(record_);
        plan.secret_prompt = "Token to keep: ";
        operation_ = make(std::move(plan));
    }
};

TEST_F(ImportOperationTest, AsksForTheTokensSecretAndThenForThePassword) {
    Operation::Prompt first = next(*operation_);
    EXPECT_EQ(first.kind, "token-secret");
    EXPECT_EQ(first.text, "Token to keep: ");
    EXPECT_FALSE(auth_.has_caller());
    support::answer(std::move(first.sink), std::string(4096, 't'));
    prove(*operation_);
    (void)commit(*operation_, ClientSink().give());
    EXPECT_EQ(record_->given, std::string(4096, 't'));
}

TEST_F(ImportOperationTest, ANextThatWaitsForTheSecretGetsThePasswordPrompt) {
    Operation::Prompt first = next(*operation_);
    const auto second = begin_next(*operation_);
    support::answer(std::move(first.sink), "ghp_secret");
    StepUpConversation conversation = auth_.accept();
    conversation.send(FrameKind::PromptSecret, "Password: ");
    ASSERT_TRUE(wait(second));
    EXPECT_EQ((*second->result)->kind, "secret");
}

TEST_F(ImportOperationTest, AnEmptyOrTooLongSecretEndsIt) {
    Operation::Prompt empty = next(*operation_);
    empty.sink.reset();
    EXPECT_EQ(next_error(*operation_), Errc::InvalidSecret);
    Plan plan = recorded_plan(record_);
    plan.secret_prompt = "Token to keep: ";
    operation_ = make(std::move(plan));
    Operation::Prompt prompt = next(*operation_);
    support::answer(std::move(prompt.sink), std::string(4097, 't'));
    EXPECT_EQ(next_error(*operation_), Errc::InvalidSecret);
    EXPECT_FALSE(auth_.has_caller());
}

TEST_F(ImportOperationTest, APlanWithoutStepUpIsDoneAfterTheSecret) {
    Plan plan = recorded_plan(record_);
    plan.secret_prompt = "Token to verify: ";
    plan.step_up = Plan::StepUp::None;
    operation_ = make(std::move(plan));
    Operation::Prompt first = next(*operation_);
    support::answer(std::move(first.sink), "pat1_x");
    EXPECT_EQ(next(*operation_).kind, "done");
    EXPECT_FALSE(auth_.has_caller());
}

class PasswordOperationTest : public OperationRaceTest {
  protected:
    PasswordOperationTest() {
        Plan plan = recorded_plan(record_);
        plan.step_up = Plan::StepUp::SetPassword;
        operation_ = make(std::move(plan));
    }
};

TEST_F(PasswordOperationTest, ChangesAPasswordThatIsThere) {
    const auto first = begin_next(*operation_);
    StepUpConversation conversation = auth_.accept();
    EXPECT_EQ(conversation.begin().at("op"), "change");
    conversation.send(FrameKind::Granted);
    ASSERT_TRUE(wait(first));
    EXPECT_EQ((*first->result)->kind, "done");
    EXPECT_FALSE(enroll_.has_caller());
}

// Row A18.
TEST_F(PasswordOperationTest, EnrollsWithTheLoginPasswordWhenThereIsNone) {
    const auto first = begin_next(*operation_);
    StepUpConversation change = auth_.accept();
    (void)change.begin();
    change.send(FrameKind::Refused, "NoServicePassword");
    StepUpConversation enroll = enroll_.accept();
    EXPECT_EQ(enroll.begin().at("op"), "enroll");
    enroll.send(FrameKind::PromptSecret, "Login password: ");
    ASSERT_TRUE(wait(first));
    EXPECT_EQ((*first->result)->text, "Login password: ");
    support::answer(std::move((*first->result)->sink), "login");
    EXPECT_EQ(enroll.answer(), "login");
    enroll.send(FrameKind::Granted);
    EXPECT_EQ(next(*operation_).kind, "done");
}

TEST_F(PasswordOperationTest, EnrollsOnceOnly) {
    const auto first = begin_next(*operation_);
    auth_.accept().send(FrameKind::Refused, "NoServicePassword");
    enroll_.accept().send(FrameKind::Refused, "NoServicePassword");
    ASSERT_TRUE(wait(first));
    EXPECT_EQ(first->error(), Errc::NoServicePassword);
    EXPECT_FALSE(enroll_.has_caller());
    EXPECT_FALSE(auth_.has_caller());
}

TEST_F(PasswordOperationTest, AnyOtherRefusalIsTheEnd) {
    const auto first = begin_next(*operation_);
    auth_.accept().send(FrameKind::Refused, "WrongPassword");
    ASSERT_TRUE(wait(first));
    EXPECT_EQ(first->error(), Errc::WrongPassword);
    EXPECT_FALSE(enroll_.has_caller());
}

// Only a user who sets a password gets to the login password's prompt.
TEST_F(PasswordOperationTest, AnotherPlanNeverEnrolls) {
    operation_ = make(recorded_plan(record_));
    const auto first = begin_next(*operation_);
    auth_.accept().send(FrameKind::Refused, "NoServicePassword");
    ASSERT_TRUE(wait(first));
    EXPECT_EQ(first->error(), Errc::NoServicePassword);
    EXPECT_FALSE(enroll_.has_caller());
}

}  // namespace
}  // namespace patd
