// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_gets.h"

#include "tests/cli/git_home.h"
#include "tests/cli/support.h"

namespace patd::cli {
namespace {

constexpr char kUrl[] = "https://git.example";
constexpr char kOldId[] = "OldOldOld1";

client::Dictionary row(const std::string& id, const std::string& description,
                       const std::string& verdict) {
    return dictionary({{"id", id}, {"description", description}, {"verdict", verdict}});
}

class GitGetsTest : public GitHome {
  protected:
    GitGetsTest() {
        std::ofstream(home_ / ".gitconfig")
            << "[credential]\n\thelper =\n\thelper = /usr/bin/git-credential-pat\n";
        fresh_.set("permissions", std::vector<std::string>{"vcs:repository:ro"});
        old_.set("id", kOldId);
        old_.set("description", "old");
        old_.set("permissions", std::vector<std::string>{"vcs:repository:rw"});
    }

    // What is said when a token is made, before and after which the service explains this.
    std::string said(const client::Explanation& before, const client::Explanation& after,
                     std::vector<std::string> more = {}) {
        const Scratch secret;
        Patctl patctl({.secret = "pat1_x",
                       .result = dictionary({{"id", kSomeId}, {"acknowledge", true}}),
                       .tokens = {old_, fresh_},
                       .explanations = {before, after}});
        std::vector<std::string> arguments = {
            "create", "new",           "-p", "vcs:repository:ro", "-e",
            "90d",    "--password-fd", "0",  "--output-fd",       std::to_string(secret.fd())};
        if (more.empty())
            more = {"-t", kUrl};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const Ran ran = patctl.run(arguments);
        EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
        return ran.err;
    }

    client::Dictionary fresh_ = some_token();
    client::Dictionary old_ = some_token();
};

TEST_F(GitGetsTest, SaysWhichTokenLosesItsPlaceAndWhatItCouldDo) {
    EXPECT_EQ(said({"released", {row(kOldId, "old", "released")}},
                   {"released",
                    {row(kOldId, "old", "more-permissions"), row(kSomeId, "new", "released")}}),
              "patctl: note: from now on git gets this token for https://git.example, and no "
              "longer 'old' (OldOldOld1), which also has vcs:repository:rw\n");
}

TEST_F(GitGetsTest, SaysNothingWhereNobodyLosesAnything) {
    EXPECT_EQ(said({"none", {}}, {"released", {row(kSomeId, "new", "released")}}), "");
    EXPECT_EQ(said({"Locked", {row(kOldId, "old", "Locked")}},
                   {"Locked", {row(kOldId, "old", "Locked"), row(kSomeId, "new", "Locked")}}),
              "");
}

TEST_F(GitGetsTest, SaysThatNobodyGetsATokenWhereTwoFit) {
    EXPECT_EQ(said({"released", {row(kOldId, "old", "released")}},
                   {"Ambiguous", {row(kOldId, "old", "tied"), row(kSomeId, "new", "tied")}}),
              "patctl: note: git gets no token for https://git.example now: this one and 'old' "
              "(OldOldOld1) fit equally well; see:\n    patctl explain 'https://git.example'\n");
}

TEST_F(GitGetsTest, SaysThatTheNewOneIsNotTheOneThatGitGets) {
    EXPECT_EQ(said({"released", {row(kOldId, "old", "released")}},
                   {"released",
                    {row(kOldId, "old", "released"), row(kSomeId, "new", "more-permissions")}}),
              "patctl: note: for https://git.example git gets 'old' (OldOldOld1), which can do "
              "less, and not this token; see:\n    patctl explain 'https://git.example'\n");
}

TEST_F(GitGetsTest, SaysThatGitDoesNotAskPatdYet) {
    std::filesystem::remove(home_ / ".gitconfig");
    EXPECT_EQ(said({"none", {}}, {"released", {row(kSomeId, "new", "released")}}),
              "patctl: note: git does not ask patd there yet; run:\n    patctl setup git\n");
}

TEST_F(GitGetsTest, SaysWhatATokenWithoutTargetOrExpiryMeans) {
    fresh_.set("targets", std::vector<std::string>());
    fresh_.set("expires", std::int64_t{0});
    const std::string text = said({"none", {}}, {"none", {}}, {"--confirm"});
    EXPECT_NE(text.find("note: it has no target, so git and 'patctl exec' never get it"),
              std::string::npos)
        << text;
    EXPECT_NE(
        text.find("note: it never expires; to change that:\n    patctl edit AbCdE01234 -e 90d"),
        std::string::npos)
        << text;
}

// The path is told where git was set up to tell it.
TEST_F(GitGetsTest, DoesNotWarnOfPathsThatGitTells) {
    const client::Explanation none{"none", {}};
    const std::vector<std::string> target = {"-t", "https://git.example/team"};
    EXPECT_NE(said(none, none, target).find("useHttpPath"), std::string::npos);
    std::ofstream(home_ / ".gitconfig", std::ios::app) << "\tuseHttpPath = true\n";
    EXPECT_EQ(said(none, none, target), "");
}

TEST_F(GitGetsTest, SaysThatGitDoesNotGoThroughTheGatewayYet) {
    fresh_.set("through-gateway", true);
    fresh_.set("targets", std::vector<std::string>{"https://git.example/team"});
    const Scratch password("swordfish\n");
    const Scratch secret("ghp_imported\n");
    const auto said_of_import = [&] {
        Patctl patctl({.prompts = {{"token-secret", "Secret: "}, {"secret", "Password: "}},
                       .result = dictionary({{"id", kSomeId}}),
                       .tokens = {fresh_},
                       .status = dictionary({{"gateway", "http://127.0.0.1:9200"}})});
        return patctl
            .run({"import", "new", "--through-gateway", "-p", "vcs:repository:ro", "-t",
                  "https://git.example/team", "-u", "al", "--secret-fd",
                  std::to_string(secret.fd()), "--password-fd", std::to_string(password.fd())})
            .err;
    };
    EXPECT_EQ(said_of_import(),
              "patctl: note: git does not go through the gateway there yet; run:\n"
              "    patctl setup gateway\n");
    std::ofstream(home_ / ".gitconfig", std::ios::app)
        << "[url \"http://127.0.0.1:9200/git.example/\"]\n\tinsteadOf = https://git.example/\n";
    lseek(password.fd(), 0, SEEK_SET);
    lseek(secret.fd(), 0, SEEK_SET);
    EXPECT_EQ(said_of_import(), "");
}

}  // namespace
}  // namespace patd::cli
