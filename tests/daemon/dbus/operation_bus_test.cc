// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/dbus/operation_bus.h"

#include "tests/support/bus_fixture.h"
#include "tests/support/hostile_descriptors.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

using step_up::FrameKind;
using support::ClientSink;
using support::kAlice;
using support::kAliceBus;
using support::kAliceSecondBus;
using support::kBob;
using support::kBobBus;
using support::kRootBus;
using support::patd_error;
using support::PendingCall;
using support::Reply;
using support::StepUpConversation;

constexpr const char* kMembers[] = {"Next", "Commit", "Acknowledge", "Cancel"};

class OperationBusTest : public support::BusFixture {
  protected:
    // Calls one of the four, with a good sink where one is needed.
    Reply call(const char* who, const std::string& path, const std::string& member) {
        const ClientSink sink(kAlice);
        return operation(
            who, path, member.c_str(),
            member == "Commit" ? support::with_descriptor(sink.passed()) : support::Fill());
    }
    std::size_t count() { return store_->count(kAlice).value(); }
};

TEST_F(OperationBusTest, ATokenIsMadeAskedForShownAndValidAfterAcknowledgeOnly) {
    const std::string path = begin_create();
    EXPECT_TRUE(path.starts_with("/org/patd/Tokens1/operation/"));
    PendingCall first = as(kAliceBus).send(path, names::kOperationInterface, "Next");
    StepUpConversation conversation = auth_.accept();
    const auto begin = conversation.begin();
    EXPECT_EQ(begin.at("op"), "authenticate");
    EXPECT_EQ(begin.at("uid"), "1");
    EXPECT_EQ(begin.at("user"), "daemon");
    conversation.send(FrameKind::PromptSecret, "Service password: ");
    Prompt prompt = support::read_prompt(as(kAliceBus).finish(std::move(first)));
    EXPECT_EQ(prompt.kind, "secret");
    EXPECT_EQ(prompt.text, "Service password: ");
    support::answer(std::move(prompt.sink), "hunter2");
    EXPECT_EQ(conversation.answer(), "hunter2");
    conversation.send(FrameKind::Granted);
    EXPECT_EQ(next(kAliceBus, path).kind, "done");

    ClientSink sink(kAlice);
    const Reply committed = commit(kAliceBus, path, sink);
    ASSERT_TRUE(committed.ok()) << committed.error;
    bus::Dict result = support::read_dict(committed);
    EXPECT_EQ(result.take<bool>("acknowledge").value(), true);
    const std::string id = result.take<std::string>("id").value().value();
    EXPECT_TRUE(result.expect_empty());
    const std::string secret = sink.receive(*loop_);
    EXPECT_TRUE(secret.starts_with("pat1_" + id + "_"));
    EXPECT_FALSE(is_valid(secret));
    EXPECT_EQ(count(), 0U);

    EXPECT_TRUE(operation(kAliceBus, path, "Acknowledge").ok());
    EXPECT_TRUE(is_valid(secret));
    EXPECT_EQ(count(), 1U);
    // Row A10: used up.
    for (const char* member : kMembers)
        EXPECT_EQ(call(kAliceBus, path, member).error, patd_error(Errc::OperationGone)) << member;
    EXPECT_EQ(count(), 1U);
}

TEST_F(OperationBusTest, AWrongPasswordMakesNothing) {
    const std::string path = begin_create();
    PendingCall first = as(kAliceBus).send(path, names::kOperationInterface, "Next");
    StepUpConversation conversation = auth_.accept();
    (void)conversation.begin();
    conversation.send(FrameKind::PromptSecret, "Service password: ");
    Prompt prompt = support::read_prompt(as(kAliceBus).finish(std::move(first)));
    support::answer(std::move(prompt.sink), "wrong");
    EXPECT_EQ(conversation.answer(), "wrong");
    conversation.send(FrameKind::Refused, "WrongPassword");
    const Reply refused = operation(kAliceBus, path, "Next");
    EXPECT_EQ(refused.error, patd_error(Errc::WrongPassword));
    EXPECT_EQ(refused.text, errc_message(Errc::WrongPassword));
    for (const char* member : kMembers)
        EXPECT_EQ(call(kAliceBus, path, member).error, patd_error(Errc::OperationGone)) << member;
    EXPECT_EQ(count(), 0U);
}

TEST_F(OperationBusTest, EveryReasonOfARefusalHasItsName) {
    for (const Errc reason :
         {Errc::WrongPassword, Errc::Throttled, Errc::NoServicePassword, Errc::Unavailable,
          Errc::Busy, Errc::PasswordNotAccepted, Errc::AccessDenied}) {
        const std::string path = begin_create();
        PendingCall waiting = as(kAliceBus).send(path, names::kOperationInterface, "Next");
        auth_.accept().send(FrameKind::Refused, std::string(errc_name(reason)));
        EXPECT_EQ(as(kAliceBus).finish(std::move(waiting)).error, patd_error(reason));
    }
}

TEST_F(OperationBusTest, CallsOutOfOrderChangeNothing) {
    const std::string path = begin_create();
    EXPECT_EQ(call(kAliceBus, path, "Commit").error, patd_error(Errc::OutOfOrder));
    EXPECT_EQ(call(kAliceBus, path, "Acknowledge").error, patd_error(Errc::OutOfOrder));
    PendingCall waiting = as(kAliceBus).send(path, names::kOperationInterface, "Next");
    StepUpConversation conversation = auth_.accept();
    EXPECT_EQ(call(kAliceBus, path, "Next").error, patd_error(Errc::OutOfOrder));
    EXPECT_EQ(call(kAliceBus, path, "Commit").error, patd_error(Errc::OutOfOrder));
    conversation.send(FrameKind::Granted);
    EXPECT_EQ(support::read_prompt(as(kAliceBus).finish(std::move(waiting))).kind, "done");
    EXPECT_EQ(call(kAliceBus, path, "Acknowledge").error, patd_error(Errc::OutOfOrder));
    ASSERT_TRUE(call(kAliceBus, path, "Commit").ok());
    EXPECT_EQ(call(kAliceBus, path, "Commit").error, patd_error(Errc::OutOfOrder));
    EXPECT_EQ(call(kAliceBus, path, "Next").error, patd_error(Errc::OutOfOrder));
    EXPECT_EQ(count(), 0U);
}

// Rows A9, A19: neither another connection of the same user nor another user can use it, and they
// get the answer for an operation that never existed.
TEST_F(OperationBusTest, NobodyButItsConnectionSeesAnOperation) {
    const std::string path = begin_create();
    prove(kAliceBus, path);
    const std::string absent = std::string(names::kOperationPrefix) + "/" + std::string(32, '0');
    for (const char* who : {kAliceSecondBus, kBobBus, kRootBus}) {
        for (const char* member : kMembers) {
            const Reply here = call(who, path, member);
            const Reply nowhere = call(who, absent, member);
            EXPECT_EQ(here.error, patd_error(Errc::OperationGone)) << who << member;
            EXPECT_EQ(here.error, nowhere.error);
            EXPECT_EQ(here.text, nowhere.text);
        }
    }
    // The same connection, but the bus now names another user: this never happens, and never
    // succeeds.
    identity_.set(kAliceBus, kBob);
    for (const char* member : kMembers)
        EXPECT_EQ(call(kAliceBus, path, member).error, patd_error(Errc::OperationGone));
    identity_.set(kAliceBus, kAlice);
    EXPECT_TRUE(call(kAliceBus, path, "Commit").ok());
}

TEST_F(OperationBusTest, CancelIsTheEnd) {
    const std::string path = begin_create();
    prove(kAliceBus, path);
    EXPECT_TRUE(operation(kAliceBus, path, "Cancel").ok());
    for (const char* member : kMembers)
        EXPECT_EQ(call(kAliceBus, path, member).error, patd_error(Errc::OperationGone)) << member;
    EXPECT_EQ(count(), 0U);
    EXPECT_EQ(operations_.size(), 0U);
}

TEST_F(OperationBusTest, CancelAnswersANextThatWaits) {
    const std::string path = begin_create();
    PendingCall waiting = as(kAliceBus).send(path, names::kOperationInterface, "Next");
    StepUpConversation conversation = auth_.accept();
    EXPECT_TRUE(operation(kAliceBus, path, "Cancel").ok());
    EXPECT_EQ(as(kAliceBus).finish(std::move(waiting)).error, patd_error(Errc::Cancelled));
    EXPECT_TRUE(conversation.peer_is_gone());
}

// Row R1: while the disk works, nobody is told that nothing was changed.
TEST_F(OperationBusTest, CancelComesTooLateForAnAcknowledgeUnderWay) {
    const std::string path = begin_create();
    prove(kAliceBus, path);
    ClientSink sink(kAlice);
    ASSERT_TRUE(commit(kAliceBus, path, sink).ok());
    const std::string secret = sink.receive(*loop_);
    writer_.hold();
    PendingCall acknowledge = as(kAliceBus).send(path, names::kOperationInterface, "Acknowledge");
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return writer_.waiting() == 1; }));
    EXPECT_EQ(operation(kAliceBus, path, "Cancel").error, patd_error(Errc::OutOfOrder));
    writer_.release();
    EXPECT_TRUE(as(kAliceBus).finish(std::move(acknowledge)).ok());
    EXPECT_TRUE(is_valid(secret));
}

// Row D10.
TEST_F(OperationBusTest, DescriptorsThatAreNoSinksMakeNothing) {
    const std::string path = begin_create();
    prove(kAliceBus, path);
    const support::HostileDescriptors hostile;
    for (const support::NamedDescriptor& descriptor : hostile.all()) {
        const Reply refused =
            operation(kAliceBus, path, "Commit", support::with_descriptor(descriptor.fd.get()));
        EXPECT_EQ(refused.error, patd_error(Errc::BadSink)) << descriptor.name;
    }
    EXPECT_EQ(commit(kAliceBus, path, ClientSink(kBob)).error, patd_error(Errc::BadSink));
    EXPECT_EQ(commit(kAliceBus, path, ClientSink()).error, patd_error(Errc::BadSink));
    const ClientSink full(kAlice);
    full.fill();
    EXPECT_EQ(commit(kAliceBus, path, full).error, patd_error(Errc::BadSink));
    EXPECT_EQ(call(kAliceBus, path, "Acknowledge").error, patd_error(Errc::OperationGone));
    EXPECT_EQ(count(), 0U);
}

TEST_F(OperationBusTest, ACommitWithoutADescriptorIsRefusedByItsSignature) {
    const std::string path = begin_create();
    prove(kAliceBus, path);
    EXPECT_EQ(operation(kAliceBus, path, "Commit").error, "org.freedesktop.DBus.Error.InvalidArgs");
    EXPECT_TRUE(call(kAliceBus, path, "Commit").ok());
}

TEST_F(OperationBusTest, TwoPromptsOfOneUserAreNotOpenAtOnce) {
    const std::string first = begin_create();
    PendingCall waiting = as(kAliceBus).send(first, names::kOperationInterface, "Next");
    const StepUpConversation conversation = auth_.accept();
    const std::string second = manager(kAliceSecondBus, "RemoveAll").path();
    EXPECT_EQ(operation(kAliceSecondBus, second, "Next").error, patd_error(Errc::Busy));
    EXPECT_TRUE(operation(kAliceBus, first, "Cancel").ok());
    support::turn_while_ready(*loop_);
    prove(kAliceSecondBus, second);
}

TEST_F(OperationBusTest, FourOperationsAConnection) {
    for (int i = 0; i < 4; ++i)
        (void)begin_create();
    const Reply fifth = manager(kAliceBus, "RemoveAll");
    EXPECT_EQ(fifth.error, patd_error(Errc::LimitExceeded));
    EXPECT_TRUE(manager(kAliceSecondBus, "RemoveAll").ok());
    EXPECT_TRUE(manager(kBobBus, "RemoveAll").ok());
}

// Rows A1, A17, R1: the client leaves at each step, and nothing was made.
TEST_F(OperationBusTest, AClientThatLeavesAtAnyStepLeavesNothingBehind) {
    const std::string before = store_bytes();
    const auto leave = [&] {
        operations_.end_connection(kAliceBus);
        support::turn_while_ready(*loop_);
        EXPECT_EQ(operations_.size(), 0U);
        EXPECT_EQ(store_bytes(), before);
    };
    (void)begin_create();
    leave();
    {
        const std::string path = begin_create();
        const PendingCall next = as(kAliceBus).send(path, names::kOperationInterface, "Next");
        StepUpConversation conversation = auth_.accept();
        leave();
        EXPECT_TRUE(conversation.peer_is_gone());
    }
    {
        const std::string path = begin_create();
        PendingCall next = as(kAliceBus).send(path, names::kOperationInterface, "Next");
        StepUpConversation conversation = auth_.accept();
        conversation.send(FrameKind::PromptSecret, "Password: ");
        Prompt prompt = support::read_prompt(as(kAliceBus).finish(std::move(next)));
        support::answer(std::move(prompt.sink), "hunter2");
        conversation.send(FrameKind::Granted);
        leave();
    }
    prove(kAliceBus, begin_create());
    leave();
    const std::string path = begin_create();
    prove(kAliceBus, path);
    ClientSink sink(kAlice);
    ASSERT_TRUE(commit(kAliceBus, path, sink).ok());
    const std::string secret = sink.receive(*loop_);
    leave();
    EXPECT_FALSE(is_valid(secret));
    EXPECT_EQ(call(kAliceBus, path, "Acknowledge").error, patd_error(Errc::OperationGone));
}

// Row A17: the disk's answer comes after the client has left.
TEST_F(OperationBusTest, AClientMayLeaveWhileTheDiskWorks) {
    const Token token = issue(kAlice).token;
    const std::string path = this->token(kAliceBus, token.id.view(), "Delete").path();
    prove(kAliceBus, path);
    writer_.hold();
    const ClientSink sink(kAlice);
    PendingCall pending = as(kAliceBus).send(path, names::kOperationInterface, "Commit",
                                             support::with_descriptor(sink.passed()));
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return writer_.waiting() == 1; }));
    operations_.end_connection(kAliceBus);
    EXPECT_EQ(as(kAliceBus).finish(std::move(pending)).error, patd_error(Errc::OperationGone));
    writer_.release();
    support::turn_while_ready(*loop_);
    // What was committed before the end is carried out completely.
    EXPECT_FALSE(stored(token.id));
}

}  // namespace
}  // namespace patd
