// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/support.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

client::Script password_script() {
    return {.prompts = {
                {"secret", "Old password: "}, {"secret", "New password: "}, {"secret", "Again: "}}};
}

TEST(Passwd, AnswersEveryPromptFromTheDescriptorInOrder) {
    const Scratch passwords("old\nnew\nnew\n");
    Patctl patctl(password_script());
    const Ran ran = patctl.run({"passwd", "--password-fd", std::to_string(passwords.fd())});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(ran.out, "Your service password is set.\n");
    EXPECT_EQ(patctl.service.answers(), (Texts{"old", "new", "new"}));
    EXPECT_EQ(patctl.service.members().front(), "SetServicePassword");
}

TEST(Passwd, AsksOnTheTerminalWithoutEcho) {
    Person person({{"Old password: ", "one\n"}, {"New password: ", "two\n"}, {"Again: ", "two\n"}});
    Patctl patctl(password_script());
    patctl.person = &person;
    EXPECT_EQ(patctl.run({"passwd"}).code, ExitCode::Success);
    EXPECT_EQ(patctl.service.answers(), (Texts{"one", "two", "two"}));
    EXPECT_EQ(person.leave(), "Old password: \r\nNew password: \r\nAgain: \r\n");
}

TEST(Passwd, CancelsWhenTheDescriptorRunsDry) {
    const Scratch passwords("old\nnew\n");
    Patctl patctl(password_script());
    const Ran ran = patctl.run({"passwd", "--password-fd", std::to_string(passwords.fd())});
    EXPECT_EQ(ran.code, ExitCode::CannotAsk);
    EXPECT_EQ(patctl.service.members().back(), "Cancel");
}

TEST(Passwd, NamesWhatTheServiceRefuses) {
    const Scratch passwords("old\nnew\nold\n");
    client::Script script = password_script();
    script.errors = {{"Next", "org.patd.Tokens1.Error.PasswordNotAccepted"}};
    Patctl patctl(script);
    const Ran ran = patctl.run({"passwd", "--password-fd", std::to_string(passwords.fd())});
    EXPECT_EQ(ran.code, ExitCode::Refused);
    EXPECT_EQ(ran.err, "patctl: " + std::string(errc_message(Errc::PasswordNotAccepted)) + "\n");
}

TEST(Passwd, IsNotTheOwnServices) {
    Patctl patctl;
    patctl.own_reachable = true;
    const Ran ran = patctl.run({"--session", "passwd"});
    EXPECT_EQ(ran.code, ExitCode::Usage);
    EXPECT_TRUE(patctl.service.members().empty());
}

}  // namespace
}  // namespace patd::cli
