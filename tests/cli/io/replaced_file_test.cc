// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/io/replaced_file.h"

#include "common/base/unique_fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <string>

namespace patd::cli {
namespace {

TEST(ReplacedFile, FollowsLinksToWhatIsNotThereYet) {
    std::string pattern = "/tmp/replaced-XXXXXX";
    const std::filesystem::path folder = mkdtemp(pattern.data());
    std::filesystem::create_symlink("b", folder / "a");
    std::filesystem::create_symlink(folder / "c", folder / "b");
    EXPECT_EQ(resolve_links(folder / "a"), folder / "c");
    std::filesystem::create_symlink("d", folder / "d");
    EXPECT_NE(resolve_links(folder / "d"), folder / "c");
    std::filesystem::remove_all(folder);
}

TEST(ReplacedFile, TakesOverTheMode) {
    std::string old = "/tmp/replaced-XXXXXX";
    std::string fresh = old;
    const UniqueFd from(mkstemp(old.data()));
    const UniqueFd to(mkstemp(fresh.data()));
    ASSERT_EQ(fchmod(from.get(), 0640), 0);
    ASSERT_TRUE(take_over(old.c_str(), to.get(), 0600));
    struct stat facts {};
    ASSERT_EQ(fstat(to.get(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 07777U, 0640U);
    unlink(old.c_str());
    ASSERT_TRUE(take_over(old.c_str(), to.get(), 0600));
    ASSERT_EQ(fstat(to.get(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 07777U, 0600U);
    unlink(fresh.c_str());
}

}  // namespace
}  // namespace patd::cli
