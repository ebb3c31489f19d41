// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/conversation.h"

#include "tests/support/socket_pair.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace patd::auth {
namespace {

using step_up::FrameKind;
using step_up::FrameStream;

constexpr std::chrono::milliseconds kEnough{60'000};
constexpr std::chrono::milliseconds kShort{20};

class ConversationTest : public testing::Test {
  protected:
    void queue_answer(std::string_view text) {
        EXPECT_TRUE(FrameStream(sockets_.far.get(), kEnough).send(FrameKind::Answer, text));
    }
    // What libpam would get for one message.
    int converse(int style, const char* text, std::string* answer = nullptr) {
        const pam_message message{style, text};
        const pam_message* messages = &message;
        pam_response* responses = nullptr;
        const pam_conv conv = conversation_.as_pam_conv();
        const int code = conv.conv(1, &messages, &responses, conv.appdata_ptr);
        if (code == PAM_SUCCESS) {
            if (answer != nullptr && responses->resp != nullptr)
                *answer = responses->resp;
            std::free(responses->resp);
            std::free(responses);
        } else {
            EXPECT_EQ(responses, nullptr);
        }
        return code;
    }

    support::SocketPair sockets_;
    FrameStream stream_{sockets_.near.get(), kEnough};
    FrameStream client_{sockets_.far.get(), kEnough};
    Conversation conversation_{stream_};
};

TEST_F(ConversationTest, RelaysEachKindOfMessage) {
    queue_answer("hidden");
    queue_answer("seen");
    std::string answer;
    EXPECT_EQ(converse(PAM_PROMPT_ECHO_OFF, "Password: ", &answer), PAM_SUCCESS);
    EXPECT_EQ(answer, "hidden");
    EXPECT_EQ(converse(PAM_PROMPT_ECHO_ON, "Code: ", &answer), PAM_SUCCESS);
    EXPECT_EQ(answer, "seen");
    EXPECT_EQ(converse(PAM_TEXT_INFO, "Hello"), PAM_SUCCESS);
    EXPECT_EQ(converse(PAM_ERROR_MSG, "Oh"), PAM_SUCCESS);
    for (const FrameKind kind :
         {FrameKind::PromptSecret, FrameKind::PromptVisible, FrameKind::Info, FrameKind::ErrorText})
        EXPECT_EQ(client_.receive().value().kind, kind);
    EXPECT_TRUE(conversation_.has_answer());
    EXPECT_FALSE(conversation_.failure());
}

// Row P22.
TEST_F(ConversationTest, MakesWhatModulesPrintPresentable) {
    const std::string endless(2000, 'x');
    ASSERT_EQ(converse(PAM_TEXT_INFO, "two\nlines \x1b[31m\n"), PAM_SUCCESS);
    ASSERT_EQ(converse(PAM_TEXT_INFO, "gr\xc3\xbc\xc3\x9f\n"), PAM_SUCCESS);
    ASSERT_EQ(converse(PAM_TEXT_INFO, "latin \xe9"), PAM_SUCCESS);
    ASSERT_EQ(converse(PAM_TEXT_INFO, endless.c_str()), PAM_SUCCESS);
    EXPECT_EQ(client_.receive().value().text(), "two?lines ?[31m");
    EXPECT_EQ(client_.receive().value().text(), "gr\xc3\xbc\xc3\x9f");
    EXPECT_EQ(client_.receive().value().text(), "latin ?");
    EXPECT_EQ(client_.receive().value().payload.size(), limits::kPromptTextBytes);
}

TEST_F(ConversationTest, EndsWhenTheClientLeaves) {
    sockets_.far.reset();
    EXPECT_EQ(converse(PAM_PROMPT_ECHO_OFF, "Password: "), PAM_CONV_ERR);
    ASSERT_TRUE(conversation_.failure());
    EXPECT_EQ(conversation_.failure()->code, Errc::Cancelled);
    EXPECT_FALSE(conversation_.has_answer());
}

TEST_F(ConversationTest, EndsWhenTheClientIsIdle) {
    FrameStream impatient(sockets_.near.get(), kShort);
    Conversation conversation(impatient);
    EXPECT_EQ(conversation.ask("Password: ").error().code, Errc::Cancelled);
}

TEST_F(ConversationTest, DoesNotGoOnAfterItFailedOnce) {
    queue_answer(std::string(513, 'a'));
    queue_answer("a good one");
    EXPECT_EQ(converse(PAM_PROMPT_ECHO_OFF, "Password: "), PAM_CONV_ERR);
    EXPECT_EQ(conversation_.failure()->code, Errc::MalformedRequest);
    EXPECT_EQ(converse(PAM_PROMPT_ECHO_OFF, "Password: "), PAM_CONV_ERR);
    EXPECT_EQ(converse(PAM_TEXT_INFO, "Hello"), PAM_CONV_ERR);
}

TEST_F(ConversationTest, TakesNoAnswerThatCWouldCutOff) {
    queue_answer(std::string_view("right\0wrong", 11));
    EXPECT_EQ(converse(PAM_PROMPT_ECHO_OFF, "Password: "), PAM_CONV_ERR);
}

TEST_F(ConversationTest, TakesNothingButAnAnswerForOne) {
    ASSERT_TRUE(client_.send(FrameKind::Granted, ""));
    EXPECT_EQ(converse(PAM_PROMPT_ECHO_OFF, "Password: "), PAM_CONV_ERR);
    EXPECT_EQ(conversation_.failure()->code, Errc::MalformedRequest);
}

TEST_F(ConversationTest, EndsAfterTooManyPrompts) {
    for (std::size_t i = 0; i < limits::kPromptsPerConversation; ++i) {
        queue_answer("again");
        ASSERT_TRUE(conversation_.ask("Again: "));
        (void)client_.receive();
    }
    queue_answer("again");
    EXPECT_EQ(conversation_.ask("Again: ").error().code, Errc::Cancelled);
}

TEST_F(ConversationTest, FailsForMessagesThatTheProtocolLacks) {
    EXPECT_EQ(converse(PAM_RADIO_TYPE, "yes or no"), PAM_CONV_ERR);
    const pam_conv conv = conversation_.as_pam_conv();
    pam_response* responses = nullptr;
    EXPECT_EQ(conv.conv(0, nullptr, &responses, conv.appdata_ptr), PAM_CONV_ERR);
    EXPECT_EQ(conv.conv(PAM_MAX_NUM_MSG + 1, nullptr, &responses, conv.appdata_ptr), PAM_CONV_ERR);
}

}  // namespace
}  // namespace patd::auth
