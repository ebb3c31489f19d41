// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_sends.h"

#include "cli/io/process.h"
#include "tests/cli/git_home.h"

namespace patd::cli {
namespace {

class GitSends : public GitHome {
  protected:
    void write(const char* name, const std::string& text) const {
        std::ofstream(home_ / name) << text;
    }
    void configure(const std::string& text) const { write(".gitconfig", text); }
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

// git sends every value of the lines that hold, in their order, and none that an empty one forgot.
TEST_F(GitSends, TheAuthorizationOfAHeaderAmongOthers) {
    const std::string secret = "\textraHeader = \"Authorization: Basic hunter2\"\n";
    const std::string other = "\textraHeader = X-Trace: 1\n";
    const std::string host = "[http \"https://git.example/\"]\n";
    for (const std::string& text : {"[http]\n" + secret + other, "[http]\n" + other + secret,
                                    "[http]\n" + secret + host + other,
                                    "[http]\n" + secret + "[http \"http://x/\"]\n" + other,
                                    host + "\textraHeader =\n" + secret + other,
                                    std::string("[http \"https://git.example/a\\\"\\\\b\"]\n") +
                                        other + "[http]\n" + secret}) {
        configure(text);
        EXPECT_EQ(find_sent("https://git.example/team"), Sent::Header) << text;
    }
    // A line for less than one that was read before does not hold, and an empty one forgets.
    for (const std::string& text :
         {host + other + "[http]\n" + secret, "[http]\n" + secret + "\textraHeader =\n" + other,
          "[http]\n" + secret + host + "\textraHeader =\n"}) {
        configure(text);
        EXPECT_EQ(find_sent("https://git.example/team"), std::nullopt) << text;
    }
    // Nor does one of the environment come later than it does for git.
    configure("[http]\n\textraHeader =\n");
    setenv("GIT_CONFIG_COUNT", "1", 1);
    setenv("GIT_CONFIG_KEY_0", "http.extraHeader", 1);
    setenv("GIT_CONFIG_VALUE_0", "Authorization: Basic hunter2", 1);
    const std::optional<Sent> sent = find_sent("https://git.example/team");
    unsetenv("GIT_CONFIG_COUNT");
    EXPECT_EQ(sent, Sent::Header);
}

// Only what git does over HTTP has headers.
TEST_F(GitSends, NoHeaderToAnotherProtocol) {
    configure(
        "[http]\n\textraHeader = \"Authorization: Basic hunter2\"\n"
        "[url \"ssh://git@forge.example/\"]\n\tinsteadOf = https://forge.example/\n");
    EXPECT_EQ(find_sent("https://forge.example/team"), Sent::AnotherUrl);
}

// As `git clone https://host/` has it.
TEST_F(GitSends, OfAHostAlsoWithoutTheSlash) {
    configure(
        "[url \"https://bob:hunter2@forge.example/\"]\n\tinsteadOf = https://forge.example/\n");
    EXPECT_EQ(find_sent("https://forge.example"), Sent::Password);
    EXPECT_EQ(find_sent("https://git.example"), std::nullopt);
}

// A token can be the user name, with an empty password, which git sends, or without one.
TEST_F(GitSends, NoUserNameComesIntoACommandLine) {
    std::filesystem::create_directory(home_ / "bin");
    write("bin/git", "#!/bin/sh\nPATH=${PATH#*:}\necho \"$*\" >>\"$HOME/seen\"\nexec git \"$@\"\n");
    std::filesystem::permissions(home_ / "bin/git", std::filesystem::perms::owner_all);
    const std::string path = getenv("PATH");
    setenv("PATH", ((home_ / "bin").string() + ":" + path).c_str(), 1);
    for (const char* user : {"hunter2@", "hunter2:@", ":hunter2@", "x@hunter2@"}) {
        configure(std::string("[url \"https://") + user +
                  "forge.example/\"]\n\tinsteadOf = https://forge.example/\n"
                  "[http]\n\textraHeader = \"Authorization: x\"\n");
        const bool has_password = std::string(user).find(':') != std::string::npos;
        EXPECT_EQ(find_sent("https://forge.example/x"),
                  has_password ? Sent::Password : Sent::Header)
            << user;
    }
    setenv("PATH", path.c_str(), 1);
    EXPECT_NE(read("seen").find("https://forge.example/x"), std::string::npos) << read("seen");
    EXPECT_EQ(read("seen").find("hunter2"), std::string::npos) << read("seen");
}

TEST_F(GitSends, AnotherUrlWhereOneStandsInsteadOfThisOne) {
    configure(
        "[url \"ssh://git@forge.example/\"]\n\tinsteadOf = https://forge.example/\n"
        "[url \"https://bob@git.example/\"]\n\tinsteadOf = https://git.example/\n");
    EXPECT_EQ(find_sent("https://forge.example/team"), Sent::AnotherUrl);
    EXPECT_EQ(find_sent("https://git.example/team"), Sent::AnotherUrl);
}

TEST_F(GitSends, IsToldWithTheCommandThatShowsWhereItStands) {
    EXPECT_EQ(
        describe(Sent::Header),
        "git, run here, sends the Authorization of http.extraHeader before it asks any helper");
    configure(
        "[url \"https://bob@git.example/\"]\n\tinsteadOf = https://git.example/\n"
        "[http]\n\textraHeader = \"Authorization: x\"\n");
    for (const Sent sent : {Sent::Password, Sent::Header, Sent::AnotherUrl})
        EXPECT_EQ(run_process({"sh", "-c", fix_sent(sent)}).value().output,
                  "file:" + (home_ / ".gitconfig").string() + "\n")
            << describe(sent);
}

}  // namespace
}  // namespace patd::cli
