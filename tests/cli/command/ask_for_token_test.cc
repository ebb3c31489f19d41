// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/ask_for_token.h"

#include "tests/cli/support.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

client::Script catalogue_script() {
    const auto object = [](const char* name, const char* description) {
        return dictionary({{"area", "vcs"},
                           {"object", name},
                           {"access", Texts{"ro", "rw"}},
                           {"description", description}});
    };
    return {.prompts = {{"secret", "Service password for alice: "}},
            .secret = "the-new-secret",
            .result = dictionary({{"id", kSomeId}, {"acknowledge", true}}),
            .permissions = {object("repository", "Read and push code"), object("issue", "Tickets")},
            .status = dictionary({{"service-password", true},
                                  {"token-lifetime-max", std::int64_t{365} * 24 * 3600}})};
}

TEST(AskForToken, AsksForAllThatIsNeededAndShowsTheCommandLine) {
    Person person({{"What is the token for? ", "\n"},
                   {"it is empty\r\nWhat is the token for? ", "my laptop\n"},
                   {"Permission: ", "\n"},
                   {"at least one permission.\r\nPermission: ", "PUSH\n"},
                   {"3) vcs:repository:rw  Read and push code\r\nPermission: ", "3\n"},
                   {"Chosen: vcs:repository:rw\r\nPermission: ", "vcs:isue:ro\n"},
                   {"did you mean vcs:issue:ro?\r\nPermission: ", "vcs:issue:ro\n"},
                   {"Chosen: vcs:repository:rw, vcs:issue:ro\r\nPermission: ", "\n"},
                   {"Where is it used?", "git.example\n"},
                   {"did you mean https://git.example?", "https://git.example/team\n"},
                   {"[90d]: ", "2y\n"},
                   {"2y: at most 1y\r\n", "30d\n"},
                   {"Service password for alice: ", "swordfish\n"}});
    Patctl patctl(catalogue_script());
    patctl.person = &person;
    patctl.output_is_terminal = true;
    const Ran ran = patctl.run({"create"});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    const std::string screen = person.leave();
    EXPECT_NE(screen.find("  patctl create 'my laptop' -p vcs:repository:rw,vcs:issue:ro -t "
                          "'https://git.example/team' -e '30d'\r\n"),
              std::string::npos)
        << screen;
    const client::Call call = patctl.service.call_of("Create");
    EXPECT_EQ(call.member, "Create");
    EXPECT_EQ(call.texts, (Texts{"my laptop", "vcs:repository:rw", "vcs:issue:ro"}));
    EXPECT_EQ(call.options.texts("targets"), Texts{"https://git.example/team"});
    EXPECT_EQ(call.options.time("expires"), kNow + 30LL * 24 * 3600);
}

TEST(AskForToken, TakesEnterForNoPlaceAndTheUsualExpiry) {
    Person person({{"What is the token for? ", "ci\n"},
                   {"Permission: ", "vcs\n"},
                   {"Permission: ", "1\n"},
                   {"Permission: ", "\n"},
                   {"Where is it used?", "\n"},
                   {"[90d]: ", "\n"},
                   {"Service password for alice: ", "swordfish\n"}});
    Patctl patctl(catalogue_script());
    patctl.person = &person;
    patctl.output_is_terminal = true;
    EXPECT_EQ(patctl.run({"create"}).code, ExitCode::Success);
    EXPECT_NE(person.leave().find("patctl create 'ci' -p vcs:repository -e '90d'\r\n"),
              std::string::npos);
}

TEST(AskForToken, AsksOnlyForWhatTheCommandLineLeavesOut) {
    Person person({{"Permission: ", "vcs:issue:ro\n"},
                   {"Permission: ", "\n"},
                   {"[90d]: ", "\n"},
                   {"Service password for alice: ", "swordfish\n"}});
    Patctl patctl(catalogue_script());
    patctl.person = &person;
    patctl.output_is_terminal = true;
    const Ran ran = patctl.run({"create", "ci", "-t", "https://git.example", "--confirm"});
    EXPECT_EQ(ran.code, ExitCode::Success);
    const std::string screen = person.leave();
    EXPECT_EQ(screen.find("What is the token for?"), std::string::npos);
    EXPECT_EQ(screen.find("Where is it used?"), std::string::npos);
    EXPECT_NE(screen.find("patctl create 'ci' -p vcs:issue:ro -t 'https://git.example' -e '90d' "
                          "--confirm\r\n"),
              std::string::npos)
        << screen;
    EXPECT_EQ(patctl.service.call_of("Create").options.texts("targets"),
              Texts{"https://git.example"});
}

// Nothing is asked for that cannot succeed.
TEST(AskForToken, AsksNothingOfWhoHasNoServicePassword) {
    Person person({});
    client::Script script = catalogue_script();
    script.status = dictionary({{"service-password", false}});
    Patctl patctl(script);
    patctl.person = &person;
    patctl.output_is_terminal = true;
    const Ran ran = patctl.run({"create"});
    EXPECT_EQ(ran.code, ExitCode::Refused);
    EXPECT_EQ(ran.err, "patctl: " + std::string(errc_message(Errc::NoServicePassword)) + "\n");
    EXPECT_EQ(person.leave(), "");
}

TEST(AskForToken, EndsWithTheInput) {
    Person person({{"What is the token for? ", "\x04"}});
    Patctl patctl(catalogue_script());
    patctl.person = &person;
    patctl.output_is_terminal = true;
    EXPECT_EQ(patctl.run({"create"}).code, ExitCode::CannotAsk);
}

TEST(AskForToken, IsNotForScripts) {
    Patctl patctl(catalogue_script());
    const Ran ran = patctl.run({"create"});
    EXPECT_EQ(ran.code, ExitCode::Usage);
    EXPECT_EQ(ran.err, "patctl: DESCRIPTION is required; see 'patctl help create'\n");
    EXPECT_TRUE(patctl.service.calls().empty());
}

}  // namespace
}  // namespace patd::cli
