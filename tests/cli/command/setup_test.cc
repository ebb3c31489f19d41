// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/git_home.h"
#include "tests/cli/support.h"

namespace patd::cli {
namespace {

class SetupTest : public GitHome {};

TEST_F(SetupTest, WritesTheUsersConfigurationWithoutTheService) {
    Patctl patctl;
    patctl.reachable = false;
    const Ran ran = patctl.run({"setup", "git"});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(ran.err, "");
    EXPECT_NE(read(".gitconfig").find("/git-credential-pat\n"), std::string::npos);
    EXPECT_TRUE(patctl.service.calls().empty());
}

TEST_F(SetupTest, LetsGitTellThePathWhereATokenIsBoundToOne) {
    client::Dictionary token = some_token();
    token.set("targets", std::vector<std::string>{"https://a.example/team", "https://b.example"});
    const Ran ran = Patctl({.tokens = {token}}).run({"setup", "git"});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_NE(ran.out.find("tells the path of URLs at https://a.example now"), std::string::npos)
        << ran.out;
    EXPECT_NE(read(".gitconfig").find("[credential \"https://a.example\"]\n\tuseHttpPath = true\n"),
              std::string::npos)
        << read(".gitconfig");
    EXPECT_EQ(read(".gitconfig").find("b.example"), std::string::npos);
    // Once is enough.
    const std::string before = read(".gitconfig");
    EXPECT_EQ(Patctl({.tokens = {token}}).run({"setup", "git"}).out.find("tells"),
              std::string::npos);
    EXPECT_EQ(read(".gitconfig"), before);
}

TEST_F(SetupTest, LeavesThePathsOfOneUserOutOfTheSystemConfiguration) {
    client::Dictionary token = some_token();
    token.set("targets", std::vector<std::string>{"https://a.example/team"});
    Patctl patctl({.tokens = {token}});
    EXPECT_EQ(patctl.run({"setup", "git", "--system"}).code, ExitCode::Success);
    EXPECT_EQ((read("system") + read(".gitconfig")).find("useHttpPath"), std::string::npos);
    EXPECT_TRUE(patctl.service.calls().empty());
}

// Row C8.
TEST_F(SetupTest, WritesTheSystemConfigurationAndWarnsOfWhatRemains) {
    std::ofstream(home_ / ".gitconfig")
        << "[credential]\n\thelper = store\n\thelper = \"!echo password=x\"\n";
    const Ran ran = Patctl().run({"setup", "git", "--system"});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_NE(read("system").find("/git-credential-pat\n"), std::string::npos);
    EXPECT_NE(ran.err.find("credential.helper = store of the global configuration"),
              std::string::npos)
        << ran.err;
    EXPECT_NE(ran.err.find(".gitconfig"), std::string::npos);
    EXPECT_EQ(ran.err.find("password=x"), std::string::npos);
}

TEST_F(SetupTest, GivesJson) {
    const Ran ran = Patctl().run({"setup", "git", "--json"});
    EXPECT_TRUE(ran.out.starts_with("{\"helper\":\"/")) << ran.out;
    EXPECT_NE(ran.out.find("\"others\":[]"), std::string::npos);
}

}  // namespace
}  // namespace patd::cli
