// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/git_helpers.h"

#include "cli/git/git_write.h"
#include "tests/cli/doctor/machine_fixture.h"

#include <cstdlib>

namespace patd::cli::doctor {
namespace {

constexpr char kHelper[] = "/usr/bin/git-credential-pat";

// git(1) itself, with a home and a system configuration of the test's own.
class GitTest : public MachineTest {
  protected:
    GitTest() {
        setenv("HOME", tree_.path().c_str(), 1);
        setenv("GIT_CONFIG_SYSTEM", tree_.file("system").c_str(), 1);
        unsetenv("XDG_CONFIG_HOME");
        std::filesystem::current_path(tree_.path());
        put(kHelper, "", 0, 0755);
    }
    ~GitTest() override { std::filesystem::current_path("/"); }

    void configure(const std::string& global, const std::string& system = "") const {
        std::ofstream(tree_.file(".gitconfig")) << global;
        std::ofstream(tree_.file("system")) << system;
    }
    std::string found(const std::vector<client::Dictionary>& tokens = {}) const {
        Findings findings;
        check_git(machine_, tokens, findings);
        return text_of(findings);
    }
    static client::Dictionary token_for(const std::string& target) {
        client::Dictionary token;
        token.set("id", "AbCdE01234");
        token.set("targets", std::vector<std::string>{target});
        return token;
    }

    const std::string ours_ = std::string("[credential]\nhelper =\nhelper = ") + kHelper + "\n";
};

TEST_F(GitTest, FindsNothingAfterSetup) {
    configure(ours_);
    EXPECT_EQ(found(), "");
    configure("", ours_);
    EXPECT_EQ(found(), "");
}

TEST_F(GitTest, SaysThatGitDoesNotAsk) {
    configure("[credential]\nhelper = store\n");
    EXPECT_EQ(found(), "note: git does not ask patd -> patctl setup git\n");
}

TEST_F(GitTest, NotesTokensThatAreSentUnencrypted) {
    configure(ours_);
    EXPECT_EQ(found({token_for("http://localhost:3000"), token_for("https://a.example")}), "");
    EXPECT_TRUE(
        found({token_for("http://old.example")})
            .starts_with("note: token AbCdE01234 is for http://old.example, where it is sent "
                         "unencrypted"));
    client::Dictionary token = token_for("");
    token.set("targets", std::vector<std::string>{"https://a.example", "http://old.example/team",
                                                  "bearer+http://old.example:8080"});
    // The command is complete, and keeps the other places.
    EXPECT_NE(found({token}).find(" -> patctl edit AbCdE01234 -t 'https://a.example' -t "
                                  "'https://old.example/team' -t "
                                  "'bearer+https://old.example:8080'\n"),
              std::string::npos)
        << found({token});
}

TEST_F(GitTest, SaysWhatGitSendsByItself) {
    configure(ours_ +
              "[http \"https://git.example/\"]\nextraHeader = \"Authorization: Basic hunter2\"\n"
              "[url \"https://bob@other.example/\"]\ninsteadOf = https://other.example/\n");
    const std::string said =
        found({token_for("https://git.example"), token_for("https://a.example"),
               token_for("https://other.example")});
    EXPECT_EQ(said,
              "warning: git, run here, sends the Authorization of http.extraHeader before it asks "
              "any helper about https://git.example, and token AbCdE01234 is for it -> git config "
              "--show-origin --get-regexp '^http\\..*extraheader$' | cut -f1 | sort -u\n");
}

TEST_F(GitTest, SaysThatOfEveryPlaceOfAHost) {
    configure(ours_ +
              "[url \"https://bob:hunter2@forge.example/\"]\ninsteadOf = https://forge.example/\n"
              "[http \"https://git.example/me\"]\nextraHeader = \"Authorization: Basic hunter2\"\n"
              "[credential]\nuseHttpPath = true\n");
    const std::string said =
        found({token_for("https://forge.example"), token_for("https://git.example/work"),
               token_for("https://git.example/me"), token_for("https://git.example/me")});
    const std::string header = "about https://git.example/me, and token";
    EXPECT_NE(said.find("about https://forge.example, and token"), std::string::npos) << said;
    EXPECT_NE(said.find(header), std::string::npos) << said;
    EXPECT_EQ(said.find(header), said.rfind(header)) << said;
    EXPECT_EQ(said.find("git.example/work, and"), std::string::npos) << said;
}

// Row C8: another helper in the chain would keep a copy of what patd releases.
TEST_F(GitTest, NamesEveryOtherHelperThatGitAsks) {
    struct Case {
        std::string global;
        std::string system;
        std::string text;
        std::string fix;
    };
    const std::string alone = std::string("[credential]\nhelper = ") + kHelper + "\n";
    const Case cases[] = {
        {ours_ + "helper = store\n", "", "credential.helper = store of the global",
         "patctl setup git"},
        {alone, "[credential]\nhelper = cache\n", "keeps a copy in memory", "patctl setup git"},
        {"", "[credential]\nhelper = libsecret\n" + alone, "may keep a copy",
         "sudo patctl setup git --system"},
        {ours_ + "[credential \"https://h.example\"]\nhelper = store\n", "",
         "credential.https://h.example.helper = store",
         "git config --file '" + tree_.file(".gitconfig") +
             "' --fixed-value --unset-all 'credential.https://h.example.helper' 'store'"},
        {ours_ + "helper = \"!echo password=x\"\n", "", "(a shell command)", "patctl setup git"},
    };
    for (const Case& wrong : cases) {
        configure(wrong.global, wrong.system);
        const std::string text = found();
        EXPECT_TRUE(text.starts_with("warning: git also asks")) << text;
        EXPECT_NE(text.find(wrong.text), std::string::npos) << text;
        EXPECT_TRUE(text.ends_with(" -> " + wrong.fix + "\n")) << text;
        EXPECT_EQ(text.find("password=x"), std::string::npos);
    }
}

TEST_F(GitTest, TheFixFixes) {
    configure(std::string("[credential]\nhelper = store\nhelper = ") + kHelper + "\n");
    ASSERT_NE(found(), "");
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    EXPECT_EQ(found(), "");
}

TEST_F(GitTest, NamesAHelperOfOursThatIsSearchedForOrGone) {
    configure("[credential]\nhelper =\nhelper = pat\n");
    EXPECT_NE(found().find("its path is not absolute"), std::string::npos);
    configure("[credential]\nhelper =\nhelper = /gone/git-credential-pat\n");
    EXPECT_NE(found().find("not where git looks for it"), std::string::npos);
}

TEST_F(GitTest, WantsThePathWhereATokenIsBoundToOne) {
    configure(ours_);
    EXPECT_EQ(found({token_for("https://git.example"), token_for("https://git.example/")}), "");
    EXPECT_EQ(found({token_for("https://git.example/team")}),
              "warning: token AbCdE01234 is bound to a path of https://git.example, but git does "
              "not send the path -> git config --global "
              "'credential.https://git.example.useHttpPath' true\n");
    // git asks for it at the gateway.
    client::Dictionary through = token_for("https://git.example/team");
    through.set("through-gateway", true);
    EXPECT_EQ(found({through}), "");
    configure(ours_ + "[credential \"https://git.example\"]\nuseHttpPath = true\n");
    EXPECT_EQ(found({token_for("https://git.example/team")}), "");
}

// It cannot be installed from what apt does not know, and helps nobody whom git alone asks.
TEST_F(GitTest, ProposesANewerGitOnlyWhereAptHasOneAndAnotherHelperIsAsked) {
    const std::string path = secure_getenv("PATH");
    put("/bin/git",
        "#!/bin/sh\n[ \"$1\" = --version ] && exec echo git version 2.39.5\nPATH=" + path +
            " exec git \"$@\"\n",
        0, 0755);
    setenv("PATH", (tree_.file("bin") + ":" + path).c_str(), 1);
    configure(ours_ + "helper = store\n");
    const std::string without = found();
    put("/etc/apt/sources.list.d/debian.sources",
        "Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-backports\n");
    const std::string with = found();
    configure(ours_);
    const std::string alone = found();
    setenv("PATH", path.c_str(), 1);
    EXPECT_EQ(without.find("apt install"), std::string::npos) << without;
    EXPECT_NE(with.find("note: git 2.39 "), std::string::npos) << with;
    EXPECT_NE(with.find("sudo apt install -t bookworm-backports git"), std::string::npos) << with;
    EXPECT_EQ(alone, "");
}

// ADR 0024: such a git clones nothing from a server of files while it asks another helper too.
TEST_F(GitTest, SaysWhatAnotherHelperCostsWithANewerGit) {
    const std::string path = secure_getenv("PATH");
    put("/bin/git",
        "#!/bin/sh\n[ \"$1\" = --version ] && exec echo git version 2.47.3\nPATH=" + path +
            " exec git \"$@\"\n",
        0, 0755);
    setenv("PATH", (tree_.file("bin") + ":" + path).c_str(), 1);
    configure(ours_ + "helper = store\n");
    const std::string text = found();
    setenv("PATH", path.c_str(), 1);
    EXPECT_NE(text.find("keeps a copy in a plain file of what patd releases to a git before 2.46; "
                        "this one leaves it none, but cannot clone from a server of plain files "
                        "(dumb HTTP) while it asks both -> patctl setup git"),
              std::string::npos)
        << text;
}

// Tried with git 2.39: libcurl sends it after the 401, and where the server takes it nobody is
// asked.
TEST_F(GitTest, SaysWhatNetrcHasForThePlaceOfAToken) {
    configure(ours_);
    std::ofstream(tree_.file(".netrc")) << "machine git.example login a password hunter2\n";
    EXPECT_EQ(found({token_for("https://git.example"), token_for("https://other.example")}),
              "warning: git sends what line 1 of ~/.netrc says to https://git.example before it "
              "asks any helper, and token AbCdE01234 is for it -> ${EDITOR:-vi} '" +
                  tree_.file(".netrc") + "'\n");
}

TEST_F(GitTest, NamesTheFileThatGitCannotRead) {
    configure("[broken\n");
    const std::string text = found();
    EXPECT_NE(text.find("error: git cannot read its configuration: bad config line 1 in file"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find(" -> ${EDITOR:-vi} '" + tree_.file(".gitconfig") + "'"), std::string::npos)
        << text;
}

TEST_F(GitTest, HasNothingToSayWhereThereIsNoGit) {
    const std::string path = secure_getenv("PATH");
    setenv("PATH", tree_.path().c_str(), 1);
    Findings findings;
    check_git(machine_, {}, findings);
    setenv("PATH", path.c_str(), 1);
    EXPECT_EQ(text_of(findings), "");
}

}  // namespace
}  // namespace patd::cli::doctor
