// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_chain.h"
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
    EXPECT_NE(ran.out.find("now sends the path of URLs at https://a.example, "), std::string::npos)
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

// Hundreds of tokens took minutes.
TEST_F(SetupTest, AsksGitNoMoreOftenForManyTokensThanForOne) {
    std::filesystem::create_directory(home_ / "bin");
    std::ofstream(home_ / "bin/git") << "#!/bin/sh\necho >>" << home_ / "count"
                                     << "\nPATH=${PATH#*:} exec git \"$@\"\n";
    std::filesystem::permissions(home_ / "bin/git", std::filesystem::perms::owner_all);
    const std::string path = getenv("PATH");
    setenv("PATH", ((home_ / "bin").string() + ":" + path).c_str(), 1);
    const auto count_for = [&](int tokens) {
        std::vector<client::Dictionary> listed;
        for (int i = 0; i < tokens; ++i) {
            listed.push_back(some_token());
            const std::string host = "https://h" + std::to_string(i) + ".example:8443";
            listed.back().set("targets", std::vector<std::string>{host});
        }
        std::filesystem::remove(home_ / "count");
        EXPECT_EQ(Patctl({.tokens = listed}).run({"setup", "git"}).code, ExitCode::Success);
        return read("count").size();
    };
    count_for(1);
    const std::size_t once = count_for(1);
    EXPECT_GT(once, 0U);
    EXPECT_EQ(count_for(50), once);
    // Lines for one of the hosts are asked about.
    std::ofstream(home_ / ".gitconfig", std::ios::app)
        << "[credential \"https://H7.example:8443\"]\n\thelper =\n\thelper = store\n";
    client::Dictionary token = some_token();
    token.set("targets", std::vector<std::string>{"https://h7.example:8443"});
    const Ran ran = Patctl({.tokens = {token}}).run({"setup", "git"});
    EXPECT_NE((ran.out + ran.err).find("h7.example"), std::string::npos) << ran.out << ran.err;
    setenv("PATH", path.c_str(), 1);
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

// What people have: gh as the helper of github.com, beside one for everything else.
TEST_F(SetupTest, LeavesAPlaceToItsOwnHelperAndSaysSo) {
    std::ofstream(home_ / ".gitconfig")
        << "[credential]\n\thelper = store\n[credential \"https://github.com\"]\n\thelper =\n"
           "\thelper = !/usr/bin/gh auth git-credential\n";
    const Ran ran = Patctl().run({"setup", "git"});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_NE(ran.out.find("For https://github.com git asks gh alone, as before, not patd. To "
                           "change that:\n    patctl setup git 'https://github.com'"),
              std::string::npos)
        << ran.out;
    EXPECT_EQ(ran.err, "");
    const Ran changed = Patctl().run({"setup", "git", "https://github.com"});
    EXPECT_EQ(changed.code, ExitCode::Success) << changed.err;
    EXPECT_NE(changed.out.find("for credentials for https://github.com."), std::string::npos);
    EXPECT_EQ(Patctl().run({"setup", "git"}).out.find("gh alone"), std::string::npos);
}

// What holds in this repository alone is not said, nor written, for all.
TEST_F(SetupTest, LetsGitTellThePathEverywhereThoughItDoesHere) {
    ASSERT_EQ(std::system("git init -q repo && git -C repo config credential.useHttpPath true"), 0);
    std::filesystem::current_path(home_ / "repo");
    client::Dictionary token = some_token();
    token.set("targets", std::vector<std::string>{"https://a.example/team"});
    EXPECT_EQ(Patctl({.tokens = {token}}).run({"setup", "git"}).code, ExitCode::Success);
    std::filesystem::current_path(home_);
    const std::vector<ConfigLine> lines = read_credential_lines().value();
    EXPECT_TRUE(ask_git(lines, "https://a.example/team").value().tells_path);
}

TEST_F(SetupTest, NamesWhatIsForgottenUnderACondition) {
    std::filesystem::create_directory(home_ / "conf");
    std::ofstream(home_ / "conf/work.inc")
        << "[credential \"https://github.com\"]\n\thelper = work\n[user]\n\tname = x\n";
    std::ofstream(home_ / ".gitconfig")
        << "[includeIf \"gitdir:~/team/\"]\n\tpath = conf/work.inc\n"
           "[includeIf \"gitdir:~/x/\"]\n\tpath = conf/none.inc\n";
    ASSERT_EQ(std::system("git init -q team/repo"), 0);
    const auto asked = [] {
        return name_chain(
            ask_git(read_credential_lines().value(), "https://github.com/a").value().helpers);
    };
    const std::string warning =
        "patctl: warning: git will not use credential.https://github.com.helper of " +
        (home_ / "conf/work.inc").string() +
        ", a conditional include; move that include after "
        "patd's lines:\n    git config --global --edit\n";
    for (const char* folder : {"team/repo", "."}) {
        std::filesystem::current_path(home_ / folder);
        EXPECT_EQ(Patctl().run({"setup", "git"}).err, warning) << folder;
        std::filesystem::current_path(home_);
        EXPECT_EQ(asked(), "patd alone") << read(".gitconfig");
    }
    // As it says.
    std::ofstream(home_ / ".gitconfig", std::ios::app)
        << "[includeIf \"gitdir:~/team/\"]\n\tpath = ~/conf/work.inc\n";
    ASSERT_EQ(std::system("git config --global --unset 'includeIf.gitdir:~/team/.path' ^conf"), 0);
    EXPECT_EQ(Patctl().run({"setup", "git"}).err, "");
    std::filesystem::current_path(home_ / "team/repo");
    EXPECT_EQ(asked(), "patd, then work");
}

// A git that notes its arguments before it does what the real one does.
class NotedGit {
  public:
    explicit NotedGit(const std::filesystem::path& home) : before_(secure_getenv("PATH")) {
        std::filesystem::create_directory(home / "bin");
        std::ofstream(home / "bin/git") << "#!/bin/sh\necho \"$@\" >>'" << (home / "noted").string()
                                        << "'\nPATH='" << before_ << "' exec git \"$@\"\n";
        std::filesystem::permissions(home / "bin/git", std::filesystem::perms::owner_all);
        setenv("PATH", ((home / "bin").string() + ":" + before_).c_str(), 1);
    }
    NotedGit(const NotedGit&) = delete;
    NotedGit& operator=(const NotedGit&) = delete;
    ~NotedGit() { setenv("PATH", before_.c_str(), 1); }

  private:
    std::string before_;
};

// Row C10. What a helper's line holds stands in no argument while the line is moved.
TEST_F(SetupTest, ShowsNobodyAHelperThatItMoves) {
    const std::string secret = R"([credential "https://h.example"]
    helper =
    helper = "!f() { echo \"username=a\"; # \\\\\n echo password=hunter2; }; f"
    helper = " /opt/x --token hunter3;"
)";
    std::ofstream(home_ / ".gitconfig") << secret;
    const auto own = [] {
        std::string text;
        const std::vector<ConfigLine> lines = read_credential_lines().value();
        for (const ConfigLine& line : ask_git(lines, "https://h.example/x").value().helpers)
            text += line.value + "\n";
        return text;
    };
    const std::string before = own();
    ASSERT_NE(before.find("hunter3;"), std::string::npos) << before;
    const NotedGit noted(home_);
    const Ran ran = Patctl().run({"setup", "git"});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(own(), before) << read(".gitconfig");
    EXPECT_NE(read("noted").find("credential fill"), std::string::npos);
    EXPECT_EQ((read("noted") + ran.out + ran.err).find("hunter"), std::string::npos)
        << read("noted");
    EXPECT_NE(ran.err.find("credential.https://h.example.helper contains a password"),
              std::string::npos)
        << ran.err;
    // What is said to take it out does.
    const std::string fix = ran.err.substr(ran.err.rfind("git config --file"));
    setenv("GIT_EDITOR", "sed -i /hunter2/d", 1);
    EXPECT_EQ(std::system(fix.c_str()), 0);
    unsetenv("GIT_EDITOR");
    EXPECT_EQ(Patctl().run({"setup", "git"}).err.find("contains a password"), std::string::npos);
}

TEST_F(SetupTest, NamesTheTrueCauseWhenGitCannotWrite) {
    std::ofstream(home_ / ".gitconfig.lock") << "";
    const Ran locked = Patctl().run({"setup", "git"});
    EXPECT_EQ(locked.code, ExitCode::Failure);
    EXPECT_NE(locked.err.find("File exists; another git is writing it"), std::string::npos)
        << locked.err;
    EXPECT_EQ(locked.err.find("system accounts"), std::string::npos);
    unsetenv("HOME");
    EXPECT_NE(Patctl().run({"setup", "git"}).err.find("export HOME="), std::string::npos);
}

TEST_F(SetupTest, SaysThatThereIsNoGit) {
    const std::string path = secure_getenv("PATH");
    setenv("PATH", home_.c_str(), 1);
    const Ran ran = Patctl().run({"setup", "git"});
    setenv("PATH", path.c_str(), 1);
    EXPECT_EQ(ran.code, ExitCode::Failure);
    EXPECT_NE(ran.err.find("sudo apt install git"), std::string::npos) << ran.err;
}

TEST_F(SetupTest, SaysWhenTheRepositoryForgetsPatd) {
    ASSERT_EQ(std::system("git init -q repo && printf '[credential]\nhelper =\nhelper = store\n' "
                          ">> repo/.git/config"),
              0);
    std::filesystem::current_path(home_ / "repo");
    const Ran ran = Patctl().run({"setup", "git"});
    EXPECT_NE(ran.out.find("git still asks store alone"), std::string::npos) << ran.out;
}

// What alice had, and what she learns at once instead of in her next push.
TEST_F(SetupTest, NamesWhoIsNotAskedAnyMoreAndWhatPatdLacks) {
    std::ofstream(home_ / ".gitconfig")
        << "[credential]\n\thelper = cache\n\thelper = store\n\thelper = !echo username=x\n";
    std::ofstream(home_ / ".git-credentials")
        << "https://alice:hunter2@git.example\nhttps://alice:hunter3@old.example\n"
           "https://alice:hunter4@old.example/team\n";
    client::Dictionary token = some_token();
    token.set("targets", std::vector<std::string>{"https://git.example"});
    const Ran ran = Patctl({.tokens = {token}}).run({"setup", "git"});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_NE(ran.out.find("\nNo longer asked: cache, store, a shell command. To go back:\n"
                           "    patctl setup git --undo\nTo keep asking, after patd:\n"
                           "    patctl setup git --keep\n"),
              std::string::npos)
        << ran.out;
    EXPECT_EQ(ran.err,
              "patctl: note: 'store' has secrets for 2 places for which patd has no token: "
              "https://old.example, https://old.example/team. To bring them in:\n"
              "    patctl import --from '" +
                  (home_ / ".git-credentials").string() + "'\n");
    // Said once.
    EXPECT_EQ(Patctl({.tokens = {token}}).run({"setup", "git"}).out.find("No longer"),
              std::string::npos);
}

TEST_F(SetupTest, KeepsOthersAndTakesItselfBack) {
    const std::string text = "[credential]\n\thelper = cache\n\thelper = store\n";
    std::ofstream(home_ / ".gitconfig") << text;
    const Ran kept = Patctl().run({"setup", "git", "--keep"});
    EXPECT_EQ(kept.code, ExitCode::Success) << kept.err;
    EXPECT_EQ(kept.out.find("No longer"), std::string::npos) << kept.out;
    EXPECT_NE(kept.err.find("git also asks credential.helper = store"), std::string::npos)
        << kept.err;
    const Ran undone = Patctl().run({"setup", "git", "--undo"});
    EXPECT_EQ(undone.code, ExitCode::Success) << undone.err;
    EXPECT_EQ(undone.out, "The lines of 'patctl setup git' are removed from " +
                              (home_ / ".gitconfig").string() +
                              ". git now asks cache, then store.\n");
    EXPECT_EQ(read(".gitconfig"), text);
    const Ran again = Patctl().run({"setup", "git", "--undo", "--json"});
    EXPECT_NE(again.out.find("\"undone\":false"), std::string::npos) << again.out;
    for (const char* other : {"--keep", "https://git.example"})
        EXPECT_EQ(Patctl().run({"setup", "git", "--undo", other}).code, ExitCode::Usage);
}

// What an older patctl, or its user, wrote without the comments.
TEST_F(SetupTest, NamesTheLinesThatItCannotTakeBack) {
    std::ofstream(home_ / ".gitconfig")
        << "[credential]\n\thelper =\n\thelper = /usr/bin/git-credential-pat\n";
    const Ran ran = Patctl().run({"setup", "git", "--undo"});
    EXPECT_NE(ran.out.find("has written nothing in "), std::string::npos) << ran.out;
    const std::string fix = ran.out.substr(ran.out.rfind("git config --file"));
    EXPECT_EQ(std::system(fix.c_str()), 0) << fix;
    EXPECT_EQ(read(".gitconfig").find("git-credential-pat"), std::string::npos);
}

TEST_F(SetupTest, GivesJson) {
    const Ran ran = Patctl().run({"setup", "git", "--json"});
    EXPECT_TRUE(ran.out.starts_with("{\"helper\":\"/")) << ran.out;
    EXPECT_NE(ran.out.find("\"others\":[]"), std::string::npos);
}

}  // namespace
}  // namespace patd::cli
