// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/unique_fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <type_traits>

namespace patd {
namespace {

int open_null() {
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

bool is_open(int fd) {
    return fcntl(fd, F_GETFD) >= 0;
}

TEST(UniqueFd, ClosesWhatItOwns) {
    const int fd = open_null();
    ASSERT_GE(fd, 0);
    {
        const UniqueFd owner(fd);
        EXPECT_TRUE(is_open(fd));
    }
    EXPECT_FALSE(is_open(fd));
}

TEST(UniqueFd, MovesItsDescriptorAndKeepsNothing) {
    UniqueFd first(open_null());
    const int fd = first.get();
    UniqueFd second(std::move(first));
    EXPECT_EQ(second.get(), fd);
    EXPECT_EQ(first.get(), -1);  // NOLINT(bugprone-use-after-move): the moved-from state is tested
    EXPECT_FALSE(first);
}

TEST(UniqueFd, AssignmentClosesTheOldOne) {
    UniqueFd owner(open_null());
    const int old = owner.get();
    UniqueFd other(open_null());
    const int next = other.get();
    owner = std::move(other);
    EXPECT_FALSE(is_open(old));
    EXPECT_EQ(owner.get(), next);
    EXPECT_TRUE(is_open(next));
}

TEST(UniqueFd, ReleaseGivesTheDescriptorAway) {
    UniqueFd owner(open_null());
    const int fd = owner.release();
    owner.reset();
    EXPECT_TRUE(is_open(fd));
    close(fd);
}

TEST(UniqueFd, DescriptorZeroIsADescriptor) {
    UniqueFd owner(0);
    EXPECT_TRUE(owner);
    EXPECT_EQ(owner.release(), 0);
}

static_assert(!std::is_copy_constructible_v<UniqueFd>);
static_assert(!std::is_copy_assignable_v<UniqueFd>);
static_assert(!std::is_convertible_v<int, UniqueFd>);

}  // namespace
}  // namespace patd
