// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_file.h"

#include "tests/cli/git_home.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace patd::cli {
namespace {

class GitFileTest : public GitConfigTest {
  protected:
    std::filesystem::path lock() const { return home_ / ".gitconfig.lock"; }
};

TEST_F(GitFileTest, KeepsGitOutWhileItIsHeld) {
    write(".gitconfig", "[a]\n\tb = c\n");
    {
        Result<LockedGitFile> file = LockedGitFile::take(GitScope::Global);
        ASSERT_TRUE(file);
        EXPECT_EQ(file->read().value(), "[a]\n\tb = c\n");
        const Result<void> other = change_git_config(GitScope::Global, {"a.b", "d"});
        EXPECT_NE(other.error().context.find("File exists"), std::string::npos);
        file->replace("[a]\n\tb = e\n").value();
        EXPECT_TRUE(change_git_config(GitScope::Global, {"a.f", "g"}));
    }
    EXPECT_EQ(read(".gitconfig"), "[a]\n\tb = e\n\tf = g\n");
}

TEST_F(GitFileTest, LeavesNothingWhenNothingIsWritten) {
    {
        const Result<LockedGitFile> file = LockedGitFile::take(GitScope::Global);
        ASSERT_TRUE(file);
        EXPECT_TRUE(std::filesystem::exists(lock()));
        EXPECT_FALSE(file->read().value());
        sigset_t blocked;
        pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
        EXPECT_EQ(sigismember(&blocked, SIGINT), 1);
    }
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
    EXPECT_EQ(sigismember(&blocked, SIGINT), 0);
    EXPECT_FALSE(std::filesystem::exists(lock()));
    EXPECT_FALSE(std::filesystem::exists(home_ / ".gitconfig"));
}

// A file that cannot be read to its end would be cut off there.
TEST_F(GitFileTest, IsNotReadInPart) {
    const std::string text = "[a]\n\tb = " + std::string(100'000, 'x') + "\n";
    write(".gitconfig", text);
    const LockedGitFile file = LockedGitFile::take(GitScope::Global).value();
    EXPECT_EQ(file.read().value(), text);
    std::filesystem::remove(home_ / ".gitconfig");
    // Nothing is mapped where it begins, so that it is opened but cannot be read.
    std::filesystem::create_symlink("/proc/self/mem", home_ / ".gitconfig");
    EXPECT_EQ(file.read().error().code, Errc::AccessDenied);
}

TEST_F(GitFileTest, KeepsModeAndLink) {
    write("real", "[b]\n");
    std::filesystem::permissions(home_ / "real", std::filesystem::perms(0640));
    std::filesystem::create_symlink("real", home_ / ".gitconfig");
    LockedGitFile::take(GitScope::Global).value().replace("[a]\n").value();
    EXPECT_TRUE(std::filesystem::is_symlink(home_ / ".gitconfig"));
    EXPECT_EQ(read("real"), "[a]\n");
    EXPECT_EQ(std::filesystem::status(home_ / "real").permissions(), std::filesystem::perms(0640));
}

TEST_F(GitFileTest, IsNotBlockedByAPatctlThatWasKilled) {
    write(".gitconfig", "[a]\n");
    const pid_t killed = fork();
    if (killed == 0) {
        const Result<LockedGitFile> file = LockedGitFile::take(GitScope::Global);
        raise(file ? SIGKILL : SIGTERM);
    }
    int status = 0;
    ASSERT_EQ(waitpid(killed, &status, 0), killed);
    ASSERT_EQ(WTERMSIG(status), SIGKILL);
    ASSERT_TRUE(std::filesystem::exists(lock()));
    LockedGitFile::take(GitScope::Global).value().replace("[b]\n").value();
    EXPECT_EQ(read(".gitconfig"), "[b]\n");
    for (const auto& entry : std::filesystem::directory_iterator(home_))
        EXPECT_EQ(entry.path().string().find("patctl-", home_.string().size()), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(lock()));
}

TEST_F(GitFileTest, TakesNoLockFromAPatctlThatLives) {
    const LockedGitFile held = LockedGitFile::take(GitScope::Global).value();
    LockedGitFile::remove_left(GitScope::Global);
    EXPECT_TRUE(std::filesystem::exists(lock()));
    EXPECT_FALSE(LockedGitFile::take(GitScope::Global));
}

TEST_F(GitFileTest, GivesUpInGitsWordsWhereAnotherHoldsIt) {
    write(".gitconfig.lock", "");
    EXPECT_NE(
        LockedGitFile::take(GitScope::Global).error().context.find("File exists; another git"),
        std::string::npos);
    EXPECT_TRUE(std::filesystem::exists(lock()));
}

}  // namespace
}  // namespace patd::cli
