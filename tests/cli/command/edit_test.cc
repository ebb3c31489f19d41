// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/support.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

class EditTest : public testing::Test {
  protected:
    Ran run(Patctl& patctl, Texts arguments) {
        arguments.push_back("--password-fd");
        arguments.push_back(std::to_string(password_.fd()));
        return patctl.run(arguments);
    }

    Scratch password_{"swordfish\n"};
    Scratch secret_;
};

TEST_F(EditTest, SendsEveryChange) {
    Patctl patctl({.prompts = {{"secret", "Password: "}}, .tokens = {some_token()}});
    const Ran ran = run(patctl, {"edit", kSomeId, "-d", "desk", "-p", "vcs:repository:rw", "-t",
                                 "https://git.example", "-u", "bob", "-e", "never", "--confirm",
                                 "never", "--reinstate"});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(ran.out, "Token 'laptop' (AbCdE01234) is changed.\n");
    EXPECT_EQ(patctl.service.call_of("Update").options,
              dictionary({{"description", "desk"},
                          {"permissions", Texts{"vcs:repository:rw"}},
                          {"targets", Texts{"https://git.example"}},
                          {"username", "bob"},
                          {"expires", std::int64_t{0}},
                          {"confirm", "never"},
                          {"reinstate", true}}));
}

TEST_F(EditTest, SendsOnlyWhatWasNamed) {
    Patctl patctl;
    EXPECT_EQ(run(patctl, {"edit", kSomeId, "-d", "desk"}).code, ExitCode::Success);
    EXPECT_EQ(patctl.service.call_of("Update").options, dictionary({{"description", "desk"}}));
}

TEST_F(EditTest, TurnsTheGatewayOnAndOff) {
    for (const bool is_on : {true, false}) {
        Patctl patctl;
        EXPECT_EQ(run(patctl, {"edit", kSomeId, "--through-gateway", is_on ? "on" : "off"}).code,
                  ExitCode::Success);
        EXPECT_EQ(patctl.service.call_of("Update").options,
                  dictionary({{"through-gateway", is_on}}));
    }
    Patctl patctl;
    EXPECT_EQ(run(patctl, {"edit", kSomeId, "--through-gateway", "maybe"}).code, ExitCode::Usage);
}

TEST_F(EditTest, TakesEveryTargetAway) {
    Patctl patctl;
    EXPECT_EQ(run(patctl, {"edit", kSomeId, "--no-targets"}).code, ExitCode::Success);
    EXPECT_EQ(patctl.service.call_of("Update").options, dictionary({{"targets", Texts{}}}));
}

TEST_F(EditTest, TellsWhatATokenWithoutATargetOrAnExpiryIs) {
    client::Dictionary bare = some_token();
    bare.set("targets", Texts{});
    bare.set("expires", std::int64_t{0});
    Patctl none({.tokens = {bare}});
    const std::string no_target = run(none, {"edit", kSomeId, "--no-targets"}).err;
    EXPECT_NE(no_target.find("note: it has no target"), std::string::npos) << no_target;
    EXPECT_EQ(no_target.find("never expires"), std::string::npos) << no_target;
    Patctl never({.tokens = {bare}});
    const std::string no_expiry = run(never, {"edit", kSomeId, "-e", "never"}).err;
    EXPECT_NE(no_expiry.find("note: it never expires"), std::string::npos) << no_expiry;
    EXPECT_EQ(no_expiry.find("no target"), std::string::npos) << no_expiry;
    Patctl other({.tokens = {bare}});
    EXPECT_EQ(run(other, {"edit", kSomeId, "-d", "desk"}).err, "");
}

TEST_F(EditTest, NeedsSomethingToChange) {
    Patctl patctl;
    EXPECT_EQ(run(patctl, {"edit", kSomeId}).code, ExitCode::Usage);
    EXPECT_TRUE(patctl.service.calls().empty());
}

TEST_F(EditTest, GivesTheErrorsOfTheService) {
    Patctl patctl({.errors = {{"Update", "org.patd.Tokens1.Error.NotFound"}}});
    EXPECT_EQ(run(patctl, {"edit", kSomeId, "--reinstate"}).code, ExitCode::NotFound);
}

TEST_F(EditTest, RegeneratesAnIssuedTokenAndShowsTheNewSecret) {
    Patctl patctl({.prompts = {{"secret", "Password: "}},
                   .secret = "the-new-secret",
                   .result = dictionary({{"id", kSomeId}, {"acknowledge", true}}),
                   .tokens = {some_token()}});
    const Ran ran = run(
        patctl, {"regenerate", kSomeId, "-e", "1d", "--output-fd", std::to_string(secret_.fd())});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(secret_.content(), "the-new-secret\n");
    EXPECT_EQ(patctl.service.members(),
              (Texts{"Show", "Regenerate", "Next", "Next", "Commit", "Acknowledge"}));
    EXPECT_EQ(patctl.service.calls()[1].options, dictionary({{"expires", kNow + 24 * 3600}}));
}

TEST_F(EditTest, RegeneratesNothingWhenTheSecretWouldGoIntoAPipe) {
    Patctl patctl({.tokens = {some_token()}});
    EXPECT_EQ(run(patctl, {"regenerate", kSomeId}).code, ExitCode::CannotAsk);
    EXPECT_EQ(patctl.service.members(), Texts{"Show"});
}

TEST_F(EditTest, RegeneratesAnImportedTokenWithTheSecretThatIsGiven) {
    client::Dictionary token = some_token();
    token.set("kind", "imported");
    const Scratch given("ghp_next\n");
    Patctl patctl({.prompts = {{"token-secret", "Secret: "}, {"secret", "Password: "}},
                   .result = dictionary({{"id", kSomeId}}),
                   .tokens = {token}});
    const Ran ran = run(patctl, {"regenerate", kSomeId, "--secret-fd", std::to_string(given.fd())});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(patctl.service.answers(), (Texts{"ghp_next", "swordfish"}));
}

TEST_F(EditTest, RegeneratesNoImportedTokenWhenNobodyCanGiveTheSecret) {
    client::Dictionary token = some_token();
    token.set("kind", "imported");
    Patctl patctl({.tokens = {token}});
    EXPECT_EQ(run(patctl, {"regenerate", kSomeId}).code, ExitCode::CannotAsk);
    EXPECT_EQ(patctl.service.members(), Texts{"Show"});
}

}  // namespace
}  // namespace patd::cli
