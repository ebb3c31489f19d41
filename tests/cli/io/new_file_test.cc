// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/io/new_file.h"

#include "cli/io/descriptor_io.h"
#include "tests/support/temporary_directory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace patd::cli {
namespace {

class NewFileTest : public ::testing::Test {
  protected:
    std::string path() const { return directory_.file("new"); }
    bool has_nameless_files() const {
        return bool(UniqueFd(::open(directory_.path().c_str(), O_WRONLY | O_TMPFILE, 0600)));
    }

    support::TemporaryDirectory directory_;
};

TEST_F(NewFileTest, StaysOnlyWhenItIsKept) {
    { const NewFile file = NewFile::create(path(), "it").value(); }
    EXPECT_FALSE(std::filesystem::exists(path()));
    {
        NewFile file = NewFile::create(path(), "it").value();
        NewFile moved = std::move(file);
        ASSERT_TRUE(write_all(moved.fd(), std::string_view("x")));
        // Whoever kills it here leaves no half of it.
        EXPECT_EQ(std::filesystem::exists(path()), !has_nameless_files());
        ASSERT_TRUE(moved.keep());
    }
    EXPECT_EQ(std::filesystem::file_size(path()), 1U);
}

TEST_F(NewFileTest, IsForItsOwnerAlone) {
    const mode_t before = umask(0);
    const NewFile file = NewFile::create(path(), "it").value();
    umask(before);
    struct stat status {};
    ASSERT_EQ(fstat(file.fd(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U);
}

TEST_F(NewFileTest, NeverTouchesWhatIsThere) {
    ASSERT_EQ(symlink("/etc/hostname", path().c_str()), 0);
    EXPECT_FALSE(NewFile::create(path(), "it"));
    EXPECT_TRUE(std::filesystem::is_symlink(path()));
    EXPECT_FALSE(NewFile::create(directory_.path(), "it"));
    EXPECT_FALSE(NewFile::create(directory_.file("no/such/folder"), "it"));
}

TEST_F(NewFileTest, NeverTouchesWhatCameMeanwhile) {
    if (!has_nameless_files())
        GTEST_SKIP() << "the name is taken from the beginning";
    NewFile file = NewFile::create(path(), "it").value();
    ASSERT_TRUE(write_all(file.fd(), std::string_view("x")));
    ASSERT_EQ(symlink("/etc/hostname", path().c_str()), 0);
    EXPECT_EQ(file.keep().error().context, "it: File exists");
    EXPECT_TRUE(std::filesystem::is_symlink(path()));
}

}  // namespace
}  // namespace patd::cli
