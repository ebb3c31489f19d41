// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/session/answers.h"

#include "tests/cli/support.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

using client::PromptKind;

class AnswersTest : public testing::Test {
  protected:
    // "!" and the name of the error when there is no answer.
    static std::string answer(Answers& answers, PromptKind kind, const std::string& text = "P: ") {
        const Result<SecretBuffer> answer = answers.answer({kind, text, UniqueFd()});
        if (!answer)
            return "!" + std::string(errc_name(answer.error().code));
        const std::span<const char> bytes = answer->reveal();
        return {bytes.begin(), bytes.end()};
    }

    Scratch err_;
    FixedClock clock_;
    Person* person_ = nullptr;
    Environment environment_{
        .connect = {},
        .open_terminal =
            [this] { return person_ == nullptr ? UniqueFd() : person_->open_terminal(); },
        .clock = clock_,
        .enroll_socket = {},
        .input = -1,
        .output = -1,
        .errors = err_.fd()};
    Session session_{environment_};
};

TEST_F(AnswersTest, AnswersEachSecretPromptWithOneLineOfTheDescriptor) {
    const Scratch passwords("old\nnew\nnew\n");
    session_.password_fd = passwords.fd();
    Answers answers(session_);
    EXPECT_EQ(answer(answers, PromptKind::Secret), "old");
    EXPECT_EQ(answer(answers, PromptKind::Secret), "new");
    EXPECT_EQ(answer(answers, PromptKind::Secret), "new");
    EXPECT_EQ(answer(answers, PromptKind::Secret), "!Cancelled");
}

TEST_F(AnswersTest, TakesATokensSecretFromItsOwnDescriptorAlone) {
    const Scratch passwords("password\n");
    const Scratch secret("secret\n");
    session_.password_fd = passwords.fd();
    Answers without(session_);
    EXPECT_EQ(answer(without, PromptKind::TokenSecret), "!Cancelled");
    session_.secret_fd = secret.fd();
    Answers answers(session_);
    EXPECT_EQ(answer(answers, PromptKind::TokenSecret), "secret");
    EXPECT_EQ(answer(answers, PromptKind::Secret), "password");
}

TEST_F(AnswersTest, RefusesAPasswordOver512BytesWithoutAsking) {
    const Scratch passwords(std::string(513, 'x') + "\n" + std::string(512, 'y') + "\n");
    session_.password_fd = passwords.fd();
    Answers answers(session_);
    EXPECT_EQ(answer(answers, PromptKind::Secret), "!InvalidPassword");
    EXPECT_EQ(answer(answers, PromptKind::Secret), std::string(512, 'y'));
}

TEST_F(AnswersTest, NeverAnswersAVisiblePromptWithAPassword) {
    const Scratch passwords("password\n");
    session_.password_fd = passwords.fd();
    Answers answers(session_);
    EXPECT_EQ(answer(answers, PromptKind::Visible), "!Cancelled");
}

TEST_F(AnswersTest, AsksOnTheTerminalWithAndWithoutEcho) {
    Person person({{"code? ", "123\n"}, {"Password of alice: ", "swordfish\n"}});
    person_ = &person;
    {
        Answers answers(session_);
        EXPECT_EQ(answer(answers, PromptKind::Visible, "code?"), "123");
        EXPECT_EQ(answer(answers, PromptKind::Secret, "Password of alice: "), "swordfish");
    }
    EXPECT_EQ(person.leave(), "code? 123\r\nPassword of alice: \r\n");
}

TEST_F(AnswersTest, ShowsMessagesOnTheTerminalAndElseOnStandardError) {
    Answers(session_).show({PromptKind::Info, "Touch\x1b[2J", UniqueFd()});
    EXPECT_EQ(err_.content(), "patctl: Touch?[2J\n");
    Person person({});
    person_ = &person;
    {
        Answers answers(session_);
        answers.show({PromptKind::ErrorText, "No", UniqueFd()});
        answers.done();
    }
    EXPECT_EQ(person.leave(), "No\r\n");
    EXPECT_EQ(err_.content(), "patctl: Touch?[2J\n");
}

}  // namespace
}  // namespace patd::cli
