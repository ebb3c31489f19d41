// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/next_steps.h"

#include "tests/cli/git_home.h"
#include "tests/cli/support.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

class NextSteps : public GitHome {};

client::Dictionary status_of(bool has_password, std::uint32_t tokens) {
    return dictionary({{"user", "alice"},
                       {"service-password", has_password},
                       {"tokens", tokens},
                       {"locked", false}});
}

TEST_F(NextSteps, OfANewUserAreAPasswordATokenAndGit) {
    Patctl patctl({.status = status_of(false, 0)});
    const Ran ran = patctl.run({});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_TRUE(ran.out.starts_with(
        "alice: no service password, 0 tokens, git does not ask patd.\nNext:\n  patctl passwd"))
        << ran.out;
    std::size_t last = 0;
    for (const char* command : {"patctl passwd", "patctl create",
                                "patctl import NAME -t URL -u USER", "patctl setup git"}) {
        const std::size_t found = ran.out.find(command);
        ASSERT_NE(found, std::string::npos) << command;
        EXPECT_GT(found, last);
        last = found;
    }
}

TEST_F(NextSteps, OfSomebodyWhoHasAllAreNone) {
    ASSERT_EQ(Patctl().run({"setup", "git"}).code, ExitCode::Success);
    Patctl patctl({.status = status_of(true, 3)});
    const Ran ran = patctl.run({});
    EXPECT_TRUE(ran.out.starts_with("alice: a service password, 3 tokens, git asks patd.\n'patctl"))
        << ran.out;
    EXPECT_EQ(ran.out.find("Next:"), std::string::npos);
}

TEST_F(NextSteps, AreShownWithoutAPagerToo) {
    EXPECT_TRUE(
        Patctl({.status = status_of(true, 3)}).run({"--no-pager"}).out.starts_with("alice"));
}

TEST_F(NextSteps, AreInJsonToo) {
    Patctl patctl({.status = status_of(false, 1)});
    const Ran ran = patctl.run({"--json"});
    EXPECT_NE(ran.out.find("\"git_asks_patd\":false"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("\"next\":[\"patctl passwd\",\"patctl setup git\"]"), std::string::npos)
        << ran.out;
}

TEST_F(NextSteps, SayNothingOfAPasswordWhereTheServiceDoesNot) {
    client::Dictionary status = status_of(true, 2);
    status.erase("service-password");
    Patctl patctl({.status = status});
    const Ran ran = patctl.run({});
    EXPECT_TRUE(ran.out.starts_with("alice: 2 tokens, git")) << ran.out;
    EXPECT_EQ(ran.out.find("passwd"), std::string::npos);
}

TEST_F(NextSteps, WithoutAServiceAreItsTrouble) {
    Patctl patctl;
    patctl.reachable = false;
    const Ran ran = patctl.run({});
    EXPECT_EQ(ran.code, ExitCode::Unreachable);
    EXPECT_NE(ran.err.find("patctl doctor"), std::string::npos) << ran.err;
}

// What nobody can use is not asked for: the secret would be typed for nothing.
TEST_F(NextSteps, AnImportAsksForNoSecretWithoutAServicePassword) {
    Person person({});
    Patctl patctl({.status = status_of(false, 0)});
    patctl.person = &person;
    const Ran ran = patctl.run({"import", "forge", "-t", "https://git.example", "-u", "alice"});
    EXPECT_EQ(ran.code, ExitCode::Refused);
    EXPECT_EQ(ran.err, "patctl: " + std::string(errc_message(Errc::NoServicePassword)) + "\n");
    EXPECT_EQ(person.leave(), "");
    EXPECT_EQ(patctl.service.members(), std::vector<std::string>{"Status"});
}

}  // namespace
}  // namespace patd::cli
