// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/operation/operation.h"

#include "common/base/limits.h"
#include "tests/support/hostile_descriptors.h"
#include "tests/support/operation_fixture.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace patd {
namespace {

using step_up::FrameKind;
using support::ClientSink;
using support::recorded_plan;
using support::revealing;
using support::StepUpConversation;

class OperationTest : public support::OperationFixture {
  protected:
    std::unique_ptr<Operation> operation_ = make(recorded_plan(record_));
};

TEST_F(OperationTest, AsksAnswersCommitsAndAcknowledges) {
    prove(*operation_);
    ClientSink sink;
    const auto committed = commit(*operation_, sink.give());
    EXPECT_EQ(record_->commits, 1);
    EXPECT_FALSE(committed->has_come());
    record_->commit_done(revealing(record_, "pat1_secret"));
    ASSERT_TRUE(committed->has_come());
    EXPECT_EQ(std::get<bool>(*(*committed->result)->find("acknowledge")), true);
    EXPECT_EQ(sink.receive(*loop_), "pat1_secret");
    EXPECT_FALSE(operation_->is_over());
    const auto acknowledged = acknowledge(*operation_);
    EXPECT_EQ(record_->acknowledged, 1);
    EXPECT_FALSE(acknowledged->has_come());
    record_->acknowledge_done({});
    EXPECT_TRUE(acknowledged->result->has_value());
    EXPECT_TRUE(operation_->is_over());
}

TEST_F(OperationTest, TellsTheServiceWhoAsks) {
    const auto prompt = begin_next(*operation_);
    const std::string uid = std::to_string(geteuid());
    const std::map<std::string, std::string> expected = {
        {"op", "authenticate"}, {"caller", uid}, {"uid", uid}, {"user", "bob"}};
    EXPECT_EQ(auth_.accept().begin(), expected);
}

TEST_F(OperationTest, ACommitWithoutASecretIsFinal) {
    prove(*operation_);
    ClientSink sink;
    const auto committed = commit(*operation_, sink.give());
    record_->commit_done(support::plain_result());
    ASSERT_TRUE(committed->has_come());
    EXPECT_TRUE(operation_->is_over());
    EXPECT_EQ(sink.receive(*loop_), "");
    EXPECT_EQ(acknowledge(*operation_)->error(), Errc::OperationGone);
    EXPECT_EQ(commit(*operation_, ClientSink().give())->error(), Errc::OperationGone);
    EXPECT_EQ(next_error(*operation_), Errc::OperationGone);
}

TEST_F(OperationTest, GivesOnePromptAtATimeInTheirOrder) {
    const auto first = begin_next(*operation_);
    StepUpConversation conversation = auth_.accept();
    (void)conversation.begin();
    conversation.send(FrameKind::Info, "one");
    conversation.send(FrameKind::ErrorText, "two");
    conversation.send(FrameKind::PromptVisible, "Code: ");
    ASSERT_TRUE(wait(first));
    EXPECT_EQ((*first->result)->kind, "info");
    EXPECT_EQ((*first->result)->text, "one");
    const Operation::Prompt second = next(*operation_);
    EXPECT_EQ(second.kind, "error");
    EXPECT_EQ(second.text, "two");
    Operation::Prompt third = next(*operation_);
    EXPECT_EQ(third.kind, "visible");
    support::answer(std::move(third.sink), "123456");
    EXPECT_EQ(conversation.answer(), "123456");
    conversation.send(FrameKind::PromptSecret, "Password: ");
    Operation::Prompt fourth = next(*operation_);
    EXPECT_EQ(fourth.kind, "secret");
    support::answer(std::move(fourth.sink), "hunter2");
    EXPECT_EQ(conversation.answer(), "hunter2");
    conversation.send(FrameKind::Granted);
    EXPECT_EQ(next(*operation_).kind, "done");
}

class LostSinkTest : public OperationTest {
  protected:
    // A conversation that waits for a password, and whose client closed the sink without a byte.
    StepUpConversation lose_the_sink_of_a_prompt() {
        const auto first = begin_next(*operation_);
        StepUpConversation conversation = auth_.accept();
        (void)conversation.begin();
        conversation.send(FrameKind::PromptSecret, "Password: ");
        EXPECT_TRUE(wait(first));
        (*first->result)->sink.reset();
        support::turn_while_ready(*loop_);
        return conversation;
    }
};

// The sink of a client that is killed at a prompt closes before its connection does. Nobody has
// tried a password then, so that nobody may be kept waiting for it.
TEST_F(LostSinkTest, IsNoAnswerBeforeNextAsks) {
    StepUpConversation conversation = lose_the_sink_of_a_prompt();
    EXPECT_TRUE(operation_->cancel());
    EXPECT_TRUE(conversation.peer_is_gone());
    EXPECT_THROW((void)conversation.answer(), std::exception);
}

TEST_F(LostSinkTest, ItsEmptyAnswerDiesWithTheConversation) {
    StepUpConversation conversation = lose_the_sink_of_a_prompt();
    conversation.send(FrameKind::Refused, "Cancelled");
    support::turn_while_ready(*loop_);
    EXPECT_EQ(next_error(*operation_), Errc::Cancelled);
}

// What PAM says just before its outcome (a password that expires soon) is shown, not lost.
TEST_F(OperationTest, ShowsAllTextsBeforeTheOutcome) {
    const auto first = begin_next(*operation_);
    StepUpConversation conversation = auth_.accept();
    (void)conversation.begin();
    conversation.send(FrameKind::Info, "one");
    conversation.send(FrameKind::Info, "two");
    conversation.send(FrameKind::Info, "three");
    conversation.send(FrameKind::Granted);
    ASSERT_TRUE(wait(first));
    support::turn_while_ready(*loop_);
    EXPECT_EQ((*first->result)->text, "one");
    EXPECT_EQ(next(*operation_).text, "two");
    EXPECT_EQ(next(*operation_).text, "three");
    EXPECT_EQ(next(*operation_).kind, "done");
}

TEST_F(OperationTest, ShowsAllTextsBeforeARefusal) {
    const auto first = begin_next(*operation_);
    StepUpConversation conversation = auth_.accept();
    (void)conversation.begin();
    conversation.send(FrameKind::ErrorText, "too short");
    conversation.send(FrameKind::ErrorText, "no digit");
    conversation.send(FrameKind::Refused, "PasswordNotAccepted");
    ASSERT_TRUE(wait(first));
    support::turn_while_ready(*loop_);
    EXPECT_EQ((*first->result)->text, "too short");
    EXPECT_EQ(next(*operation_).text, "no digit");
    EXPECT_EQ(next_error(*operation_), Errc::PasswordNotAccepted);
    EXPECT_TRUE(operation_->is_over());
}

// Texts of prompts that take no answer come with a sink that nobody reads: a client that writes
// into it shows that it has the sink, which is then closed.
TEST_F(OperationTest, TheSinkOfATextIsClosedByTheFirstByte) {
    const auto first = begin_next(*operation_);
    StepUpConversation conversation = auth_.accept();
    conversation.send(FrameKind::Info, "one");
    ASSERT_TRUE(wait(first));
    const int sink = (*first->result)->sink.get();
    EXPECT_EQ(::send(sink, "x", 1, MSG_NOSIGNAL), 1);
    support::turn_while_ready(*loop_);
    EXPECT_LT(::send(sink, "x", 1, MSG_NOSIGNAL), 0);
    conversation.send(FrameKind::Granted);
    EXPECT_EQ(next(*operation_).kind, "done");
}

// Each "done" carries a descriptor, which the bus keeps for a client that does not read.
TEST_F(OperationTest, SaysDoneOnceAndCommitsAllTheSame) {
    prove(*operation_);
    EXPECT_EQ(next_error(*operation_), Errc::OutOfOrder);
    EXPECT_EQ(next_error(*operation_), Errc::OutOfOrder);
    EXPECT_FALSE(operation_->is_over());
    const auto committed = commit(*operation_, ClientSink().give());
    record_->commit_done(support::plain_result());
    EXPECT_TRUE(committed->result->has_value());
}

TEST_F(OperationTest, ARefusalReachesAWaitingNext) {
    const auto waiting = begin_next(*operation_);
    StepUpConversation conversation = auth_.accept();
    conversation.send(FrameKind::Refused, "Throttled");
    ASSERT_TRUE(wait(waiting));
    EXPECT_EQ(waiting->error(), Errc::Throttled);
    EXPECT_TRUE(operation_->is_over());
    EXPECT_EQ(record_->commits, 0);
}

// The client first writes its answer and then calls Next: the outcome may come first.
TEST_F(OperationTest, ARefusalThatCameBeforeNextIsKeptForIt) {
    const auto first = begin_next(*operation_);
    StepUpConversation conversation = auth_.accept();
    (void)conversation.begin();
    conversation.send(FrameKind::PromptSecret, "Password: ");
    ASSERT_TRUE(wait(first));
    support::answer(std::move((*first->result)->sink), "wrong");
    EXPECT_EQ(conversation.answer(), "wrong");
    conversation.send(FrameKind::Refused, "WrongPassword");
    support::turn_while_ready(*loop_);
    EXPECT_FALSE(operation_->is_in_step_up());
    EXPECT_EQ(next_error(*operation_), Errc::WrongPassword);
    EXPECT_EQ(next_error(*operation_), Errc::OperationGone);
    EXPECT_EQ(record_->commits, 0);
}

TEST_F(OperationTest, ACommitAfterARefusalIsRefused) {
    const auto first = begin_next(*operation_);
    StepUpConversation conversation = auth_.accept();
    conversation.send(FrameKind::PromptSecret, "Password: ");
    ASSERT_TRUE(wait(first));
    conversation.send(FrameKind::Refused, "WrongPassword");
    support::turn_while_ready(*loop_);
    EXPECT_EQ(commit(*operation_, ClientSink().give())->error(), Errc::OutOfOrder);
    EXPECT_EQ(acknowledge(*operation_)->error(), Errc::OutOfOrder);
    EXPECT_EQ(record_->commits, 0);
}

TEST_F(OperationTest, AnAnswerOf513BytesEndsItAndIsNotSent) {
    const auto first = begin_next(*operation_);
    StepUpConversation conversation = auth_.accept();
    (void)conversation.begin();
    conversation.send(FrameKind::PromptSecret, "Password: ");
    ASSERT_TRUE(wait(first));
    support::answer(std::move((*first->result)->sink), std::string(513, 'p'));
    EXPECT_TRUE(conversation.peer_is_gone());
    EXPECT_EQ(next_error(*operation_), Errc::InvalidPassword);
    EXPECT_TRUE(operation_->is_over());
}

TEST_F(OperationTest, AnEmptyAnswerIsForTheServiceToJudge) {
    const auto first = begin_next(*operation_);
    StepUpConversation conversation = auth_.accept();
    (void)conversation.begin();
    conversation.send(FrameKind::PromptSecret, "Password: ");
    ASSERT_TRUE(wait(first));
    (*first->result)->sink.reset();
    const auto second = begin_next(*operation_);
    EXPECT_EQ(conversation.answer(), "");
    conversation.send(FrameKind::Refused, "WrongPassword");
    ASSERT_TRUE(wait(second));
    EXPECT_EQ(second->error(), Errc::WrongPassword);
}

TEST_F(OperationTest, AServiceThatDiesGrantsNothing) {
    const auto waiting = begin_next(*operation_);
    auth_.accept().close();
    ASSERT_TRUE(wait(waiting));
    EXPECT_EQ(waiting->error(), Errc::Unavailable);
    EXPECT_EQ(commit(*operation_, ClientSink().give())->error(), Errc::OperationGone);
    EXPECT_EQ(record_->commits, 0);
}

TEST_F(OperationTest, AServiceThatIsNotThereIsUnavailable) {
    auth_.stop();
    EXPECT_EQ(next_error(*operation_), Errc::Unavailable);
    EXPECT_TRUE(operation_->is_over());
}

TEST_F(OperationTest, ACallBeforeItsTimeChangesNothing) {
    EXPECT_EQ(commit(*operation_, ClientSink().give())->error(), Errc::OutOfOrder);
    EXPECT_EQ(acknowledge(*operation_)->error(), Errc::OutOfOrder);
    const auto first = begin_next(*operation_);
    StepUpConversation conversation = auth_.accept();
    (void)conversation.begin();
    EXPECT_EQ(commit(*operation_, ClientSink().give())->error(), Errc::OutOfOrder);
    EXPECT_EQ(begin_next(*operation_)->error(), Errc::OutOfOrder);
    conversation.send(FrameKind::PromptSecret, "Password: ");
    ASSERT_TRUE(wait(first));
    EXPECT_EQ(commit(*operation_, ClientSink().give())->error(), Errc::OutOfOrder);
    EXPECT_EQ(record_->commits, 0);
    // None of it disturbed the conversation.
    support::answer(std::move((*first->result)->sink), "hunter2");
    EXPECT_EQ(conversation.answer(), "hunter2");
}

// Rows A10, R3.
TEST_F(OperationTest, ASecondCommitIsRefused) {
    prove(*operation_);
    ClientSink sink;
    const auto committed = commit(*operation_, sink.give());
    EXPECT_EQ(commit(*operation_, ClientSink().give())->error(), Errc::OutOfOrder);
    EXPECT_EQ(begin_next(*operation_)->error(), Errc::OutOfOrder);
    EXPECT_EQ(acknowledge(*operation_)->error(), Errc::OutOfOrder);
    record_->commit_done(revealing(record_, "pat1_secret"));
    EXPECT_EQ(commit(*operation_, ClientSink().give())->error(), Errc::OutOfOrder);
    EXPECT_EQ(begin_next(*operation_)->error(), Errc::OutOfOrder);
    EXPECT_EQ(record_->commits, 1);
    const auto first = acknowledge(*operation_);
    EXPECT_EQ(acknowledge(*operation_)->error(), Errc::OutOfOrder);
    record_->acknowledge_done({});
    EXPECT_TRUE(first->result->has_value());
    EXPECT_EQ(acknowledge(*operation_)->error(), Errc::OperationGone);
    EXPECT_EQ(record_->acknowledged, 1);
}

// Row D10: checked before anything is carried out; the operation goes on.
TEST_F(OperationTest, ABadSinkIsRefusedBeforeAnythingIsDone) {
    prove(*operation_);
    const support::HostileDescriptors hostile;
    for (const support::NamedDescriptor& descriptor : hostile.all()) {
        const auto committed = commit(*operation_, UniqueFd(::dup(descriptor.fd.get())));
        ASSERT_TRUE(committed->has_come()) << descriptor.name;
        EXPECT_EQ(committed->error(), Errc::BadSink) << descriptor.name;
    }
    EXPECT_EQ(commit(*operation_, ClientSink(Uid(2)).give())->error(), Errc::BadSink);
    EXPECT_EQ(record_->commits, 0);
    ClientSink sink;
    (void)commit(*operation_, sink.give());
    EXPECT_EQ(record_->commits, 1);
}

// Rows R1, D10: a secret that nobody received never becomes valid.
TEST_F(OperationTest, ASecretThatCannotBeDeliveredIsNotAcknowledged) {
    prove(*operation_);
    const ClientSink full;
    full.fill();
    const auto committed = commit(*operation_, full.duplicate());
    record_->commit_done(revealing(record_, "pat1_secret"));
    EXPECT_EQ(committed->error(), Errc::BadSink);
    EXPECT_TRUE(operation_->is_over());
    EXPECT_EQ(acknowledge(*operation_)->error(), Errc::OperationGone);
    EXPECT_EQ(record_->acknowledged, 0);
}

TEST_F(OperationTest, AFailedCommitIsTheEnd) {
    prove(*operation_);
    const auto committed = commit(*operation_, ClientSink().give());
    record_->commit_done(Errc::LimitExceeded);
    EXPECT_EQ(committed->error(), Errc::LimitExceeded);
    EXPECT_TRUE(operation_->is_over());
}

TEST_F(OperationTest, AFailedAcknowledgeIsTold) {
    prove(*operation_);
    ClientSink sink;
    (void)commit(*operation_, sink.give());
    record_->commit_done(revealing(record_, "pat1_secret"));
    const auto acknowledged = acknowledge(*operation_);
    record_->acknowledge_done(Errc::Unavailable);
    EXPECT_EQ(acknowledged->error(), Errc::Unavailable);
    EXPECT_TRUE(operation_->is_over());
}

// Too little memory for what the client may send: mmap(2) itself refuses.
constexpr std::size_t kNoMemory = std::size_t{1} << 60;

TEST_F(OperationTest, WhereMemoryRunsOutTheWaitingNextIsAnswered) {
    Plan plan = recorded_plan(record_);
    plan.secret_prompt = "Token to keep: ";
    plan.secret_bytes_max = kNoMemory;
    const auto operation = make(std::move(plan));
    const auto answer = begin_next(*operation);
    ASSERT_TRUE(answer->has_come());
    EXPECT_EQ(answer->error(), Errc::Internal);
    EXPECT_TRUE(operation->is_over());
    EXPECT_EQ(next_error(*operation), Errc::OperationGone);
    EXPECT_EQ(quota_.taken(), 0U);
}

TEST_F(OperationTest, WhereItRunsOutWhileTheClientTypesTheNextCallIsTold) {
    Plan plan = recorded_plan(record_);
    plan.secret_prompt = "Token to keep: ";
    plan.step_up_begins = []() -> Result<void> {
        const SecretBuffer none(kNoMemory);
        return {};
    };
    plan.step_up_ended = [](const Result<void>&) {};
    const auto operation = make(std::move(plan));
    support::answer(next(*operation).sink, "ghp_elsewhere");
    support::turn_while_ready(*loop_);
    EXPECT_EQ(next_error(*operation), Errc::Internal);
    EXPECT_TRUE(operation->is_over());
}

TEST_F(OperationTest, WhereItRunsOutCommitAndAcknowledgeAreAnswered) {
    Plan plan = recorded_plan(record_);
    plan.step_up = Plan::StepUp::None;
    plan.commit = [](const TokenSecret&, const std::function<void(Result<Committed>)>&) {
        const SecretBuffer none(kNoMemory);
    };
    const auto operation = make(std::move(plan));
    EXPECT_EQ(next(*operation).kind, "done");
    const auto committed = commit(*operation, ClientSink().give());
    ASSERT_TRUE(committed->has_come());
    EXPECT_EQ(committed->error(), Errc::Internal);
    EXPECT_TRUE(operation->is_over());

    prove(*operation_);
    ClientSink sink;
    (void)commit(*operation_, sink.give());
    Committed shown = support::plain_result();
    shown.acknowledge = [](const Done&) { const SecretBuffer none(kNoMemory); };
    record_->commit_done(std::move(shown));
    const auto acknowledged = acknowledge(*operation_);
    ASSERT_TRUE(acknowledged->has_come());
    EXPECT_EQ(acknowledged->error(), Errc::Internal);
}

TEST_F(OperationTest, WhatRunsOutInTheAnswersOfOneThatIsOverRevivesItNot) {
    prove(*operation_);
    operation_->commit(ClientSink().give(),
                       [](const Result<bus::Dict>&) { const SecretBuffer none(kNoMemory); });
    record_->commit_done(support::plain_result());
    EXPECT_TRUE(operation_->is_over());
    EXPECT_EQ(next_error(*operation_), Errc::OperationGone);

    const auto shown = make(recorded_plan(record_));
    prove(*shown);
    ClientSink sink;
    (void)commit(*shown, sink.give());
    record_->commit_done(revealing(record_, "pat1_secret"));
    shown->acknowledge([](const Result<void>&) { const SecretBuffer none(kNoMemory); });
    EXPECT_NO_THROW(record_->acknowledge_done({}));
    EXPECT_TRUE(shown->is_over());
}

// What the step-up itself changes is reported before it begins, once.
TEST_F(OperationTest, AStepUpThatMayNotBeginIsTheEnd) {
    std::vector<std::string> told;
    Plan plan = recorded_plan(record_);
    plan.step_up = Plan::StepUp::SetPassword;
    plan.step_up_begins = [&told]() -> Result<void> {
        told.emplace_back("begins");
        return Errc::Unavailable;
    };
    plan.step_up_ended = [&told](const Result<void>&) { told.emplace_back("ended"); };
    const auto refused = make(plan);
    EXPECT_EQ(next_error(*refused), Errc::Unavailable);
    EXPECT_EQ(told, std::vector<std::string>{"begins"});

    told.clear();
    plan.step_up_begins = [&told]() -> Result<void> {
        told.emplace_back("begins");
        return {};
    };
    plan.step_up_ended = [&told](const Result<void>& outcome) {
        told.emplace_back(outcome ? "ok" : errc_name(outcome.error().code));
    };
    const auto first = make(plan);
    const auto waiting = begin_next(*first);
    StepUpConversation change = auth_.accept();
    (void)change.begin();
    change.send(step_up::FrameKind::Refused, "NoServicePassword");
    StepUpConversation enroll = enroll_.accept();
    (void)enroll.begin();
    enroll.send(step_up::FrameKind::Granted);
    ASSERT_TRUE(wait(waiting));
    EXPECT_EQ(told, (std::vector<std::string>{"begins", "ok"}));
}

TEST_F(OperationTest, AStepUpThatMustWaitIsNotBegun) {
    const auto waiting = begin_next(*operation_);
    StepUpConversation conversation = auth_.accept();
    conversation.send(FrameKind::Refused, "Throttled 60000");
    ASSERT_TRUE(wait(waiting));
    std::vector<std::string> told;
    Plan plan = recorded_plan(record_);
    plan.step_up = Plan::StepUp::SetPassword;
    plan.step_up_begins = [&told]() -> Result<void> {
        told.emplace_back("begins");
        return {};
    };
    plan.step_up_ended = [&told](const Result<void>&) { told.emplace_back("ended"); };
    const auto throttled = make(std::move(plan));
    EXPECT_EQ(next_error(*throttled), Errc::Throttled);
    EXPECT_EQ(told, std::vector<std::string>{});
}

TEST_F(OperationTest, AStepUpThatIsLeftEndsWhereItIsKnownThatNothingWasSet) {
    std::vector<std::string> told;
    Plan plan = recorded_plan(record_);
    plan.step_up = Plan::StepUp::SetPassword;
    plan.step_up_begins = [&told]() -> Result<void> {
        told.emplace_back("begins");
        return {};
    };
    plan.step_up_ended = [&told](const Result<void>& outcome) {
        told.emplace_back(outcome ? "ok" : errc_name(outcome.error().code));
    };
    const auto left = make(plan);
    const auto prompt = begin_next(*left);
    StepUpConversation asks = auth_.accept();
    asks.send(FrameKind::PromptSecret, "New password: ");
    ASSERT_TRUE(wait(prompt));
    EXPECT_TRUE(left->cancel());
    EXPECT_EQ(told, (std::vector<std::string>{"begins", "Cancelled"}));

    told.clear();
    const auto answered = make(plan);
    const auto first = begin_next(*answered);
    StepUpConversation sets = auth_.accept();
    (void)sets.begin();
    sets.send(FrameKind::PromptSecret, "New password: ");
    ASSERT_TRUE(wait(first));
    support::answer(std::move((*first->result)->sink), "hunter2");
    EXPECT_EQ(sets.answer(), "hunter2");
    EXPECT_TRUE(answered->cancel());
    EXPECT_EQ(told, std::vector<std::string>{"begins"});
}

}  // namespace
}  // namespace patd
