// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/database/state_directory.h"

#include "tests/daemon/store/store_fixture.h"

#include <sys/stat.h>
#include <unistd.h>

namespace patd::store::test {
namespace {

// A directory of a uid other than this process's.
std::string foreign_directory(const support::TemporaryDirectory& parent) {
    if (geteuid() != 0)
        return "/";
    std::string path = parent.file("foreign");
    if (mkdir(path.c_str(), 0700) != 0 || chown(path.c_str(), 12345, 0) != 0)
        throw std::runtime_error("foreign_directory");
    return path;
}

class StateDirectoryTest : public ::testing::Test {
  protected:
    StateDirectory open() { return StateDirectory::open(directory_.path()).value(); }

    support::TemporaryDirectory directory_;
};

// Row S1.
TEST_F(StateDirectoryTest, S1_RefusesADirectoryOfSomebodyElse) {
    const std::string path = foreign_directory(directory_);
    const Result<StateDirectory> opened = StateDirectory::open(path);
    EXPECT_EQ(opened.error().code, Errc::AccessDenied);
    EXPECT_NE(opened.error().context.find(path), std::string::npos);
}

// Row S1.
TEST_F(StateDirectoryTest, S1_RefusesAnyModeForGroupOrOthers) {
    for (const mode_t bit : {040U, 020U, 010U, 04U, 02U, 01U}) {
        ASSERT_EQ(chmod(directory_.path().c_str(), 0700 | bit), 0);
        EXPECT_EQ(StateDirectory::open(directory_.path()).error().code, Errc::AccessDenied);
    }
    ASSERT_EQ(chmod(directory_.path().c_str(), 0700), 0);
    open();
}

TEST_F(StateDirectoryTest, RefusesLinksFilesAndNothing) {
    const std::string link = directory_.file("link");
    std::filesystem::create_directory_symlink(directory_.path(), link);
    EXPECT_EQ(StateDirectory::open(link).error().code, Errc::AccessDenied);
    write_file(directory_.file("file"), "");
    EXPECT_EQ(StateDirectory::open(directory_.file("file")).error().code, Errc::AccessDenied);
    EXPECT_EQ(StateDirectory::open(directory_.file("no")).error().code, Errc::Unavailable);
}

// Row S20.
TEST_F(StateDirectoryTest, S20_OnlyOneHoldsTheLock) {
    StateDirectory first = open();
    StateDirectory second = open();
    first.lock().value();
    EXPECT_EQ(second.lock().error().code, Errc::Busy);
    { const StateDirectory gone = std::move(first); }
    EXPECT_TRUE(second.lock());
}

TEST_F(StateDirectoryTest, KnowsTheSizesOfItsOwnPrivateFilesOnly) {
    const StateDirectory directory = open();
    EXPECT_FALSE(directory.size_of("a").value().has_value());
    write_file(directory_.file("a"), "abc");
    EXPECT_EQ(directory.size_of("a").value(), 3U);
    ASSERT_EQ(chmod(directory_.file("a").c_str(), 0604), 0);
    EXPECT_EQ(directory.size_of("a").error().code, Errc::AccessDenied);
    std::filesystem::create_directory(directory_.file("d"));
    EXPECT_EQ(directory.size_of("d").error().code, Errc::AccessDenied);
    std::filesystem::create_symlink("a", directory_.file("l"));
    EXPECT_EQ(directory.size_of("l").error().code, Errc::AccessDenied);
    ASSERT_EQ(mkfifo(directory_.file("f").c_str(), 0600), 0);
    EXPECT_EQ(directory.size_of("f").error().code, Errc::AccessDenied);
}

TEST_F(StateDirectoryTest, ReadsAsMuchOfAFilesStartAsThereIs) {
    const StateDirectory directory = open();
    write_file(directory_.file("a"), "abc");
    std::array<std::uint8_t, 4> bytes{};
    EXPECT_EQ(directory.read_start("a", bytes).value(), 3U);
    EXPECT_EQ(bytes[2], 'c');
    EXPECT_EQ(directory.read_start("a", std::span(bytes).first(2)).value(), 2U);
    EXPECT_EQ(directory.read_start("b", bytes).error().code, Errc::Unavailable);
}

// Row S1.
TEST_F(StateDirectoryTest, S1_MakesFilesOfMode0600WhateverTheUmask) {
    const StateDirectory directory = open();
    for (const mode_t mask : {0U, 0777U}) {
        const mode_t old_umask = umask(mask);
        const Result<void> made = directory.make_file("a");
        umask(old_umask);
        ASSERT_TRUE(made);
        struct stat status {};
        ASSERT_EQ(stat(directory_.file("a").c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 07777, 0600U);
        EXPECT_EQ(directory.make_file("a").error().code, Errc::Unavailable);  // it exists already
        directory.remove_file("a").value();
        directory.remove_file("a").value();
    }
}

TEST_F(StateDirectoryTest, PublishesAFileButNeverOverAnother) {
    const StateDirectory directory = open();
    write_file(directory_.file("new"), "new");
    directory.publish_file("new", "real").value();
    EXPECT_EQ(read_file(directory_.file("real")), "new");
    EXPECT_FALSE(std::filesystem::exists(directory_.file("new")));
    write_file(directory_.file("new"), "newer");
    EXPECT_EQ(directory.publish_file("new", "real").error().code, Errc::Unavailable);
    EXPECT_EQ(read_file(directory_.file("real")), "new");
}

}  // namespace
}  // namespace patd::store::test
