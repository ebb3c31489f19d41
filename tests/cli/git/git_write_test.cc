// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_write.h"

#include "cli/git/git_chain.h"
#include "cli/io/process.h"
#include "tests/cli/git_home.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

namespace patd::cli {
namespace {

constexpr char kHelper[] = "/opt/patd/bin/git-credential-pat";
const std::string kBegin = "# >>> patctl setup git";
const std::string kUndo = "; 'patctl setup git --undo' removes these lines\n";
const std::string kThreeLines =
    "[credential]\n\thelper = \n\thelper = !exec /opt/patd/bin/git-credential-pat\n";
const std::string kEnd = "# <<< patctl setup git\n";
const std::string kNewFile = kBegin + ", which made this file" + kUndo + kThreeLines + kEnd;

std::vector<std::string> origins() {
    std::vector<std::string> origins;
    const std::vector<ConfigLine> lines = read_credential_lines().value();
    for (const char* url : {kSomewhere, "https://git.example/x"}) {
        for (const ConfigLine& line : ask_git(lines, url).value().helpers) {
            if (!is_ours(line))
                origins.push_back(line.scope + " " + line.key + "=" + line.value);
        }
    }
    return origins;
}

TEST_F(GitConfigTest, LeavesOptionsOfTheHelperAsTheyAre) {
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    const std::string narrowed = std::string(kHelper) + " --permission vcs:repository:ro --ttl 5m";
    write(".gitconfig",
          "[credential]\n\thelper = \n\thelper = " + narrowed +
              "\n[credential \"https://git.example\"]\n\thelper = \n\thelper = " + narrowed + "\n");
    const std::string before = read(".gitconfig");
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    EXPECT_EQ(read(".gitconfig"), before);
    EXPECT_TRUE(origins().empty());
}

// As patctl wrote it before, and as people do.
TEST_F(GitConfigTest, LeavesAnotherSpellingAsItIs) {
    const std::string path = kHelper;
    for (const std::string& spelling : {path, "!" + path, "!'" + path + "' --ttl 5m"}) {
        SCOPED_TRACE(spelling);
        const std::string before =
            kBegin + kUndo + "[credential]\n\thelper = \n\thelper = " + spelling + "\n" + kEnd;
        write(".gitconfig", before);
        ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
        EXPECT_EQ(read(".gitconfig"), before);
        EXPECT_TRUE(undo_setup(GitScope::Global).value());
        EXPECT_EQ(read(".gitconfig"), "");
    }
}

// Row C8.
TEST_F(GitConfigTest, WritesTheThreeLines) {
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    EXPECT_EQ(read(".gitconfig"), kNewFile);
}

TEST_F(GitConfigTest, ASecondRunChangesNothing) {
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    const std::string once = read(".gitconfig");
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    EXPECT_EQ(read(".gitconfig"), once);
}

TEST_F(GitConfigTest, KeepsWhatElseIsThereAndGoesLast) {
    write(".gitconfig", "[user]\n\tname = Alice\n[credential]\n\thelper = store\n");
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    EXPECT_EQ(read(".gitconfig"), "[user]\n\tname = Alice\n[credential]\n\thelper = store\n" +
                                      kBegin + kUndo + kThreeLines + kEnd);
    EXPECT_TRUE(origins().empty());
}

TEST_F(GitConfigTest, ReplacesAHelperThatMoved) {
    ASSERT_TRUE(write_helper(GitScope::Global, "/old/place/git-credential-pat"));
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    EXPECT_EQ(read(".gitconfig").find("/old/place"), std::string::npos);
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    const std::string text = read(".gitconfig");
    EXPECT_EQ(text.find(kHelper), text.rfind(kHelper));
}

TEST_F(GitConfigTest, GoesLastAgainWhenAnotherHelperWasAddedLater) {
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    ASSERT_EQ(run_process({"git", "config", "--global", "--add", "credential.helper", "cache"})
                  .value()
                  .status,
              0);
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    EXPECT_TRUE(origins().empty());
    const std::string text = read(".gitconfig");
    EXPECT_EQ(text.find(kHelper), text.rfind(kHelper));
}

TEST_F(GitConfigTest, WritesTheSystemConfiguration) {
    ASSERT_TRUE(write_helper(GitScope::System, kHelper));
    EXPECT_NE(read("system").find(kHelper), std::string::npos);
    EXPECT_EQ(read(".gitconfig"), "");
}

// Row C8.
TEST_F(GitConfigTest, NamesTheHelpersThatStandAfterOurs) {
    write(".gitconfig",
          "[credential]\n\thelper = store\n[credential \"https://git.example\"]\n"
          "\thelper = cache\n");
    ASSERT_TRUE(write_helper(GitScope::System, kHelper));
    EXPECT_EQ(origins(), (std::vector<std::string>{"global credential.helper=store",
                                                   "global credential.helper=store",
                                                   "global credential.https://git.example.helper="
                                                   "cache"}));
}

TEST_F(GitConfigTest, ReportsAConfigurationThatCannotBeWritten) {
    std::filesystem::create_directory(home_ / ".gitconfig");
    EXPECT_FALSE(write_helper(GitScope::Global, kHelper));
}

// A place that has helpers of its own keeps them.
class GitSetupPlaces : public GitConfigTest {
  protected:
    using GitConfigTest::GitConfigTest;
    static std::string asked(const std::string& url) {
        return name_chain(ask_git(read_credential_lines().value(), url).value().helpers);
    }
};

TEST_F(GitSetupPlaces, KeepTheirHelpersWhereverTheyStand) {
    const std::string gh =
        "[credential \"https://github.com\"]\n\thelper = \n\thelper = !gh auth git-credential\n";
    const std::string store = "[credential]\n\thelper = store\n";
    for (const std::string& text : {gh, gh + store, store + gh, gh + "[user]\n\tname = x\n"}) {
        write(".gitconfig", text);
        ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
        EXPECT_EQ(asked("https://github.com/a"), "gh alone") << read(".gitconfig");
        EXPECT_EQ(asked(kSomewhere), "patd alone") << read(".gitconfig");
        const std::string once = read(".gitconfig");
        ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
        EXPECT_EQ(read(".gitconfig"), once);
    }
}

TEST_F(GitSetupPlaces, OfTheSystemConfigurationKeepTheirHelpersToo) {
    write("system", "[credential \"https://github.com\"]\n\thelper = gh\n");
    write(".gitconfig", "[credential]\n\thelper = store\n");
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    EXPECT_EQ(asked("https://github.com/a"), "gh alone");
}

TEST_F(GitSetupPlaces, GoToPatdWhenAsked) {
    write(".gitconfig",
          "[credential \"https://github.com\"]\n\thelper =\n\thelper = gh\n"
          "\tusername = alice\n");
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    ASSERT_TRUE(write_helper_for(GitScope::Global, kHelper, "https://github.com"));
    EXPECT_EQ(asked("https://github.com/a"), "patd alone");
    EXPECT_EQ(asked("https://gist.github.com/a"), "patd alone");
    EXPECT_NE(read(".gitconfig").find("username = alice"), std::string::npos);
    const std::string once = read(".gitconfig");
    ASSERT_TRUE(write_helper_for(GitScope::Global, kHelper, "https://github.com"));
    EXPECT_EQ(read(".gitconfig"), once);
}

TEST_F(GitSetupPlaces, AreReachedBehindAnIncludedFileToo) {
    write("inc", "[credential]\n\thelper = store\n");
    write(".gitconfig",
          "[credential \"https://github.com\"]\n\thelper =\n\thelper = gh\n"
          "[credential]\n\thelper = cache\n[include]\n\tpath = inc\n");
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    EXPECT_EQ(asked(kSomewhere), "patd alone") << read(".gitconfig");
    EXPECT_EQ(asked("https://github.com/a"), "gh alone") << read(".gitconfig");
    EXPECT_EQ(read("inc"), "[credential]\n\thelper = store\n");
}

TEST_F(GitSetupPlaces, ACommandOfAnIncludedFileIsNotCopied) {
    const std::string command =
        "[credential \"https://git.example\"]\n\thelper = !f() { echo "
        "password=hunter2; }; f\n";
    write("inc", command);
    const std::string text = "[include]\n\tpath = inc\n[credential]\n\thelper = store\n";
    write(".gitconfig", text);
    const Result<void> written = write_helper(GitScope::Global, kHelper);
    EXPECT_EQ(written.error().context,
              "credential.https://git.example.helper in " + (home_ / "inc").string() +
                  " is a shell command and would be copied into another file; move the include "
                  "after patd's lines, or remove it");
    EXPECT_EQ(read(".gitconfig"), text);
    write("system", text);
    write(".gitconfig", "");
    EXPECT_FALSE(write_helper(GitScope::System, kHelper));
    EXPECT_EQ(read("system"), text);
    // The main file itself may have one.
    write(".gitconfig", command);
    write("system", "");
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    EXPECT_EQ(asked("https://git.example/a"), "a shell command alone");
}

TEST_F(GitSetupPlaces, WhatAConditionIncludesHereIsNotWrittenForAll) {
    write("work.inc",
          "[credential]\n\thelper = oauth\n[credential \"https://github.com\"]\n\thelper = work\n"
          "[credential \"https://git.example\"]\n\thelper = !echo password=hunter2\n");
    write(".gitconfig", "[includeIf \"gitdir:~/team/\"]\n\tpath = work.inc\n");
    ASSERT_EQ(run_process({"git", "init", "-q", "team/repo"}).value().status, 0);
    std::filesystem::current_path(home_ / "team/repo");
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    for (const char* url : {kSomewhere, "https://github.com/a", "https://git.example/x"})
        EXPECT_EQ(asked(url), "patd alone") << read(".gitconfig");
    std::filesystem::current_path(home_);
    for (const char* url : {kSomewhere, "https://github.com/a", "https://git.example/x"})
        EXPECT_EQ(asked(url), "patd alone") << read(".gitconfig");
}

TEST_F(GitSetupPlaces, WhatAConditionForgetsHereIsPatdsAgain) {
    write("work.inc", "[credential]\n\thelper =\n\thelper = store\n");
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    ASSERT_TRUE(write_helper_for(GitScope::Global, kHelper, "https://github.com"));
    write(".gitconfig", read(".gitconfig") + "[includeIf \"gitdir:~/team/\"]\n\tpath = work.inc\n");
    ASSERT_EQ(run_process({"git", "init", "-q", "team/repo"}).value().status, 0);
    std::filesystem::current_path(home_ / "team/repo");
    EXPECT_EQ(asked(kSomewhere), "store alone");
    ASSERT_TRUE(write_helper_for(GitScope::Global, kHelper, "https://github.com"));
    EXPECT_EQ(asked("https://github.com/a"), "patd alone") << read(".gitconfig");
    EXPECT_EQ(asked(kSomewhere), "store alone");
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    EXPECT_EQ(asked(kSomewhere), "patd alone");
}

// A file that may not grow, as on a full disk.
class FullDisk {
  public:
    FullDisk() : before_(signal(SIGXFSZ, SIG_IGN)) {
        getrlimit(RLIMIT_FSIZE, &limit_);
        const rlimit none{8, limit_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &none);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;
    ~FullDisk() {
        setrlimit(RLIMIT_FSIZE, &limit_);
        signal(SIGXFSZ, before_);
    }

  private:
    void (*before_)(int);
    rlimit limit_{};
};

TEST_F(GitSetupPlaces, AWriteThatIsCutOffChangesNothing) {
    const std::string text =
        "[credential]\n\thelper = oauth\n[credential \"https://git.example\"]\n\thelper = gh\n";
    write(".gitconfig", text);
    bool general = true;
    bool place = true;
    {
        const FullDisk full;
        general = write_helper(GitScope::Global, kHelper).has_value();
        place = write_helper_for(GitScope::Global, kHelper, "https://git.example").has_value();
    }
    EXPECT_FALSE(general || place);
    EXPECT_EQ(read(".gitconfig"), text);
    EXPECT_FALSE(std::filesystem::exists(home_ / ".gitconfig.lock"));
}

// An older patctl that was cut off has left it, perhaps as the only copy.
TEST_F(GitSetupPlaces, ASectionThatIsNotOursStaysAsItIs) {
    const std::string left = "[patd-new]\n\thelper = gh\n";
    write(".gitconfig", left);
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    EXPECT_TRUE(read(".gitconfig").starts_with(left)) << read(".gitconfig");
    EXPECT_EQ(asked(kSomewhere), "patd alone");
}

// Wherever a run is cut off, git asks whom it asked before or whom it is to ask, and the next run
// makes what one alone would have made. From the nth git on, none runs any more.
TEST_F(GitSetupPlaces, ARunThatIsCutOffLeavesTheOldOrTheNew) {
    const std::string text =
        "[credential]\n\thelper = store\n\thelper = oauth\n"
        "[credential \"https://github.com\"]\n\thelper = gh\n"
        "[credential]\n\thelper = /old/git-credential-pat";  // without a line's end
    write(".gitconfig", text);
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    const std::string whole = read(".gitconfig");
    EXPECT_EQ(asked(kSomewhere), "patd, then oauth") << whole;
    const std::string old = "store, then oauth, then patd";
    std::filesystem::create_directory(home_ / "bin");
    write(
        "bin/git",
        "#!/bin/sh\nPATH=${PATH#*:}\nleft=$(cat \"$HOME/left\")\n[ \"$left\" -gt 0 ] || exit 137\n"
        "echo $((left - 1)) >\"$HOME/left\"\nexec git \"$@\"\n");
    std::filesystem::permissions(home_ / "bin/git", std::filesystem::perms::owner_all);
    const std::string path = getenv("PATH");
    bool done = false;
    for (int gits = 0; !done && gits < 100; ++gits) {
        SCOPED_TRACE(gits);
        write(".gitconfig", text);
        write("left", std::to_string(gits));
        setenv("PATH", ((home_ / "bin").string() + ":" + path).c_str(), 1);
        done = write_helper(GitScope::Global, kHelper).has_value();
        setenv("PATH", path.c_str(), 1);
        EXPECT_TRUE(read(".gitconfig") == text || read(".gitconfig") == whole)
            << read(".gitconfig");
        const std::string now = asked(kSomewhere);
        EXPECT_TRUE(now == old || now == "patd, then oauth") << now;
        EXPECT_EQ(asked("https://github.com/a"), now == old
                                                     ? "store, then oauth, then gh, then patd"
                                                     : "patd, then oauth, then gh");
        EXPECT_TRUE(write_helper(GitScope::Global, kHelper));
        EXPECT_EQ(read(".gitconfig"), whole);
    }
    EXPECT_TRUE(done);
}

TEST_F(GitSetupPlaces, ACommandOfOursStaysAndIsForgotten) {
    write(".gitconfig", "[credential]\n\thelper = !pat && echo password=hunter2\n");
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    EXPECT_NE(read(".gitconfig").find("hunter2"), std::string::npos);
    EXPECT_EQ(asked(kSomewhere), "patd alone");
    const std::string once = read(".gitconfig");
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    EXPECT_EQ(read(".gitconfig"), once);
}

TEST_F(GitSetupPlaces, AreWrittenWhereGitTraces) {
    write(".gitconfig", "[credential]\n\thelper = oauth\n");
    setenv("GIT_TRACE", "1", 1);
    const bool written = write_helper(GitScope::Global, kHelper).has_value();
    unsetenv("GIT_TRACE");
    EXPECT_TRUE(written);
}

TEST_F(GitSetupPlaces, AGeneratorStaysBehindPatd) {
    write(".gitconfig", "[credential]\n\thelper = cache --timeout 21600\n\thelper = oauth\n");
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    EXPECT_EQ(asked(kSomewhere), "patd, then oauth");
    const std::string once = read(".gitconfig");
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    EXPECT_EQ(read(".gitconfig"), once);
}

TEST_F(GitSetupPlaces, AFileThatIsNotThereIsMadeWhereALinkLeads) {
    std::filesystem::create_symlink("real", home_ / ".gitconfig");
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    EXPECT_TRUE(std::filesystem::is_symlink(home_ / ".gitconfig"));
    EXPECT_EQ(read("real"), kNewFile);
}

// git puts another in its place.
TEST_F(GitSetupPlaces, AFileThatIsOnlyReadIsWritten) {
    write(".gitconfig", "[credential]\n\thelper = store\n");
    std::filesystem::permissions(home_ / ".gitconfig", std::filesystem::perms::owner_read);
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    EXPECT_EQ(asked(kSomewhere), "patd alone");
    EXPECT_EQ(std::filesystem::status(home_ / ".gitconfig").permissions(),
              std::filesystem::perms::owner_read);
}

TEST_F(GitSetupPlaces, ALinkedFileStaysALink) {
    write("real", "[credential]\n\thelper = store\n");
    std::filesystem::create_symlink("real", home_ / ".gitconfig");
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    EXPECT_TRUE(std::filesystem::is_symlink(home_ / ".gitconfig"));
    EXPECT_EQ(asked(kSomewhere), "patd alone");
    std::filesystem::permissions(
        home_ / "real", std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    ASSERT_TRUE(write_helper_for(GitScope::Global, kHelper, "https://git.example"));
    EXPECT_TRUE(std::filesystem::is_symlink(home_ / ".gitconfig"));
    EXPECT_EQ(std::filesystem::status(home_ / "real").permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

// A home that everybody may reach wherever TMPDIR is: modes decide here.
class GitSetupReaders : public GitSetupPlaces {
  protected:
    GitSetupReaders() : GitSetupPlaces("/tmp") {}

    void allow(const char* name, unsigned mode) const {
        std::filesystem::permissions(home_ / name, static_cast<std::filesystem::perms>(mode));
    }
    const std::string command_ =
        "[credential \"https://git.example\"]\n\thelper = !echo password=hunter2\n";
};

TEST_F(GitSetupReaders, ACommandOfTheSystemIsCopiedWhereThatShowsItToNobody) {
    write("system", command_);
    allow(".", 0755);
    allow("system", 0640);
    EXPECT_EQ(write_helper(GitScope::Global, kHelper).error().context,
              "credential.https://git.example.helper in " + (home_ / "system").string() +
                  " is a shell command and would be copied into another file; set up git for "
                  "the whole machine:\n    sudo patctl setup git --system");
    EXPECT_EQ(read(".gitconfig"), "");
    ASSERT_TRUE(write_helper(GitScope::System, kHelper));
    EXPECT_EQ(asked("https://git.example/x"), "a shell command alone");
    for (const bool is_home_public : {true, false}) {
        write("system", command_);
        allow("system", is_home_public ? 0644 : 0600);
        allow(".", is_home_public ? 0755 : 0700);
        std::filesystem::remove(home_ / ".gitconfig");
        ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
        EXPECT_EQ(asked("https://git.example/x"), "a shell command alone");
        EXPECT_EQ(asked(kSomewhere), "patd alone");
    }
}

TEST_F(GitSetupReaders, ACommandOfAMorePrivateFileOfTheUserIsNotCopied) {
    std::filesystem::create_directories(home_ / ".config/git");
    write(".config/git/config", command_);
    write(".gitconfig", "[user]\n\tname = x\n");
    allow(".", 0701);
    allow(".config", 0700);
    allow(".gitconfig", 0644);
    const Result<void> written = write_helper(GitScope::Global, kHelper);
    EXPECT_TRUE(written.error().context.ends_with("move its lines to " +
                                                  (home_ / ".gitconfig").string() + " first"))
        << written.error().context;
    allow(".gitconfig", 0600);
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    EXPECT_EQ(asked("https://git.example/x"), "a shell command alone");
}

// What is written is the file behind a link, wherever that is.
TEST_F(GitSetupReaders, ACommandIsNotCopiedBehindALinkToWhereOthersRead) {
    for (const char* name : {"private", "public"})
        std::filesystem::create_directory(home_ / name);
    allow(".", 0755);
    allow("private", 0700);
    allow("public", 0755);
    write("system", command_);
    allow("system", 0600);
    std::filesystem::create_symlink("../public/shared", home_ / "private/.gitconfig");
    setenv("HOME", (home_ / "private").c_str(), 1);
    EXPECT_FALSE(write_helper(GitScope::Global, kHelper)) << "a file that is not there yet";
    write("public/shared", "[user]\n\tname = x\n");
    EXPECT_FALSE(write_helper(GitScope::Global, kHelper));
    EXPECT_EQ(read("public/shared"), "[user]\n\tname = x\n");
    // A link to a private file does no harm, wherever it is.
    std::filesystem::rename(home_ / "private/.gitconfig", home_ / "public/.gitconfig");
    std::filesystem::rename(home_ / "public/shared", home_ / "private/shared");
    std::filesystem::remove(home_ / "public/.gitconfig");
    std::filesystem::create_symlink("../private/shared", home_ / "public/.gitconfig");
    setenv("HOME", (home_ / "public").c_str(), 1);
    EXPECT_TRUE(write_helper(GitScope::Global, kHelper));
}

TEST_F(GitSetupReaders, ACommandIsNotCopiedToWhereAGroupReads) {
    write("system", command_);
    allow("system", 0600);
    write(".gitconfig", "[user]\n\tname = x\n");
    allow(".gitconfig", 0640);
    for (const unsigned mode : {0710U, 0750U, 0701U, 0711U}) {
        allow(".", mode);
        EXPECT_FALSE(write_helper(GitScope::Global, kHelper)) << mode;
    }
    // Nor from where the group may not.
    allow(".gitconfig", 0644);
    allow("system", 0604);
    allow(".", 0755);
    EXPECT_FALSE(write_helper(GitScope::Global, kHelper));
    allow(".", 0700);
    EXPECT_TRUE(write_helper(GitScope::Global, kHelper));
}

TEST_F(GitSetupPlaces, OthersAreKeptBehindPatdWhereThatIsWanted) {
    write(".gitconfig", "[credential]\n\thelper = cache\n\thelper = store\n");
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper, Others::Kept));
    EXPECT_EQ(asked(kSomewhere), "patd, then cache, then store");
    const std::string once = read(".gitconfig");
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper, Others::Kept));
    EXPECT_EQ(read(".gitconfig"), once);
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    EXPECT_EQ(asked(kSomewhere), "patd alone");
}

// Both look, and both write.
TEST_F(GitSetupPlaces, TwoAtOnceWriteWhatOneWrites) {
    const std::string text =
        "[credential]\n\thelper = store\n[credential \"https://github.com\"]\n\thelper = gh\n";
    write(".gitconfig", text);
    ASSERT_TRUE(write_helper(GitScope::Global, kHelper));
    const std::string alone = read(".gitconfig");
    for (int round = 0; round < 5; ++round) {
        write(".gitconfig", text);
        std::vector<pid_t> children;
        for (int i = 0; i < 4; ++i) {
            const pid_t child = fork();
            if (child == 0)
                _exit(write_helper(GitScope::Global, kHelper) ? 0 : 1);
            children.push_back(child);
        }
        int successes = 0;
        for (const pid_t child : children) {
            int status = 0;
            ASSERT_EQ(waitpid(child, &status, 0), child);
            successes += WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 1 : 0;
        }
        // Where the machine is slow, one that waits may give up.
        EXPECT_GT(successes, 0);
        EXPECT_EQ(read(".gitconfig"), alone);
        EXPECT_FALSE(std::filesystem::exists(home_ / ".gitconfig.lock"));
    }
}

}  // namespace
}  // namespace patd::cli
