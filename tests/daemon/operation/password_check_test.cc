// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/operation/password_check.h"

#include "common/base/limits.h"
#include "tests/support/scripted_step_up.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace patd {
namespace {

using step_up::FrameKind;

class PasswordCheckTest : public ::testing::Test {
  protected:
    void check() {
        verdict_.reset();
        check_.check({Uid(0), Uid(1000), "alice", "sshd"},
                     PromptAnswer(SecretBuffer::copy_of(std::string("a password"))),
                     [this](const Result<void>& verdict) { verdict_ = verdict; });
    }
    Errc wait_for_refusal() {
        EXPECT_TRUE(support::turn_until(*loop_, [&] { return verdict_.has_value(); }));
        return verdict_->has_value() ? Errc::Internal : verdict_->error().code;
    }

    support::TemporaryDirectory directory_;
    std::unique_ptr<bus::EventLoop> loop_ = bus::EventLoop::create().value();
    support::ScriptedStepUp service_{*loop_, directory_.file("auth.sock")};
    StepUpSockets sockets_{service_.path(), ""};
    PasswordCheck check_{*loop_, sockets_};
    std::optional<Result<void>> verdict_;
};

TEST_F(PasswordCheckTest, AnswersTheOnePromptAndTellsTheVerdict) {
    check();
    support::StepUpConversation conversation = service_.accept();
    EXPECT_EQ(conversation.begin()["op"], "authenticate");
    conversation.send(FrameKind::Info, "Welcome");
    conversation.send(FrameKind::PromptSecret, "Service password for alice: ");
    EXPECT_EQ(conversation.answer(), "a password");
    conversation.send(FrameKind::Granted);
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return verdict_.has_value(); }));
    EXPECT_TRUE(verdict_->has_value());
}

TEST_F(PasswordCheckTest, GivesThePasswordToASecondPromptNever) {
    check();
    support::StepUpConversation conversation = service_.accept();
    (void)conversation.begin();
    conversation.send(FrameKind::PromptSecret, "Service password for alice: ");
    EXPECT_EQ(conversation.answer(), "a password");
    conversation.send(FrameKind::PromptSecret, "Again: ");
    EXPECT_EQ(wait_for_refusal(), Errc::Unavailable);
    EXPECT_TRUE(conversation.peer_is_gone());
}

TEST_F(PasswordCheckTest, GivesThePasswordToAPromptWithEchoNever) {
    check();
    support::StepUpConversation conversation = service_.accept();
    (void)conversation.begin();
    conversation.send(FrameKind::PromptVisible, "Login: ");
    EXPECT_EQ(wait_for_refusal(), Errc::Unavailable);
}

TEST_F(PasswordCheckTest, TellsTheReasonOfARefusal) {
    check();
    support::StepUpConversation conversation = service_.accept();
    (void)conversation.begin();
    conversation.send(FrameKind::Refused, "Throttled");
    EXPECT_EQ(wait_for_refusal(), Errc::Throttled);
}

TEST_F(PasswordCheckTest, FailsWhenTheServiceLeavesOrIsNotThere) {
    check();
    {
        support::StepUpConversation conversation = service_.accept();
        (void)conversation.begin();
    }
    EXPECT_EQ(wait_for_refusal(), Errc::Unavailable);
    service_.stop();
    check();
    EXPECT_EQ(wait_for_refusal(), Errc::Unavailable);
}

// Row P18.
TEST_F(PasswordCheckTest, HasALimitOfWhatIsUnderWay) {
    std::vector<support::StepUpConversation> conversations;
    for (std::size_t i = 0; i < limits::kPasswordChecks; ++i) {
        check();
        conversations.push_back(service_.accept());
    }
    ASSERT_FALSE(verdict_.has_value());
    check();
    EXPECT_EQ(wait_for_refusal(), Errc::LimitExceeded);
}

}  // namespace
}  // namespace patd
