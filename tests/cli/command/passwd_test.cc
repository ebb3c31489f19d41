// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/token_text.h"
#include "tests/cli/support.h"

#include <gtest/gtest.h>
#include <unistd.h>

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

// One fault, one message.
TEST(Passwd, TellsTheServicesReasonInPlaceOfTheClass) {
    const Scratch passwords("old\nnew\n");
    Patctl patctl({.prompts = {{"secret", "Old password: "},
                               {"secret", "New password: "},
                               {"error", "The service password needs 8 to 511 bytes."}},
                   .errors = {{"Next", "org.patd.Tokens1.Error.PasswordNotAccepted"}}});
    const Ran ran = patctl.run({"passwd", "--password-fd", std::to_string(passwords.fd())});
    EXPECT_EQ(ran.code, ExitCode::Refused);
    EXPECT_EQ(ran.err, "patctl: The service password needs 8 to 511 bytes.\n");
}

TEST(Passwd, TellsWhoHasNoLoginPasswordWhatToDo) {
    Person person({});
    Patctl patctl({.errors = {{"Next", "org.patd.Tokens1.Error.NoLoginPassword"}}});
    patctl.person = &person;
    const Ran ran = patctl.run({"passwd"});
    EXPECT_EQ(ran.code, ExitCode::Refused);
    const std::string user = format_user(getuid());
    EXPECT_TRUE(ran.err.starts_with("patctl: " + user + " has no login password, so ")) << ran.err;
    EXPECT_TRUE(ran.err.ends_with("patctl admin passwd " + user + "\n")) << ran.err;
    EXPECT_EQ(person.leave(), "");
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
