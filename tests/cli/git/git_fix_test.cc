// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What `explain` and `setup git` print for people to run, run as printed: the real git, the real
// patctl.
#include "cli/git/git_fix.h"

#include "cli/git/git_chain.h"
#include "cli/io/process.h"
#include "tests/cli/git_home.h"

#include <algorithm>
#include <map>

namespace patd::cli {
namespace {

constexpr char kUrl[] = "https://git.example/team/tool.git";
const std::string kOurs = "[credential]\n\thelper =\n\thelper = /usr/bin/git-credential-pat\n";

class GitFix : public GitHome {
  protected:
    ~GitFix() override { unsetenv("GIT_CONFIG_COUNT"); }

    void write(const char* name, const std::string& text) const {
        std::filesystem::create_directories((home_ / name).parent_path());
        std::ofstream(home_ / name) << text;
    }
    static ProcessResult shell(const std::string& command) {
        return run_process({"bash", "-c",
                            std::string("patctl() { ") + PATD_PATCTL +
                                " \"$@\"; }; sudo() { \"$@\"; }; " + command})
            .value();
    }
    static std::vector<ConfigLine> asked(const std::string& url) {
        return ask_git(read_credential_lines().value(), url).value().helpers;
    }
    static bool asks_ours(const std::string& url) {
        const std::vector<ConfigLine> helpers = asked(url);
        return std::any_of(helpers.begin(), helpers.end(), is_ours);
    }
    // The command in a sentence of explain's.
    static std::string command_in(const std::string& said) {
        constexpr std::string_view kBefore = ":\n    ";
        const std::size_t at = said.find(kBefore);
        return at == std::string::npos ? "false" : said.substr(at + kBefore.size());
    }
};

TEST_F(GitFix, IsToldInOneSentence) {
    EXPECT_EQ(tell_whom_git_asks("https://github.com/a"),
              "git, run here, asks nobody for it; to change that:\n    patctl setup git");
    write(".gitconfig", "[credential]\n\thelper = git-credential-pat\n");
    EXPECT_EQ(tell_whom_git_asks("https://github.com/a"),
              "git, run here, asks git credential-git-credential-pat alone for it instead of patd; "
              "to change that:\n"
              "    patctl setup git");
    write(".gitconfig", kOurs + "\thelper = store\n");
    EXPECT_EQ(tell_whom_git_asks("https://github.com/a"),
              "git, run here, asks patd, then store for it");
    write(".gitconfig", kOurs);
    EXPECT_EQ(tell_whom_git_asks("https://github.com/a"), "");
}

TEST_F(GitFix, SaysWhenGitKeepsThePathToItself) {
    write(".gitconfig", kOurs);
    EXPECT_EQ(tell_whom_git_asks(kUrl, true),
              "git, run here, asks patd alone for it without its path, so tokens bound to a path "
              "do not match; to change that:\n    patctl setup git");
    write(".gitconfig", kOurs + "\tuseHttpPath = true\n");
    EXPECT_EQ(tell_whom_git_asks(kUrl, true), "");
}

TEST_F(GitFix, WhatExplainNamesMakesGitAskPatd) {
    const std::string gh = "\thelper =\n\thelper = !/usr/bin/gh auth git-credential\n";
    for (const std::string& text : {std::string(), std::string("[credential]\n\thelper = store\n"),
                                    "[credential \"https://git.example\"]\n" + gh,
                                    kOurs + "[credential \"https://git.example\"]\n" + gh,
                                    kOurs + "[credential \"https://git.example/team\"]\n" + gh,
                                    kOurs + "[credential \"https://*.example\"]\n" + gh,
                                    kOurs + "[credential \"git.example\"]\n" + gh}) {
        SCOPED_TRACE(text);
        write(".gitconfig", text + "[credential \"https://github.com\"]\n" + gh);
        const std::string command = command_in(tell_whom_git_asks(kUrl));
        const ProcessResult ran = shell(command);
        EXPECT_EQ(ran.status, 0) << command << ran.errors;
        EXPECT_TRUE(asks_ours(kUrl)) << command << "\n" << read(".gitconfig");
        EXPECT_EQ(name_chain(asked("https://github.com/a")), "gh alone") << read(".gitconfig");
        EXPECT_EQ(tell_whom_git_asks(kUrl).find("instead of patd"), std::string::npos);
    }
}

TEST_F(GitFix, WhatARepositoryForgetsIsTakenOutThere) {
    write(".gitconfig", kOurs);
    ASSERT_EQ(shell("git init -q repo && git init -q --bare bare.git && git -C repo config "
                    "extensions.worktreeConfig true && git -C repo -c user.name=x -c user.email=x "
                    "commit -q --allow-empty -m x && git -C repo worktree add -q ../linked")
                  .status,
              0);
    const std::string forgets = "[credential]\n\thelper =\n\thelper = store\n";
    const std::map<std::string, const char*> folders = {
        {"repo/.git/config", "repo"},
        {"repo/.git/config.worktree", "repo"},
        {"repo/.git/worktrees/linked/config.worktree", "linked"},
        {"bare.git/config", "bare.git"}};
    for (const auto& [file, folder] : folders) {
        std::ofstream(home_ / file, std::ios::app) << forgets;
        std::filesystem::current_path(home_ / folder);
        EXPECT_FALSE(asks_ours(kUrl));
        const std::string command = command_in(tell_whom_git_asks(kUrl));
        EXPECT_EQ(shell(command).status, 0) << command;
        EXPECT_TRUE(asks_ours(kUrl)) << command << read(file.c_str());
        std::filesystem::current_path(home_);
        ASSERT_EQ(shell("git config --file " + file + " --unset-all credential.helper").status, 0);
    }
}

TEST_F(GitFix, TakesOutOursInEverySpelling) {
    for (const char* value : {"/usr/bin/git-credential-pat", "!exec /usr/bin/git-credential-pat"}) {
        write(".gitconfig", std::string("[credential]\n\thelper = ") + value + "\n");
        const std::string command = fix_line(read_credential_lines().value().front());
        EXPECT_NE(command.find(value), std::string::npos) << command;
        EXPECT_EQ(shell(command).status, 0) << command;
        EXPECT_TRUE(read_credential_lines().value().empty()) << read(".gitconfig");
    }
}

TEST_F(GitFix, WhatTheEnvironmentForgetsGoesThere) {
    write(".gitconfig", kOurs);
    setenv("GIT_CONFIG_KEY_0", "credential.helper", 1);
    setenv("GIT_CONFIG_VALUE_0", "", 1);
    setenv("GIT_CONFIG_COUNT", "1", 1);
    EXPECT_EQ(command_in(tell_whom_git_asks(kUrl)), "unset GIT_CONFIG_COUNT GIT_CONFIG_PARAMETERS");
}

// As `import` prints them.
TEST_F(GitFix, WhatImportNamesIsRunOnceForEachPlaceThatIsNotPatds) {
    const std::vector<std::string> urls = {kUrl, "https://github.com", "https://gist.github.com",
                                           "https://other.example"};
    write(".gitconfig",
          "[credential \"https://github.com\"]\n\thelper =\n\thelper = gh\n"
          "[credential \"https://gist.github.com\"]\n\thelper =\n\thelper = gh\n");
    const std::vector<std::string> all = fixes_not_asked(urls);
    EXPECT_EQ(all,
              (std::vector<std::string>{"patctl setup git", "patctl setup git 'https://github.com'",
                                        "patctl setup git 'https://gist.github.com'"}));
    for (std::size_t left = all.size(); left > 0; --left) {
        const std::vector<std::string> fixes = fixes_not_asked(urls);
        ASSERT_EQ(fixes.size(), left) << read(".gitconfig");
        EXPECT_EQ(shell(fixes.front()).status, 0);
    }
    EXPECT_TRUE(fixes_not_asked(urls).empty());
}

// Each of the reasons for which git cannot write, with the command that ends it.
TEST_F(GitFix, WhatSetupNamesLetsItWrite) {
    setenv("EDITOR", "truncate -s 0", 1);
    const std::map<std::string, std::string> breaks = {
        {"echo '[broken' >~/.gitconfig", "${EDITOR:-vi}"},
        {"touch ~/.gitconfig.lock", "rm -- "},
        {"ln -s dotfiles/gitconfig ~/.gitconfig", "mkdir -p -- "},
        {"export GIT_CONFIG_GLOBAL=/dev/null", "unset GIT_CONFIG_GLOBAL"},
        {"unset HOME", "export HOME="},
        {"export GIT_CONFIG_NOSYSTEM=1; scope=--system", "unset GIT_CONFIG_NOSYSTEM"}};
    for (const auto& [command, fix] : breaks) {
        SCOPED_TRACE(command);
        const std::string setup = "patctl setup git $scope";
        const std::string before = "cd ~; rm -rf .gitconfig* dotfiles system; " + command + "; ";
        const ProcessResult broken = shell(before + setup);
        EXPECT_EQ(broken.status, 1) << broken.errors;
        const std::size_t at = broken.errors.find(fix);
        ASSERT_NE(at, std::string::npos) << broken.errors;
        const std::string printed = broken.errors.substr(at, broken.errors.find('\n', at) - at);
        // The account's own home is not the test's.
        const std::string end = command == "unset HOME" ? "test -d \"$HOME\"" : setup;
        const ProcessResult fixed = shell(before + printed + " && " + end);
        EXPECT_EQ(fixed.status, 0) << printed << fixed.errors;
    }
}

TEST_F(GitFix, OfABrokenRepositoryNamesItsFileFromAnywhereBelow) {
    write("work/.git/config", "[broken\n");
    std::filesystem::create_directories(home_ / "work/a/b");
    std::filesystem::current_path(home_ / "work/a/b");
    EXPECT_EQ(fix_unreadable("bad config line 1 in file .git/config"),
              "${EDITOR:-vi} '" + (home_ / "work/.git/config").string() + "'");
    EXPECT_EQ(fix_unreadable("bad config line 1 in file /etc/gitconfig"),
              "${EDITOR:-vi} '/etc/gitconfig'");
    EXPECT_EQ(fix_unreadable("bad config line 1 in file no/such"), "${EDITOR:-vi} 'no/such'");
}

TEST_F(GitFix, WhatSetupNamesForAPlaceGivesItToPatd) {
    write(".gitconfig",
          "[credential \"https://git.example\"]\n\thelper = gh\n"
          "[credential \"https://*.corp.example\"]\n\thelper = corp\n");
    const std::string said = shell("patctl setup git").output;
    EXPECT_NE(said.find("For https://*.corp.example git asks corp alone, as before, not patd. "
                        "To change that for one of these:\n    patctl setup git URL"),
              std::string::npos)
        << said;
    const std::size_t at = said.find("patctl setup git 'https://git.example'");
    ASSERT_NE(at, std::string::npos) << said;
    EXPECT_EQ(shell(said.substr(at, said.find('\n', at) - at)).status, 0);
    EXPECT_EQ(name_chain(asked(kUrl)), "patd alone");
    EXPECT_EQ(name_chain(asked("https://a.corp.example/x")), "corp alone");
}

TEST(CommandsAs, AreWhatRootRunsInThePlaceOfTheAccount) {
    EXPECT_EQ(commands_as("o'neil", "do this:\n    git x\n    sudo git y\n"),
              "do this:\n    sudo -Hu 'o'\\''neil' git x\n    sudo git y\n");
}

}  // namespace
}  // namespace patd::cli
