// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/password/state_directory.h"

#include "tests/support/temporary_directory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace patd::password {
namespace {

constexpr uid_t kSomebody = 1;

class StateDirectoryTest : public testing::Test {
  protected:
    StateDirectory open() const { return StateDirectory::open(directory_.path()).value(); }
    std::string content(const std::string& name) const {
        std::ifstream file(directory_.file(name));
        return {std::istreambuf_iterator<char>(file), {}};
    }
    struct stat status(const std::string& name) const {
        struct stat result {};
        EXPECT_EQ(lstat(directory_.file(name).c_str(), &result), 0);
        return result;
    }
    Errc failure_to_open(const std::string& name) const {
        const auto file = open().open_file(name);
        EXPECT_FALSE(file);
        return file ? Errc::Internal : file.error().code;
    }

    support::TemporaryDirectory directory_;
};

// Rows P21, S1.
TEST_F(StateDirectoryTest, IsUnavailableWhenMissingOrOpenToOthers) {
    EXPECT_FALSE(StateDirectory::open(directory_.file("missing")));
    for (const mode_t mode : {0750U, 0701U, 0777U}) {
        ASSERT_EQ(chmod(directory_.path().c_str(), mode), 0);
        EXPECT_FALSE(StateDirectory::open(directory_.path()));
    }
}

// Row P5.
TEST_F(StateDirectoryTest, IsNotFollowedThroughASymbolicLink) {
    std::filesystem::create_directory(directory_.file("real"));
    std::filesystem::permissions(directory_.file("real"), std::filesystem::perms::owner_all);
    std::filesystem::create_symlink("real", directory_.file("link"));
    EXPECT_TRUE(StateDirectory::open(directory_.file("real")));
    EXPECT_FALSE(StateDirectory::open(directory_.file("link")));
}

TEST_F(StateDirectoryTest, ReplacesAFileInOneStep) {
    ASSERT_TRUE(open().replace_file("1", std::string_view("old")));
    ASSERT_TRUE(open().replace_file("1", std::string_view("new")));
    EXPECT_EQ(content("1"), "new");
    EXPECT_EQ(status("1").st_mode & 07777U, 0600U);
    const std::filesystem::directory_iterator entries(directory_.path());
    EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST_F(StateDirectoryTest, ReplacesWhatAKilledProcessLeftBehind) {
    std::ofstream(directory_.file("1." + std::to_string(getpid()) + ".new")) << "half";
    std::ofstream(directory_.file("2.12345.new")) << "another's half";
    ASSERT_TRUE(open().replace_file("1", std::string_view("new")));
    EXPECT_EQ(content("1"), "new");
    const std::filesystem::directory_iterator entries(directory_.path());
    EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST_F(StateDirectoryTest, LeavesWhatALivingProcessIsWriting) {
    const std::string name = directory_.file("2.12345.new");
    const UniqueFd living(::open(name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    ASSERT_EQ(flock(living.get(), LOCK_EX), 0);
    ASSERT_TRUE(open().replace_file("1", std::string_view("new")));
    EXPECT_TRUE(std::filesystem::exists(name));
}

TEST_F(StateDirectoryTest, KeepsTheOldFileWhenTheNewOneCannotBePutThere) {
    std::filesystem::create_directory(directory_.file("1"));
    EXPECT_FALSE(open().replace_file("1", std::string_view("new")));
    const std::filesystem::directory_iterator entries(directory_.path());
    EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST_F(StateDirectoryTest, ReadsNothingThatOthersCouldHaveWritten) {
    const StateDirectory state = open();
    EXPECT_EQ(failure_to_open("missing"), Errc::NotFound);
    ASSERT_TRUE(state.replace_file("good", std::string_view("x")));
    EXPECT_TRUE(state.open_file("good"));
    std::filesystem::create_symlink("good", directory_.file("link"));
    EXPECT_EQ(failure_to_open("link"), Errc::Corrupt);
    std::filesystem::create_directory(directory_.file("directory"));
    std::filesystem::permissions(directory_.file("directory"), std::filesystem::perms::owner_all);
    EXPECT_EQ(failure_to_open("directory"), Errc::Corrupt);
    ASSERT_EQ(mkfifo(directory_.file("fifo").c_str(), 0600), 0);
    EXPECT_EQ(failure_to_open("fifo"), Errc::Corrupt);
    ASSERT_EQ(chmod(directory_.file("good").c_str(), 0640), 0);
    EXPECT_EQ(failure_to_open("good"), Errc::Corrupt);
}

TEST_F(StateDirectoryTest, LeavesFilesToTheServiceAccountWhenRootWritesThem) {
    ASSERT_EQ(chown(directory_.path().c_str(), kSomebody, kSomebody), 0) << "needs root";
    const StateDirectory state = open();
    EXPECT_EQ(state.owner(), Uid(kSomebody));
    ASSERT_TRUE(state.replace_file("1", std::string_view("x")));
    ASSERT_TRUE(state.open_or_create("lock"));
    ASSERT_TRUE(state.ensure_directory("passwords"));
    for (const char* name : {"1", "lock", "passwords"})
        EXPECT_EQ(status(name).st_uid, kSomebody) << name;
    ASSERT_EQ(chown(directory_.file("1").c_str(), 2, 2), 0);
    EXPECT_EQ(failure_to_open("1"), Errc::Corrupt);
}

TEST_F(StateDirectoryTest, MakesADirectoryOnceAndOpensItAgain) {
    ASSERT_TRUE(open().ensure_directory("passwords"));
    ASSERT_TRUE(open().ensure_directory("passwords"));
    EXPECT_EQ(status("passwords").st_mode & 07777U, 0700U);
}

}  // namespace
}  // namespace patd::password
