// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/exposed_directory.h"

#include "tests/support/exposed_socket.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <vector>

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

std::string text_of(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

TEST_F(ExposedDirectory, WritesReplacesAndRemovesItsOwnGitFile) {
    const std::string socket = directory_.file("socket");
    const std::string file = directory_.file("gitconfig");
    const UniqueFd listener = listen_at(socket, 0600).value();
    ASSERT_TRUE(write_git_file(socket, ": one\n"));
    ASSERT_TRUE(write_git_file(socket, ": two\n"));
    EXPECT_EQ(text_of(file), "# Of 'patctl expose': two\n");
    EXPECT_EQ(mode_of(file), 0644);
    EXPECT_TRUE(remove_socket(socket));
    EXPECT_TRUE(std::filesystem::is_empty(directory()));
}

TEST_F(ExposedDirectory, LeavesAGitFileThatItDidNotWrite) {
    const std::string socket = directory_.file("socket");
    const std::string file = directory_.file("gitconfig");
    const std::string begin(kGitFileBegin);
    for (std::size_t size = 0; size <= begin.size(); ++size) {
        const std::string text = size < begin.size() ? begin.substr(0, size) : "[user]\n" + begin;
        std::ofstream(file, std::ios::trunc) << text;
        const UniqueFd listener = listen_at(socket, 0600).value();
        const Result<void> written = write_git_file(socket, ": x\n");
        ASSERT_FALSE(written) << text;
        EXPECT_TRUE(written.error().context.starts_with(file + ": ")) << written.error().context;
        EXPECT_NE(written.error().context.find("move it away"), std::string::npos);
        EXPECT_TRUE(remove_socket(socket));
        EXPECT_EQ(text_of(file), text);
    }
}

// As whoever is in the container may leave it: none is followed, waited for, replaced or removed.
TEST_F(ExposedDirectory, LeavesWhatIsNoFileAtTheGitFilesName) {
    const std::string socket = directory_.file("socket");
    const std::string file = directory_.file("gitconfig");
    const support::TemporaryDirectory elsewhere;
    const std::string ours = elsewhere.file("ours");
    std::ofstream(ours) << kGitFileBegin;
    const std::vector<std::function<void()>> plants = {
        [&] { std::filesystem::create_symlink(ours, file); },
        [&] { std::filesystem::create_symlink(elsewhere.file("none"), file); },
        [&] { ASSERT_EQ(mkfifo(file.c_str(), 0600), 0); },
        [&] { std::filesystem::create_directory(file); }};
    for (const std::function<void()>& plant : plants) {
        plant();
        const auto kind = std::filesystem::symlink_status(file).type();
        const UniqueFd listener = listen_at(socket, 0600).value();
        EXPECT_FALSE(write_git_file(socket, ": x\n"));
        EXPECT_TRUE(remove_socket(socket));
        EXPECT_EQ(std::filesystem::symlink_status(file).type(), kind);
        EXPECT_EQ(text_of(ours), kGitFileBegin);
        EXPECT_FALSE(std::filesystem::exists(elsewhere.file("none")));
        std::filesystem::remove(file);
    }
}

TEST_F(ExposedDirectory, LeavesAGitFileOfSomebodyElse) {
    const std::string socket = directory_.file("socket");
    const std::string file = directory_.file("gitconfig");
    const UniqueFd listener = listen_at(socket, 0600).value();
    ASSERT_TRUE(write_git_file(socket, ": x\n"));
    ASSERT_EQ(chown(file.c_str(), 1, 1), 0);
    EXPECT_FALSE(write_git_file(socket, ": y\n"));
    EXPECT_TRUE(remove_socket(socket));
    EXPECT_EQ(text_of(file), "# Of 'patctl expose': x\n");
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
