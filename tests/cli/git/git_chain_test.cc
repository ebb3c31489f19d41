// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_chain.h"

#include "cli/io/process.h"
#include "common/line/helper_command.h"
#include "tests/cli/git_home.h"

namespace patd::cli {
namespace {

class GitChain : public GitHome {
  protected:
    void configure(const std::string& text) const { std::ofstream(home_ / ".gitconfig") << text; }
    static std::string asked(const std::string& url) {
        const Asked asked = ask_git(read_credential_lines().value(), url).value();
        std::string text;
        for (const ConfigLine& line : asked.helpers)
            text += line.value + " ";
        return text + (asked.tells_path ? "path" : "");
    }
};

TEST_F(GitChain, IsWhatGitSaysOfPlacesAndOfWhatIsForgotten) {
    configure(
        "[credential]\n\thelper = store\n"
        "[credential \"https://github.com\"]\n\thelper =\n\thelper = gh\n"
        "[credential \"https://git.example:8443\"]\n\thelper = port\n"
        "[credential \"https://alice@git.example\"]\n\thelper = alice\n"
        "[credential \"https://*.corp.example\"]\n\thelper = corp\n"
        "[credential \"https://git.example/team\"]\n\tuseHttpPath = true\n");
    EXPECT_EQ(asked(kSomewhere), "store ");
    EXPECT_EQ(asked("https://github.com/a/b"), "gh ");
    EXPECT_EQ(asked("https://git.example/a"), "store ");
    EXPECT_EQ(asked("https://git.example/team/a"), "store path");
    EXPECT_EQ(asked("https://git.example:8443/a"), "store port ");
    EXPECT_EQ(asked("https://alice@git.example/a"), "store alice ");
    EXPECT_EQ(asked("https://git.corp.example/a"), "store corp ");
}

// A helper of somebody else's is a program: asking must not run it, whatever it is.
TEST_F(GitChain, RunsNoneOfTheHelpers) {
    configure(
        "[credential]\n\thelper = \"!touch ran; true\"\n"
        "\thelper = /bin/sh -c 'touch ran'\n");
    EXPECT_NE(asked(kSomewhere), "");
    EXPECT_FALSE(std::filesystem::exists(home_ / "ran"));
}

TEST_F(GitChain, KnowsIncludesConditionsRepositoriesAndTheEnvironment) {
    configure("[includeIf \"gitdir:~/repos/\"]\n\tpath = repos.inc\n");
    std::ofstream(home_ / "repos.inc") << "[credential]\n\thelper = repos\n";
    ASSERT_EQ(system("git init -q repos && git -C repos config credential.helper local && "
                     "git -C repos config extensions.worktreeConfig true && "
                     "git -C repos config --worktree credential.helper worktree"),
              0);
    EXPECT_EQ(asked(kSomewhere), "");
    std::filesystem::current_path(home_ / "repos");
    EXPECT_EQ(asked(kSomewhere), "repos local worktree ");
    setenv("GIT_CONFIG_COUNT", "1", 1);
    setenv("GIT_CONFIG_KEY_0", "credential.helper", 1);
    setenv("GIT_CONFIG_VALUE_0", "env", 1);
    EXPECT_EQ(asked(kSomewhere), "repos local worktree env ");
    for (const char* name : {"GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_0", "GIT_CONFIG_VALUE_0"})
        unsetenv(name);
}

TEST_F(GitChain, ReadsTheConfigurationOfXdg) {
    std::filesystem::create_directories(home_ / ".config/git");
    std::ofstream(home_ / ".config/git/config") << "[credential]\n\thelper = xdg\n";
    EXPECT_EQ(asked(kSomewhere), "xdg ");
}

// Programs of that name which tell that they were run.
class GitRuns : public GitChain {
  protected:
    GitRuns() : path_(getenv("PATH")) {
        for (const char* folder : {"bin", "my programs"}) {
            std::filesystem::create_directory(home_ / folder);
            const std::filesystem::path program = home_ / folder / "git-credential-pat";
            std::ofstream(program) << "#!/bin/sh\necho \"git-credential-pat $*\" >>\"$HOME/ran\"\n"
                                      "echo username=x\necho password=x\n";
            std::filesystem::permissions(program, std::filesystem::perms::owner_all);
        }
        setenv("PATH", ((home_ / "bin").string() + ":" + path_).c_str(), 1);
        setenv("GIT_TERMINAL_PROMPT", "0", 1);
    }
    ~GitRuns() override {
        setenv("PATH", path_.c_str(), 1);
        unsetenv("GIT_TERMINAL_PROMPT");
    }
    // What the real git ran.
    std::string ran(const std::string& value) const {
        std::filesystem::remove(home_ / "ran");
        configure("");
        (void)run_process({"git", "config", "--global", "credential.helper", value}).value();
        (void)run_process({"git", "credential", "fill"}, {.input = "url=https://git.example\n"});
        return read("ran");
    }

  private:
    std::string path_;
};

TEST_F(GitRuns, OursAndNothingElseWhereTheHelperIsOurs) {
    const std::string home = home_.string();
    struct {
        std::string value;
        bool ours;
    } const rows[] = {
        {"pat", true},
        {"pat --ttl 5m", true},
        {"'pat'", true},
        {home + "/bin/git-credential-pat", true},
        {home + "/my\\ programs/git-credential-pat --ttl 5m", true},
        {"!git-credential-pat", true},
        {"!git credential-pat", true},
        {"!bin/git-credential-pat", true},
        {line::format_helper(home + "/bin/git-credential-pat"), true},
        {line::format_helper(home + "/my programs/git-credential-pat") + " --ttl 5m", true},
        {"!exec git-credential-pat", true},
        {"!exec git credential-pat", true},
        {"!~/bin/git-credential-pat", true},
        {"!'" + home + "/my programs/git-credential-pat' --ttl 5m", true},
        {"git-credential-pat", false},
        {"credential-pat", false},
        {"bin/git-credential-pat", false},
        {"~/bin/git-credential-pat", false},
        {home + "/my programs/git-credential-pat", false},
        {"!pat", false},
        {"exec " + home + "/bin/git-credential-pat", false},
        {"!exec", false},
        {"!exec exec " + home + "/bin/git-credential-pat", false},
        {"!exec x=/git-credential-pat true", false},
        {"!x=/git-credential-pat true", false},
        {"!true bin/git-credential-pat", false},
        {"!git-credential-pat # ", false},
    };
    for (const auto& row : rows) {
        const std::string said = ran(row.value);
        const bool got =
            said == "git-credential-pat get\n" || said == "git-credential-pat --ttl 5m get\n";
        EXPECT_EQ(got, row.ours) << row.value << ": " << said;
        EXPECT_EQ(is_ours(read_credential_lines().value().front()), got) << row.value;
    }
}

TEST_F(GitChain, AsksAboutNoMoreLinesThanOneQuestionMayHold) {
    const std::vector<ConfigLine> lines(401, {"global", "file:/g", "credential.helper", "x"});
    EXPECT_EQ(ask_git(lines, kSomewhere).error().code, Errc::LimitExceeded);
}

TEST(KeysOfPlaces, GiveAUrlInTheirPlace) {
    EXPECT_EQ(url_of_key("credential.https://github.com.helper"), "https://github.com");
    EXPECT_EQ(url_of_key("credential.git.example:8443.helper"), "https://git.example:8443");
    EXPECT_EQ(url_of_key("credential.https://*.corp.example.helper"), "https://x.corp.example");
    EXPECT_EQ(url_of_key("credential.https://.helper"), "https://host.invalid");
}

TEST(ChainWords, NameHelpersAndNoShellCommand) {
    const auto line = [](const std::string& value) {
        return ConfigLine{"global", "file:/g", "credential.helper", value};
    };
    EXPECT_EQ(name_chain({}), "nobody");
    EXPECT_EQ(name_chain({line("!/usr/bin/gh auth git-credential")}), "gh alone");
    EXPECT_EQ(name_chain({line("/usr/bin/git-credential-pat --ttl 5m"), line("store"),
                          line("!echo password=x")}),
              "patd, then store, then a shell command");
    EXPECT_EQ(describe(line("!echo password=x")).find("password"), std::string::npos);
    EXPECT_NE(describe(line("!exec /gone/git-credential-pat")).find("/gone/"), std::string::npos);
    for (const char* value : {"oauth", "/usr/bin/git-credential-oauth -device",
                              "!/usr/bin/gh auth git-credential", "!glab auth git-credential"})
        EXPECT_TRUE(keeps_nothing(line(value))) << value;
    for (const char* value : {"store", "cache", "manager", "libsecret", "!gh-like", "!echo gh"})
        EXPECT_FALSE(keeps_nothing(line(value))) << value;
    EXPECT_NE(
        describe_other(line("git-credential-pat"))
            .find("(file:/g), for which it runs 'git credential-git-credential-pat': its name is "
                  "what follows git-credential-"),
        std::string::npos)
        << describe_other(line("git-credential-pat"));
    EXPECT_EQ(name_chain({line("git-credential-pat"), line("/opt/git-credential-x")}),
              "git credential-git-credential-pat, then x");
}

}  // namespace
}  // namespace patd::cli
