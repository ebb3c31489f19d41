// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/support.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

client::Dictionary some_owned_token(const std::string& user) {
    client::Dictionary token = some_token();
    token.set("user", user);
    return token;
}

client::Dictionary some_owner(std::uint32_t uid, const std::string& user) {
    return dictionary({{"uid", uid}, {"user", user}, {"tokens", std::uint32_t{1}}});
}

TEST(AdminTokens, ListsAUsersTokens) {
    Patctl patctl({.tokens = {some_owned_token("root")}});
    const Ran ran = patctl.run({"admin", "list", "--user", "root"});
    EXPECT_NE(ran.out.find("root  AbCdE01234  laptop"), std::string::npos) << ran.out << ran.err;
    EXPECT_EQ(patctl.service.calls().front().texts, Texts{"0"});
    EXPECT_EQ(Patctl().run({"admin", "list", "--user", "root"}).out, "root has no tokens.\n");
    EXPECT_EQ(Patctl().run({"admin", "list", "--user", "4000000000", "--json"}).out, "[]\n");
}

TEST(AdminTokens, ListsTheTokensOfEveryUserUidByUid) {
    Patctl patctl({.tokens = {some_owned_token("x")},
                   .owners = {some_owner(7, "lp"), some_owner(8, "mail"), some_owner(8, "post")}});
    const Ran ran = patctl.run({"admin", "list"});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(patctl.service.members(), (Texts{"ListOwners", "List", "List"}));
    EXPECT_EQ(patctl.service.calls()[1].texts, Texts{"7"});
    EXPECT_EQ(patctl.service.calls()[2].texts, Texts{"8"});
    EXPECT_EQ(Patctl().run({"admin", "list"}).out, "There are no tokens.\n");
}

TEST(AdminTokens, RevokesTokensOfAUserOnceSomebodySaidYes) {
    client::Dictionary other = some_owned_token("root");
    other.set("id", "ZyXwV98765");
    other.set("description", "old");
    Patctl patctl({.tokens = {some_owned_token("root"), other}});
    Person person({{"[y/N] ", "y\n"}});
    patctl.person = &person;
    const Ran ran = patctl.run({"admin", "revoke", "root", "laptop", "Zy"});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(ran.out,
              "Token 'laptop' (AbCdE01234) of root is deleted.\n"
              "Token 'old' (ZyXwV98765) of root is deleted.\n");
    EXPECT_EQ(patctl.service.members(), (Texts{"List", "Revoke", "Revoke"}));
    EXPECT_EQ(patctl.service.calls()[1].texts, (Texts{"0", kSomeId}));
    const std::string screen = person.leave();
    EXPECT_NE(screen.find("  'laptop' (AbCdE01234, https://git.example, used 2 hours ago)"),
              std::string::npos)
        << screen;
    EXPECT_NE(screen.find("Delete these 2 tokens of root? [y/N] "), std::string::npos) << screen;
}

TEST(AdminTokens, RevokesInAScriptThatSaysYes) {
    Patctl patctl({.tokens = {some_owned_token("root")}});
    EXPECT_EQ(patctl.run({"admin", "revoke", "root", kSomeId}).code, ExitCode::CannotAsk);
    EXPECT_EQ(patctl.service.members(), Texts{"List"});
    Patctl other({.tokens = {some_owned_token("root")}});
    EXPECT_EQ(other.run({"admin", "revoke", "root", kSomeId, "--yes", "--json"}).out,
              "{\"id\":\"AbCdE01234\"}\n");
    EXPECT_EQ(other.service.members(), (Texts{"List", "Revoke"}));
}

TEST(AdminTokens, GivesAQuarantinedTokenBack) {
    Patctl patctl({.tokens = {some_owned_token("root")}});
    const Ran ran = patctl.run({"admin", "reinstate", "root", "laptop"});
    EXPECT_EQ(ran.out, "Token 'laptop' (AbCdE01234) belongs to root.\n") << ran.err;
    EXPECT_EQ(patctl.service.calls().back().texts, (Texts{"0", kSomeId}));
    EXPECT_EQ(Patctl().run({"admin", "check-owners"}).out, "3 more tokens are quarantined.\n");
}

TEST(AdminTokens, RefusesAnUnknownUser) {
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"admin", "list", "--user", "no such user"},
          {"admin", "import", "x", "--owner", "no such user", "-t", "https://a", "-u", "b"}}) {
        const Ran ran = Patctl().run(arguments);
        EXPECT_EQ(ran.code, ExitCode::Usage);
        EXPECT_EQ(ran.err, "patctl: there is no account no such user\n");
    }
}

// The secret comes from a descriptor or a prompt; there is no option that takes it.
TEST(AdminTokens, ImportsForAnAccountWithoutAPassword) {
    const Scratch secret("ghp_of_the_backup\n");
    Patctl patctl({.prompts = {{"token-secret", "Secret from https://git.example: "}},
                   .result = dictionary({{"id", kSomeId}, {"acknowledge", false}})});
    const Ran ran =
        patctl.run({"admin", "import", "off-site", "--owner", "backup", "-t", "https://git.example",
                    "-u", "robot", "--secret-fd", std::to_string(secret.fd())});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(ran.out, "Token AbCdE01234 of backup is imported.\n");
    EXPECT_EQ(patctl.service.calls().front().texts, (Texts{"backup", "off-site"}));
    EXPECT_EQ(patctl.service.answers(), Texts{"ghp_of_the_backup"});
    EXPECT_EQ(Patctl()
                  .run({"admin", "import", "x", "--owner", "backup", "-t", "https://git.example",
                        "-u", "robot"})
                  .code,
              ExitCode::CannotAsk);
}

}  // namespace
}  // namespace patd::cli
