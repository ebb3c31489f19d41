// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/support.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

client::Script created() {
    return {.prompts = {{"secret", "Service password of alice: "}},
            .secret = "the-new-secret",
            .result = dictionary({{"id", kSomeId}, {"acknowledge", true}})};
}

// Row M8.
TEST(Create, AsksOnTheTerminalAndShowsTheSecretThereOnce) {
    Person person({{"Service password of alice: ", "swordfish\n"}});
    Patctl patctl(created());
    patctl.person = &person;
    patctl.output_is_terminal = true;
    const Ran ran = patctl.run({"create", "laptop", "-p", "vcs:repository:ro"});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    const std::string screen = person.leave();
    EXPECT_NE(screen.find("the-new-secret\r\nToken AbCdE01234 is valid now."), std::string::npos)
        << screen;
    EXPECT_EQ(screen.find("the-new-secret"), screen.rfind("the-new-secret"));
    EXPECT_EQ(screen.find("swordfish"), std::string::npos);
    EXPECT_EQ(patctl.service.answers(), Texts{"swordfish"});
    // What comes behind looks at what the token means.
    EXPECT_EQ(patctl.service.members(),
              (Texts{"Create", "Next", "Next", "Commit", "Acknowledge", "Show"}));
}

TEST(Create, SendsWhatWasAskedFor) {
    const Scratch password("swordfish\n");
    const Scratch secret;
    Patctl patctl(created());
    const Ran ran = patctl.run({"create", "laptop", "-p", "vcs:repository:rw,vcs:issue:ro", "-t",
                                "https://git.example", "-t", "https://git2.example/team", "-e",
                                "90d", "--confirm", "--password-fd", std::to_string(password.fd()),
                                "--output-fd", std::to_string(secret.fd())});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(secret.content(), "the-new-secret\n");
    EXPECT_EQ(ran.out.find("the-new-secret"), std::string::npos);
    const client::Call call = patctl.service.call_of("Create");
    EXPECT_EQ(call.texts, (Texts{"laptop", "vcs:repository:rw", "vcs:issue:ro"}));
    EXPECT_EQ(call.options,
              dictionary({{"targets", Texts{"https://git.example", "https://git2.example/team"}},
                          {"expires", kNow + 90 * 24 * 3600},
                          {"confirm", "always"}}));
}

TEST(Create, SendsNoOptionThatWasNotGiven) {
    const Scratch password("swordfish\n");
    const Scratch secret;
    Patctl patctl(created());
    const Ran ran =
        patctl.run({"create", "laptop", "-p", "vcs", "--json", "--password-fd",
                    std::to_string(password.fd()), "--output-fd", std::to_string(secret.fd())});
    EXPECT_EQ(ran.out, "{\"id\":\"AbCdE01234\"}\n");
    EXPECT_TRUE(patctl.service.call_of("Create").options.empty());
}

// Row M8.
TEST(Create, BeginsNothingWhenTheSecretWouldGoIntoAPipe) {
    const Scratch password("swordfish\n");
    Patctl patctl(created());
    const Ran ran = patctl.run(
        {"create", "laptop", "-p", "vcs", "--password-fd", std::to_string(password.fd())});
    EXPECT_EQ(ran.code, ExitCode::CannotAsk);
    EXPECT_NE(ran.err.find("--output-fd"), std::string::npos);
    EXPECT_TRUE(patctl.service.calls().empty());
}

TEST(Create, BeginsNothingWithoutATerminal) {
    Patctl patctl(created());
    const Ran ran = patctl.run({"create", "laptop", "-p", "vcs"});
    EXPECT_EQ(ran.code, ExitCode::CannotAsk);
    EXPECT_NE(ran.err.find("--password-fd"), std::string::npos);
    EXPECT_NE(ran.err.find("ssh -t"), std::string::npos);
    EXPECT_TRUE(patctl.service.calls().empty());
}

TEST(Create, RefusesBadValuesBeforeAnythingBegins) {
    Patctl patctl(created());
    for (const Texts& arguments : {Texts{"create", "", "-p", "vcs"},
                                   {"create", std::string(65, 'x'), "-p", "vcs"},
                                   {"create", "a\nb", "-p", "vcs"},
                                   {"create", "x", "-p", "VCS"},
                                   {"create", "x", "-p", "vcs", "-t", "https://a@b"},
                                   {"create", "x", "-p", "vcs", "-e", "2020-01-01"},
                                   {"create", "x", "-p", "vcs", "-e", "20y"}})
        EXPECT_EQ(patctl.run(arguments).code, ExitCode::Usage) << arguments.back();
    EXPECT_TRUE(patctl.service.calls().empty());
}

}  // namespace
}  // namespace patd::cli
