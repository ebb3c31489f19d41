// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/support.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

client::Dictionary other_token() {
    client::Dictionary token = some_token();
    token.set("id", "ZyXwV98765");
    token.set("description", "tool reader");
    token.set("kind", "imported");
    token.set("targets", Texts{"https://git.example/tool", "https://b.example"});
    token.set("last-used-at", std::int64_t{0});
    return token;
}

TEST(Delete, DeletesAfterThePassword) {
    const Scratch password("swordfish\n");
    Patctl patctl({.prompts = {{"secret", "Password: "}}, .tokens = {some_token()}});
    const Ran ran = patctl.run({"delete", kSomeId, "--password-fd", std::to_string(password.fd())});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(ran.out, "Token 'laptop' (AbCdE01234) is deleted.\n");
    EXPECT_EQ(patctl.service.members(), (Texts{"Show", "Delete", "Next", "Next", "Commit"}));
    EXPECT_EQ(patctl.service.answers(), Texts{"swordfish"});
}

TEST(Delete, BeginsNothingWithoutATerminal) {
    Patctl patctl;
    EXPECT_EQ(patctl.run({"delete", kSomeId}).code, ExitCode::CannotAsk);
    EXPECT_EQ(patctl.run({"remove-all"}).code, ExitCode::CannotAsk);
    EXPECT_TRUE(patctl.service.calls().empty());
}

// One is asked once for all of them, and told before it what will go.
TEST(Delete, AsksWhetherTheseAreToGoAndForOnePassword) {
    Patctl patctl({.prompts = {{"secret", "Password: "}}, .tokens = {some_token(), other_token()}});
    Person person({{"[y/N] ", "y\n"}, {"Password: ", "swordfish\n"}});
    patctl.person = &person;
    const Ran ran = patctl.run({"delete", "laptop", "Zy", kSomeId});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(ran.out,
              "Token 'laptop' (AbCdE01234) is deleted.\n"
              "Token 'tool reader' (ZyXwV98765) is deleted.\n");
    const std::string screen = person.leave();
    EXPECT_NE(screen.find("  'laptop' (AbCdE01234, https://git.example, used 2 hours ago)\r\n"
                          "  'tool reader' (ZyXwV98765, https://git.example/tool and 1 more, never "
                          "used)\r\n"
                          "Delete these 2 tokens? [y/N] "),
              std::string::npos)
        << screen;
}

TEST(Delete, GivesTheRememberedPasswordToEachOperation) {
    const Scratch password("swordfish\n");
    Patctl patctl({.prompts = {{"secret", "Password: "}, {"done", ""}, {"secret", "Password: "}},
                   .tokens = {some_token(), other_token()}});
    const Ran ran = patctl.run({"delete", kSomeId, "ZyXwV98765", "--json", "--password-fd",
                                std::to_string(password.fd())});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(ran.out, "[{\"id\":\"AbCdE01234\"},{\"id\":\"ZyXwV98765\"}]\n");
    EXPECT_EQ(patctl.service.answers(), (Texts{"swordfish", "", "swordfish"}));
}

TEST(Delete, NamesOneWithItsPlaceAndItsLastUse) {
    Patctl patctl({.tokens = {some_token()}});
    Person person({{"[y/N] ", "n\n"}});
    patctl.person = &person;
    EXPECT_EQ(patctl.run({"delete", "laptop"}).code, ExitCode::CannotAsk);
    EXPECT_NE(person.leave().find("Delete token 'laptop' (AbCdE01234, https://git.example, used 2 "
                                  "hours ago)? [y/N] "),
              std::string::npos);
    EXPECT_EQ(patctl.service.members(), (Texts{"List", "Status"}));
}

TEST(Delete, AsksNobodyWhoSaidYes) {
    Patctl patctl({.tokens = {some_token()}});
    Person person({});
    patctl.person = &person;
    EXPECT_EQ(patctl.run({"delete", "--yes", kSomeId}).code, ExitCode::Success);
    EXPECT_EQ(person.leave().find("[y/N]"), std::string::npos);
}

TEST(RemoveAll, SaysWhatIsLostBeforeItAsks) {
    Patctl patctl({.result = dictionary({{"removed", std::uint32_t{2}}}),
                   .tokens = {some_token(), other_token()}});
    Person person({{"[y/N] ", "y\n"}});
    patctl.person = &person;
    EXPECT_EQ(patctl.run({"remove-all"}).out, "2 tokens are deleted.\n");
    const std::string screen = person.leave();
    EXPECT_NE(screen.find("Delete all 2 tokens of "), std::string::npos) << screen;
    EXPECT_NE(screen.find("? 1 was imported: its secret is lost here. [y/N] "), std::string::npos);
}

TEST(RemoveAll, SpeaksOfOneTokenAsOfOne) {
    Patctl patctl({.tokens = {some_token()}});
    Person person({{"[y/N] ", "n\n"}});
    patctl.person = &person;
    EXPECT_EQ(patctl.run({"remove-all"}).code, ExitCode::CannotAsk);
    EXPECT_NE(person.leave().find("Delete the only token of "), std::string::npos);
}

TEST(Delete, SaysBeforeTheQuestionThatThereIsNoServicePassword) {
    for (const Texts& command : {Texts{"delete", kSomeId}, Texts{"remove-all"}}) {
        Patctl patctl(
            {.tokens = {some_token()}, .status = dictionary({{"service-password", false}})});
        Person person({});
        patctl.person = &person;
        const Ran ran = patctl.run(command);
        EXPECT_EQ(ran.err, "patctl: " + std::string(errc_message(Errc::NoServicePassword)) + "\n");
        EXPECT_EQ(person.leave().find("[y/N]"), std::string::npos);
    }
}

TEST(RemoveAll, SaysHowManyAreGone) {
    const Scratch password("one\ntwo\n");
    const std::string fd = std::to_string(password.fd());
    const auto removed = [&](std::uint32_t count) {
        Patctl patctl(
            {.prompts = {{"secret", "Password: "}}, .result = dictionary({{"removed", count}})});
        return patctl.run({"remove-all", "--password-fd", fd}).out;
    };
    EXPECT_EQ(removed(1), "1 token is deleted.\n");
    EXPECT_EQ(removed(12), "12 tokens are deleted.\n");
}

TEST(RemoveAll, StopsAtAWrongPassword) {
    const Scratch password("wrong\n");
    Patctl patctl({.prompts = {{"secret", "Password: "}},
                   .errors = {{"Next", "org.patd.Tokens1.Error.WrongPassword"}}});
    const Ran ran = patctl.run({"remove-all", "--password-fd", std::to_string(password.fd())});
    EXPECT_EQ(ran.code, ExitCode::Refused);
    EXPECT_EQ(patctl.service.members(), (Texts{"RemoveAll", "Next", "Next", "Cancel"}));
}

}  // namespace
}  // namespace patd::cli
