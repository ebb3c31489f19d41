// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_gateway.h"

#include "cli/git/git_chain.h"
#include "tests/cli/git_home.h"
#include "tests/cli/support.h"

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

constexpr char kGateway[] = "http://127.0.0.1:9200";

client::Dictionary gateway_token(const Texts& targets) {
    client::Dictionary token = some_token();
    token.set("kind", "imported");
    token.set("through-gateway", true);
    token.set("targets", targets);
    return token;
}

client::Script with_gateway(const Texts& targets) {
    client::Script script;
    script.status.set("gateway", kGateway);
    script.tokens = {gateway_token(targets), some_token()};
    return script;
}

class GatewaySetup : public GitConfigTest {
  protected:
    Ran set_up(const Texts& targets) {
        return Patctl(with_gateway(targets)).run({"setup", "gateway"});
    }
    static Ran undo() { return Patctl().run({"setup", "gateway", "--undo"}); }
};

TEST(GatewayForges, AreThoseOfTheTargetsOfTokensThatGoThroughIt) {
    client::Dictionary other = some_token();
    other.set("targets", Texts{"https://other.example"});
    EXPECT_EQ(gateway_forges({gateway_token({"https://b.example/team", "https://b.example/x",
                                             "bearer+https://a.example:8443"}),
                              other}),
              (std::set<std::string>{"https://a.example:8443", "https://b.example"}));
    EXPECT_EQ(gateway_url(kGateway, "https://a.example:8443"),
              "http://127.0.0.1:9200/a.example:8443/");
}

TEST_F(GatewaySetup, GitGoesToTheGatewayAndTellsThePathThere) {
    const Ran ran = set_up({"https://forge.example/team", "https://git.example:8443"});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_NE(ran.out.find("https://forge.example, https://git.example:8443 through"),
              std::string::npos)
        << ran.out;
    EXPECT_EQ(git_goes_to("https://forge.example").value(),
              "http://127.0.0.1:9200/forge.example/patd-gateway");
    EXPECT_EQ(git_goes_to("https://git.example:8443").value(),
              "http://127.0.0.1:9200/git.example:8443/patd-gateway");
    EXPECT_EQ(git_goes_to("https://git.example").value(), "https://git.example/patd-gateway");
    EXPECT_EQ(git_goes_to("https://forge.example.evil").value(),
              "https://forge.example.evil/patd-gateway");
    EXPECT_TRUE(sends_path(kGateway));
    EXPECT_NE(ran.err.find("patctl setup git"), std::string::npos) << "no helper yet";
    Patctl().run({"setup", "git"});
    EXPECT_EQ(set_up({"https://forge.example/team"}).err, "");
}

TEST_F(GatewaySetup, IsWrittenOnceAndFollowsTheTokens) {
    set_up({"https://forge.example/team"});
    const std::string first = read(".gitconfig");
    set_up({"https://forge.example/team"});
    EXPECT_EQ(read(".gitconfig"), first);
    set_up({"https://other.example"});
    EXPECT_EQ(git_goes_to("https://forge.example").value(), "https://forge.example/patd-gateway");
    EXPECT_EQ(git_goes_to("https://other.example").value(),
              "http://127.0.0.1:9200/other.example/patd-gateway");
}

TEST_F(GatewaySetup, IsTakenBackByteForByte) {
    for (const char* before : {"", "\n", "[user]\n\tname = Alice", "[user]\n\tname = Alice\\\n",
                               "[url \"https://forge.example/\"]\n\tinsteadOf = forge:\n# the end",
                               "[credential]\r\n\thelper = store\r\n"}) {
        write(".gitconfig", before);
        ASSERT_EQ(set_up({"https://forge.example/team"}).code, ExitCode::Success) << before;
        EXPECT_NE(read(".gitconfig"), before);
        EXPECT_EQ(undo().code, ExitCode::Success);
        EXPECT_EQ(read(".gitconfig"), before);
    }
    EXPECT_NE(undo().out.find("has written nothing"), std::string::npos);
}

// Whichever is first, and whichever is taken back first.
TEST_F(GatewaySetup, ItAndSetupGitTakeBackTheirOwnLinesAlone) {
    for (const bool has_file : {false, true}) {
        for (const bool git_first : {false, true}) {
            for (const bool undo_git_first : {false, true}) {
                std::filesystem::remove(home_ / ".gitconfig");
                if (has_file)
                    write(".gitconfig", "[user]\n\tname = Alice");
                if (git_first)
                    Patctl().run({"setup", "git"});
                set_up({"https://forge.example/team"});
                if (!git_first)
                    Patctl().run({"setup", "git"});
                EXPECT_EQ(git_goes_to("https://forge.example").value(),
                          "http://127.0.0.1:9200/forge.example/patd-gateway");
                EXPECT_TRUE(is_ours(
                    ask_git(read_credential_lines().value(), kSomewhere).value().helpers.at(0)));
                if (undo_git_first)
                    Patctl().run({"setup", "git", "--undo"});
                undo();
                if (!undo_git_first)
                    Patctl().run({"setup", "git", "--undo"});
                EXPECT_EQ(std::filesystem::exists(home_ / ".gitconfig"), has_file)
                    << git_first << undo_git_first << read(".gitconfig");
                EXPECT_EQ(read(".gitconfig"), has_file ? "[user]\n\tname = Alice" : "")
                    << git_first << undo_git_first;
            }
        }
    }
}

TEST_F(GatewaySetup, SaysWhatElseSendsGitToAnotherPlace) {
    write(".gitconfig",
          "[url \"ssh://git@forge.example/\"]\n\tinsteadOf = https://forge.example/patd\n");
    const Ran ran = set_up({"https://forge.example/team"});
    EXPECT_EQ(ran.code, ExitCode::Success);
    EXPECT_NE(ran.err.find("because of another insteadOf"), std::string::npos) << ran.err;
}

TEST_F(GatewaySetup, NeedsAGatewayAndATokenThatGoesThroughIt) {
    client::Script none;
    none.tokens = {gateway_token({"https://forge.example"})};
    const Ran without = Patctl(none).run({"setup", "gateway"});
    EXPECT_EQ(without.code, ExitCode::Usage) << without.err;
    EXPECT_NE(without.err.find("GatewayOrigin="), std::string::npos) << without.err;
    const Ran no_token = set_up({});
    EXPECT_EQ(no_token.code, ExitCode::NotFound) << no_token.err;
    EXPECT_NE(no_token.err.find("--through-gateway"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(home_ / ".gitconfig"));
    EXPECT_EQ(Patctl().run({"setup", "--list", "gateway"}).code, ExitCode::Usage);
}

}  // namespace
}  // namespace patd::cli
