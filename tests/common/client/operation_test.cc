// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/client/operation.h"

#include "tests/common/client/fake_service.h"

#include <gtest/gtest.h>

namespace patd::client {
namespace {

constexpr char kPath[] = "/org/patd/Tokens1/operation/one";

Dictionary with_acknowledge() {
    Dictionary result;
    result.set("id", "0123456789");
    result.set("acknowledge", true);
    return result;
}

TEST(Operation, GoesFromPromptToSecretToAcknowledge) {
    FakeService service(Script{.prompts = {{"info", "Hello"}, {"secret", "Password: "}},
                               .secret = "new-secret",
                               .result = with_acknowledge()});
    Operation operation(service.connect(), kPath);
    EXPECT_EQ(operation.next().value().kind, PromptKind::Info);
    Prompt prompt = operation.next().value();
    EXPECT_EQ(prompt.kind, PromptKind::Secret);
    EXPECT_EQ(prompt.text, "Password: ");
    ASSERT_TRUE(write_into(std::move(prompt.sink), std::string("swordfish")));
    EXPECT_EQ(operation.next().value().kind, PromptKind::Done);
    SecretSink sink = SecretSink::create().value();
    EXPECT_TRUE(operation.commit(sink).value().flag("acknowledge"));
    EXPECT_EQ(sink.receive().value().size(), 10U);
    EXPECT_TRUE(operation.acknowledge());
    EXPECT_EQ(service.answers(), (std::vector<std::string>{"", "swordfish"}));
    EXPECT_EQ(service.members(),
              (std::vector<std::string>{"Next", "Next", "Next", "Commit", "Acknowledge"}));
}

TEST(Operation, KnowsEveryKindOfPrompt) {
    FakeService service(Script{.prompts = {{"visible", ""}, {"error", ""}, {"token-secret", ""}}});
    Operation operation(service.connect(), kPath);
    EXPECT_EQ(operation.next().value().kind, PromptKind::Visible);
    EXPECT_EQ(operation.next().value().kind, PromptKind::ErrorText);
    EXPECT_EQ(operation.next().value().kind, PromptKind::TokenSecret);
    EXPECT_EQ(operation.next().value().kind, PromptKind::Done);
}

TEST(Operation, DoesNotAnswerAKindThatItDoesNotKnow) {
    FakeService service(Script{.prompts = {{"retina", "Look here"}}});
    Operation operation(service.connect(), kPath);
    EXPECT_EQ(operation.next().error().code, Errc::Internal);
}

TEST(Operation, PassesOnTheErrorsOfEveryCall) {
    FakeService service(Script{.errors = {{"Next", "org.patd.Tokens1.Error.WrongPassword"},
                                          {"Commit", "org.patd.Tokens1.Error.OperationGone"},
                                          {"Acknowledge", "org.patd.Tokens1.Error.OutOfOrder"},
                                          {"Cancel", "org.patd.Tokens1.Error.OperationGone"}}});
    Operation operation(service.connect(), kPath);
    EXPECT_EQ(operation.next().error().code, Errc::WrongPassword);
    const SecretSink sink = SecretSink::create().value();
    EXPECT_EQ(operation.commit(sink).error().code, Errc::OperationGone);
    EXPECT_EQ(operation.acknowledge().error().code, Errc::OutOfOrder);
    EXPECT_EQ(operation.cancel().error().code, Errc::OperationGone);
}

}  // namespace
}  // namespace patd::client
