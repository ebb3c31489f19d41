// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/support.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

client::Script verify_script(client::Dictionary answer) {
    return {.prompts = {{"token-secret", "Token: "}}, .result = std::move(answer)};
}

client::Dictionary valid_answer() {
    return dictionary({{"valid", true},
                       {"id", kSomeId},
                       {"kind", "issued"},
                       {"uid", std::uint32_t{1000}},
                       {"user", "alice"},
                       {"permissions", Texts{"vcs:repository:ro"}},
                       {"expires", std::int64_t{0}}});
}

TEST(Verify, ReadsTheSecretFromStandardInput) {
    const Scratch input("the-secret\nmore");
    Patctl patctl(verify_script(valid_answer()));
    patctl.input = input.fd();
    const Ran ran = patctl.run({"verify", "-p", "vcs:repository:ro", "--audience",
                                "https://git.example:443", "--user", "alice"});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(patctl.service.answers(), Texts{"the-secret"});
    EXPECT_EQ(patctl.service.calls().front().options,
              dictionary({{"permission", "vcs:repository:ro"},
                          {"audience", "https://git.example"},
                          {"user", "alice"}}));
    EXPECT_EQ(ran.out,
              "Valid        yes\n"
              "ID           AbCdE01234\n"
              "Kind         issued\n"
              "User         alice (1000)\n"
              "Permissions  vcs:repository:ro\n"
              "Expires      never\n");
}

TEST(Verify, AsksOnTheTerminalWhenStandardInputIsOne) {
    Person person({{"Token: ", "the-secret\n"}});
    Patctl patctl(verify_script(valid_answer()));
    patctl.person = &person;
    patctl.input = person.terminal();
    EXPECT_EQ(patctl.run({"verify"}).code, ExitCode::Success);
    EXPECT_EQ(patctl.service.answers(), Texts{"the-secret"});
    EXPECT_EQ(person.leave(), "Token: \r\n");
}

TEST(Verify, TellsWhyATokenIsNotValid) {
    const Scratch input("the-secret");
    Patctl patctl(verify_script(dictionary({{"valid", false}, {"reason", "expired"}})));
    patctl.input = input.fd();
    const Ran ran = patctl.run({"verify"});
    EXPECT_EQ(ran.code, ExitCode::Refused);
    EXPECT_EQ(ran.out, "Not valid: expired.\n");
}

TEST(Verify, TakesAnAnswerWithoutAVerdictForNo) {
    const Scratch input("the-secret");
    Patctl patctl(verify_script({}));
    patctl.input = input.fd();
    EXPECT_EQ(patctl.run({"verify"}).code, ExitCode::Refused);
}

TEST(Verify, GivesJson) {
    const Scratch input("the-secret");
    Patctl patctl(verify_script(dictionary({{"valid", false}, {"reason", "dead"}})));
    const Ran ran = patctl.run({"verify", "--json", "--secret-fd", std::to_string(input.fd())});
    EXPECT_EQ(ran.out, "{\"reason\":\"dead\",\"valid\":false}\n");
}

TEST(Verify, RefusesBadConditionsBeforeItReads) {
    const Scratch input("the-secret\n");
    for (const Texts& arguments : {Texts{"verify", "--permission", "no:no:no"},
                                   {"verify", "--audience", "https://a/path"},
                                   {"verify", "--user", ""}}) {
        Patctl patctl;
        patctl.input = input.fd();
        EXPECT_EQ(patctl.run(arguments).code, ExitCode::Usage);
        EXPECT_TRUE(patctl.service.calls().empty());
    }
    EXPECT_EQ(lseek(input.fd(), 0, SEEK_CUR), 0);
}

TEST(Verify, NamesTheBadCondition) {
    EXPECT_TRUE(Patctl().run({"verify", "-p", "x y"}).err.starts_with("patctl: x y: write a perm"));
    EXPECT_EQ(Patctl().run({"verify", "--audience", "git.example"}).err,
              "patctl: git.example: begin with https://; did you mean https://git.example?\n");
    EXPECT_EQ(Patctl().run({"verify", "--audience", "https://a/path"}).err,
              "patctl: https://a/path: give the service alone: https://a\n");
}

}  // namespace
}  // namespace patd::cli
