// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/operation/step_up.h"

#include "tests/support/as_uid.h"
#include "tests/support/scripted_step_up.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <optional>

namespace patd {
namespace {

using step_up::FrameKind;
using support::StepUpConversation;

class StepUpTest : public ::testing::Test {
  protected:
    Result<void> start(const std::string& path) {
        StepUp::Handler handler;
        handler.on_prompt = [this](FrameKind kind, std::string text) {
            prompts_.emplace_back(kind, std::move(text));
        };
        handler.on_outcome = [this](const Result<void>& outcome) {
            ++verdicts_;
            verdict_ = outcome;
            if (destroy_in_verdict_)
                step_up_.reset();
        };
        handler.on_throttled = [this](std::chrono::milliseconds wait) { wait_ = wait; };
        handler.on_left = [this] { ++left_; };
        step_up_ = TRY(StepUp::start(*loop_, path, request_, std::move(handler)));
        return {};
    }
    StepUpConversation begin() {
        start(service_.path()).value();
        return service_.accept();
    }
    bool wait_for_prompts(std::size_t count) {
        return support::turn_until(*loop_, [&] { return prompts_.size() >= count; });
    }
    Errc verdict_error() {
        if (!support::turn_until(*loop_, [this] { return verdicts_ > 0; }))
            throw std::runtime_error("no outcome");
        support::turn_while_ready(*loop_);
        return verdict_->has_value() ? Errc::Internal : verdict_->error().code;
    }
    static PromptAnswer answer_of(const std::string& text) {
        return PromptAnswer(SecretBuffer::copy_of(text));
    }

    std::unique_ptr<bus::EventLoop> loop_ = bus::EventLoop::create().value();
    support::TemporaryDirectory directory_;
    support::ScriptedStepUp service_{*loop_, directory_.file("auth.sock")};
    std::unique_ptr<StepUp> step_up_;
    bool destroy_in_verdict_ = false;
    std::vector<std::pair<FrameKind, std::string>> prompts_;
    StepUp::Request request_{"authenticate", Uid(7), Uid(8), "bob", "test", "192.0.2.1"};
    std::chrono::milliseconds wait_{0};
    int left_ = 0;
    int verdicts_ = 0;
    std::optional<Result<void>> verdict_;
};

TEST_F(StepUpTest, BeginsWithWhoAsksForWhom) {
    StepUpConversation conversation = begin();
    const std::map<std::string, std::string> expected = {
        {"op", "authenticate"}, {"caller", "7"},     {"uid", "8"},
        {"user", "bob"},        {"service", "test"}, {"rhost", "192.0.2.1"}};
    EXPECT_EQ(conversation.begin(), expected);
}

TEST_F(StepUpTest, LeavesOutWhatItDoesNotKnow) {
    request_ = {"check", Uid(0), std::nullopt, "bob", "", ""};
    StepUpConversation conversation = begin();
    const std::map<std::string, std::string> expected = {
        {"op", "check"}, {"caller", "0"}, {"user", "bob"}};
    EXPECT_EQ(conversation.begin(), expected);
}

TEST_F(StepUpTest, TellsHowLongToWait) {
    StepUpConversation conversation = begin();
    conversation.send(FrameKind::Refused, "Throttled 59000");
    EXPECT_EQ(verdict_error(), Errc::Throttled);
    EXPECT_EQ(wait_, std::chrono::seconds(59));
}

TEST_F(StepUpTest, TellsThatItEndedBeforeItsOutcomeAndNeverAfterIt) {
    (void)begin();
    step_up_.reset();
    EXPECT_EQ(left_, 1);
    (void)begin();
    step_up_->stop();
    step_up_.reset();
    EXPECT_EQ(left_, 2);
    StepUpConversation conversation = begin();
    conversation.send(FrameKind::Granted);
    (void)verdict_error();
    step_up_.reset();
    EXPECT_EQ(left_, 2);
}

TEST_F(StepUpTest, CarriesPromptsAndAnswersAndTheOutcome) {
    StepUpConversation conversation = begin();
    (void)conversation.begin();
    conversation.send(FrameKind::PromptSecret, "Service password: ");
    ASSERT_TRUE(wait_for_prompts(1));
    ASSERT_TRUE(step_up_->answer(answer_of("hunter2")));
    EXPECT_EQ(conversation.answer(), "hunter2");
    conversation.send(FrameKind::PromptVisible, "Code: ");
    ASSERT_TRUE(wait_for_prompts(2));
    ASSERT_TRUE(step_up_->answer(answer_of("")));
    EXPECT_EQ(conversation.answer(), "");
    conversation.send(FrameKind::Info, "welcome");
    conversation.send(FrameKind::ErrorText, "soon expired");
    conversation.send(FrameKind::Granted);
    (void)verdict_error();
    EXPECT_TRUE(verdict_->has_value());
    const std::vector<std::pair<FrameKind, std::string>> expected = {
        {FrameKind::PromptSecret, "Service password: "},
        {FrameKind::PromptVisible, "Code: "},
        {FrameKind::Info, "welcome"},
        {FrameKind::ErrorText, "soon expired"}};
    EXPECT_EQ(prompts_, expected);
}

TEST_F(StepUpTest, ReadsFramesThatComeByteByByte) {
    StepUpConversation conversation = begin();
    for (const char byte : std::string("S\0\2hiG\0\0", 8)) {
        conversation.send_raw(std::string(1, byte));
        support::turn_while_ready(*loop_);
    }
    (void)verdict_error();
    ASSERT_EQ(prompts_.size(), 1U);
    EXPECT_EQ(prompts_[0].second, "hi");
    EXPECT_TRUE(verdict_->has_value());
}

TEST_F(StepUpTest, PassesEveryReasonOfARefusalOn) {
    for (const Errc reason :
         {Errc::WrongPassword, Errc::Throttled, Errc::NoServicePassword, Errc::Busy,
          Errc::PasswordNotAccepted, Errc::AccessDenied, Errc::Cancelled, Errc::Unavailable}) {
        verdicts_ = 0;
        StepUpConversation conversation = begin();
        conversation.send(FrameKind::Refused, std::string(errc_name(reason)));
        EXPECT_EQ(verdict_error(), reason);
    }
}

// Row P23.
TEST_F(StepUpTest, ARefusalForAReasonThatItDoesNotKnowIsStillARefusal) {
    for (const char* reason :
         {"", "Granted", "wrongpassword", "WrongPassword ", "Throttled ", "Throttled x",
          "Throttled -1", "Throttled 1 ", "Throttled 86400001", "WrongPassword 1", " 1"}) {
        verdicts_ = 0;
        StepUpConversation conversation = begin();
        conversation.send(FrameKind::Refused, reason);
        EXPECT_EQ(verdict_error(), Errc::Internal) << reason;
        EXPECT_FALSE(verdict_->has_value());
        EXPECT_EQ(wait_.count(), 0);
    }
}

// Anything but Granted is a refusal, whatever the peer does.
TEST_F(StepUpTest, APeerThatBreaksTheProtocolGrantsNothing) {
    const std::vector<std::string> garbage = {
        std::string("X\0\0", 3),      // no such kind
        std::string("\0\0\0", 3),     // no such kind
        "GET / HTTP/1.1\r\n\r\n",     // Granted with 17,748 bytes
        std::string("G\xff\xff", 3),  // too long
        std::string("S\4\1", 3),      // one byte over the limit
        std::string("B\0\0", 3),      // patd's own kinds
        std::string("A\0\0", 3),
        std::string("S\0\4hiG\0", 7) + "\1",  // the outcome inside a prompt's text, then garbage
    };
    for (const std::string& bytes : garbage) {
        verdicts_ = 0;
        StepUpConversation conversation = begin();
        conversation.send_raw(bytes);
        EXPECT_EQ(verdict_error(), Errc::Unavailable) << bytes;
        EXPECT_FALSE(verdict_->has_value());
    }
}

TEST_F(StepUpTest, APeerThatDiesGrantsNothing) {
    for (const std::string& sent :
         {std::string(), std::string("G"), std::string("G\0", 2), std::string("S\0\2h", 4)}) {
        verdicts_ = 0;
        StepUpConversation conversation = begin();
        conversation.send_raw(sent);
        conversation.close();
        EXPECT_EQ(verdict_error(), Errc::Unavailable);
        EXPECT_FALSE(verdict_->has_value());
    }
}

TEST_F(StepUpTest, WhatComesAfterTheOutcomeCountsNothing) {
    StepUpConversation conversation = begin();
    conversation.send_raw(std::string("R\0\0G\0\0S\0\0", 9));
    EXPECT_EQ(verdict_error(), Errc::Internal);
    EXPECT_EQ(verdicts_, 1);
    EXPECT_TRUE(prompts_.empty());
}

TEST_F(StepUpTest, EndsAConversationThatOnlyTalks) {
    StepUpConversation conversation = begin();
    for (std::size_t i = 0; i <= limits::kPromptsPerConversation; ++i)
        conversation.send(FrameKind::Info, "again");
    EXPECT_EQ(verdict_error(), Errc::Unavailable);
    EXPECT_EQ(prompts_.size(), limits::kPromptsPerConversation);
}

TEST_F(StepUpTest, MayBeDestroyedByItsOutcome) {
    destroy_in_verdict_ = true;
    StepUpConversation conversation = begin();
    conversation.send_raw(std::string("G\0\0G\0\0", 6));
    (void)verdict_error();
    EXPECT_EQ(verdicts_, 1);
    EXPECT_TRUE(conversation.peer_is_gone());
}

TEST_F(StepUpTest, DestroyingItEndsTheConversationSilently) {
    StepUpConversation conversation = begin();
    (void)conversation.begin();
    step_up_.reset();
    EXPECT_TRUE(conversation.peer_is_gone());
    EXPECT_EQ(verdicts_, 0);
}

TEST_F(StepUpTest, SendsNoAnswerOfOver512Bytes) {
    StepUpConversation conversation = begin();
    (void)conversation.begin();
    EXPECT_TRUE(step_up_->answer(answer_of(std::string(512, 'p'))));
    EXPECT_EQ(conversation.answer(), std::string(512, 'p'));
    EXPECT_EQ(step_up_->answer(answer_of(std::string(513, 'p'))).error().code,
              Errc::InvalidPassword);
}

TEST_F(StepUpTest, AnAnswerToADeadPeerIsUnavailable) {
    StepUpConversation conversation = begin();
    conversation.close();
    EXPECT_EQ(step_up_->answer(answer_of("x")).error().code, Errc::Unavailable);
}

TEST_F(StepUpTest, NobodyThereIsUnavailable) {
    EXPECT_EQ(start(directory_.file("absent")).error().code, Errc::Unavailable);
    EXPECT_EQ(start(directory_.file(std::string(200, 'x'))).error().code, Errc::Unavailable);
    service_.stop();
    EXPECT_EQ(start(service_.path()).error().code, Errc::Unavailable);
    EXPECT_EQ(verdicts_, 0);
}

// A process that listens there would see every password.
TEST_F(StepUpTest, TrustsNoListenerOfAnotherUser) {
    const std::string path = directory_.file("evil");
    std::filesystem::permissions(directory_.path(), std::filesystem::perms::all);
    std::optional<support::ScriptedStepUp> evil;
    {
        const support::AsUid other{Uid(2)};
        evil.emplace(*loop_, path);
    }
    EXPECT_EQ(start(path).error().code, Errc::InsecurePeer);
}

}  // namespace
}  // namespace patd
