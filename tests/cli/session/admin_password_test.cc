// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/session/admin_password.h"

#include "tests/cli/fake_enroll.h"
#include "tests/cli/support.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

using step_up::FrameKind;
using step_up::FrameStream;

class AdminPasswordTest : public testing::Test {
  protected:
    Result<void> set_password(const FakeEnroll& enroll) {
        session_.password_fd = passwords_.fd();
        Answers answers(session_);
        return set_password_of(enroll.path(), {"alice", Uid(1000)}, answers);
    }

    Scratch passwords_{"new\nnew\n"};
    Scratch err_;
    FixedClock clock_;
    Environment environment_{.connect = {},
                             .open_terminal = [] { return UniqueFd(); },
                             .clock = clock_,
                             .enroll_socket = {},
                             .input = -1,
                             .output = -1,
                             .errors = err_.fd()};
    Session session_{environment_};
};

TEST_F(AdminPasswordTest, NamesTheUserAndAnswersEveryPrompt) {
    std::string begin;
    std::vector<std::string> answers;
    FakeEnroll enroll([&](FrameStream& stream) {
        begin = stream.receive().value().text();
        EXPECT_TRUE(stream.send(FrameKind::Info, "Rules apply"));
        for (const char* prompt : {"New: ", "Again: "}) {
            EXPECT_TRUE(stream.send(FrameKind::PromptSecret, prompt));
            answers.emplace_back(stream.receive().value().text());
        }
        EXPECT_TRUE(stream.send(FrameKind::Granted, ""));
    });
    EXPECT_TRUE(set_password(enroll));
    enroll.finish();
    EXPECT_EQ(begin, "op=admin\ncaller=" + std::to_string(getuid()) + "\nuid=1000\nuser=alice\n");
    EXPECT_EQ(answers, (std::vector<std::string>{"new", "new"}));
    EXPECT_EQ(err_.content(), "patctl: Rules apply\n");
}

TEST_F(AdminPasswordTest, GivesTheReasonOfARefusal) {
    const FakeEnroll enroll([](FrameStream& stream) {
        EXPECT_TRUE(stream.receive());
        EXPECT_TRUE(stream.send(FrameKind::Refused, "PasswordNotAccepted"));
    });
    EXPECT_EQ(set_password(enroll).error().code, Errc::PasswordNotAccepted);
}

TEST_F(AdminPasswordTest, TakesAnUnknownReasonForAFailure) {
    const FakeEnroll enroll([](FrameStream& stream) {
        EXPECT_TRUE(stream.receive());
        EXPECT_TRUE(stream.send(FrameKind::Refused, "Whatever"));
    });
    EXPECT_EQ(set_password(enroll).error().code, Errc::Internal);
}

TEST_F(AdminPasswordTest, DoesNotTakeTheEndOfTheConversationForSuccess) {
    const FakeEnroll enroll([](FrameStream& stream) { EXPECT_TRUE(stream.receive()); });
    const Error error = set_password(enroll).error();
    EXPECT_EQ(error.code, Errc::Unavailable);
    EXPECT_EQ(error.context, "the other side ended the conversation");
}

TEST_F(AdminPasswordTest, CancelsWhenThereIsNoAnswer) {
    const FakeEnroll enroll([](FrameStream& stream) {
        EXPECT_TRUE(stream.receive());
        EXPECT_TRUE(stream.send(FrameKind::PromptVisible, "Code: "));
        EXPECT_FALSE(stream.receive());
    });
    EXPECT_EQ(set_password(enroll).error().code, Errc::Cancelled);
}

TEST(FindAccount, TakesNamesAndNumbers) {
    EXPECT_EQ(find_account("root").value().uid, Uid(0));
    EXPECT_EQ(find_account("4000000000").value().uid, Uid(4000000000));
    EXPECT_EQ(find_account("no such user").error().code, Errc::InvalidUsername);
    EXPECT_EQ(find_account("").error().code, Errc::InvalidUsername);
    EXPECT_EQ(find_account("-1").error().code, Errc::InvalidUsername);
}

}  // namespace
}  // namespace patd::cli
