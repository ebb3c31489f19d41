// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_sends.h"

#include "cli/io/process.h"
#include "tests/cli/git_home.h"

namespace patd::cli {
namespace {

class GitSends : public GitHome {
  protected:
    void configure(const std::string& text) const { std::ofstream(home_ / ".gitconfig") << text; }
};

TEST_F(GitSends, NothingOfItsOwnWhereTheConfigurationBringsNothing) {
    EXPECT_EQ(find_sent("https://git.example/team"), std::nullopt);
    configure(
        "[url \"https://bob:hunter2@forge.example/\"]\n\tinsteadOf = https://forge.example/\n"
        "[http \"https://other.example\"]\n\textraHeader = \"Authorization: Basic hunter2\"\n"
        "[http]\n\textraHeader = \"X-Trace: Authorization: 1\"\n");
    for (const char* url : {"https://git.example/team", "https://git.example/a:b@c",
                            "https://git.example", "--upload-pack=touch ran", "$(touch ran)"})
        EXPECT_EQ(find_sent(url), std::nullopt) << url;
    EXPECT_FALSE(std::filesystem::exists(home_ / "ran"));
}

TEST_F(GitSends, ThePasswordOfAUrlThatStandsInsteadOfThisOne) {
    configure(
        "[url \"https://bob:hunter2@forge.example/\"]\n\tinsteadOf = https://forge.example/\n");
    EXPECT_EQ(find_sent("https://forge.example/team"), Sent::Password);
    EXPECT_EQ(find_sent("https://forge.example.org/team"), std::nullopt);
}

// As the checkout of a continuous integration leaves it in a repository.
TEST_F(GitSends, TheAuthorizationOfAHeader) {
    ASSERT_EQ(run_process({"git", "init", "-q", "repo"}).value().status, 0);
    std::filesystem::current_path(home_ / "repo");
    std::ofstream(home_ / "repo/.git/config", std::ios::app)
        << "[http \"https://github.com/\"]\n\textraheader = AUTHORIZATION: basic hunter2\n";
    EXPECT_EQ(find_sent("https://github.com/team/tool"), Sent::Header);
    EXPECT_EQ(find_sent("https://git.example/team"), std::nullopt);
}

TEST_F(GitSends, AnotherUrlWhereOneStandsInsteadOfThisOne) {
    configure(
        "[url \"ssh://git@forge.example/\"]\n\tinsteadOf = https://forge.example/\n"
        "[url \"https://bob@git.example/\"]\n\tinsteadOf = https://git.example/\n");
    EXPECT_EQ(find_sent("https://forge.example/team"), Sent::AnotherUrl);
    EXPECT_EQ(find_sent("https://git.example/team"), Sent::AnotherUrl);
}

TEST_F(GitSends, IsToldWithTheCommandThatShowsWhereItStands) {
    EXPECT_EQ(describe(Sent::Header),
              "git, run here, sends the Authorization of http.extraHeader before it asks anybody");
    configure(
        "[url \"https://bob@git.example/\"]\n\tinsteadOf = https://git.example/\n"
        "[http]\n\textraHeader = \"Authorization: x\"\n");
    for (const Sent sent : {Sent::Password, Sent::Header, Sent::AnotherUrl})
        EXPECT_EQ(run_process({"sh", "-c", mend_sent(sent)}).value().output,
                  "file:" + (home_ / ".gitconfig").string() + "\n")
            << describe(sent);
}

}  // namespace
}  // namespace patd::cli
