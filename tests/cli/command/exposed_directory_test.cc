// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/exposed_directory.h"

#include "tests/support/exposed_socket.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace patd::cli {
namespace {

using support::connect_to;

class ExposedDirectory : public testing::Test {
  protected:
    std::string directory() const { return directory_.path(); }
    std::string reason(const std::string& path) {
        const Result<std::string> found = find_socket_path(path);
        return found ? "" : found.error().context;
    }
    static mode_t mode_of(const std::string& path) {
        struct stat status {};
        EXPECT_EQ(lstat(path.c_str(), &status), 0);
        return status.st_mode & 07777U;
    }

    support::TemporaryDirectory directory_;
};

TEST_F(ExposedDirectory, GivesTheAbsolutePathOfTheSocket) {
    const std::string expected = std::filesystem::canonical(directory()).string() + "/socket";
    EXPECT_EQ(find_socket_path(directory()).value(), expected);
    EXPECT_EQ(find_socket_path(directory() + "/./").value(), expected);
    std::filesystem::create_directory_symlink(directory(), directory() + "/link");
    EXPECT_EQ(find_socket_path(directory() + "/link").value(), expected);
}

TEST_F(ExposedDirectory, MustBeTheCallersOwnAndWritableByNobodyElse) {
    EXPECT_NE(reason(directory() + "/none"), "");
    std::ofstream(directory_.file("file")) << "x";
    EXPECT_NE(reason(directory_.file("file")), "");
    for (const mode_t mode : {0777U, 0720U, 0702U}) {
        ASSERT_EQ(chmod(directory().c_str(), mode), 0);
        EXPECT_NE(reason(directory()).find("chmod go-w"), std::string::npos) << mode;
    }
    ASSERT_EQ(chmod(directory().c_str(), 0755), 0);
    EXPECT_EQ(reason(directory()), "");
    ASSERT_EQ(chown(directory().c_str(), 1, 1), 0);
    EXPECT_NE(reason(directory()).find("own"), std::string::npos);
}

TEST_F(ExposedDirectory, ListensWithTheModeThatWasAskedFor) {
    const std::string path = directory_.file("socket");
    for (const mode_t mode : {0600U, 0660U, 0666U}) {
        const Result<UniqueFd> listener = listen_at(path, mode);
        ASSERT_TRUE(listener);
        EXPECT_EQ(mode_of(path), mode);
        EXPECT_TRUE(connect_to(path));
        EXPECT_TRUE(remove_socket(path));
    }
}

TEST_F(ExposedDirectory, ReplacesADeadSocketButNothingElse) {
    const std::string path = directory_.file("socket");
    (void)listen_at(path, 0600).value();
    const UniqueFd live = listen_at(path, 0600).value();
    const Result<UniqueFd> second = listen_at(path, 0600);
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().context.find("--cut"), std::string::npos);
    EXPECT_TRUE(connect_to(path));
    ASSERT_TRUE(remove_socket(path));
    std::ofstream(path) << "kept";
    EXPECT_FALSE(listen_at(path, 0600));
    EXPECT_FALSE(remove_socket(path));
    EXPECT_TRUE(std::filesystem::exists(path));
    std::filesystem::remove(path);
    std::filesystem::create_symlink("/nonexistent/socket", path);
    EXPECT_FALSE(listen_at(path, 0600));
    EXPECT_FALSE(remove_socket(path));
}

TEST_F(ExposedDirectory, SaysThatAPathIsTooLong) {
    const std::string path = directory() + "/" + std::string(100, 'x');
    const Result<UniqueFd> listener = listen_at(path, 0600);
    ASSERT_FALSE(listener);
    EXPECT_NE(listener.error().context.find("107"), std::string::npos);
}

TEST_F(ExposedDirectory, LeavesASocketOfSomebodyElseAlone) {
    const support::OpenDirectory open;
    const std::string path = open.file("socket");
    { const UniqueFd dead = support::listen_as(Uid(1), path); }
    EXPECT_FALSE(remove_socket(path));
    EXPECT_FALSE(listen_at(path, 0600));
}

}  // namespace
}  // namespace patd::cli
