// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/memory_lock.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

namespace patd {
namespace {

constexpr std::size_t kBytes = 65536;

// In a separate process, as an ordinary user: root may lock without limit.
int exit_status_under(rlim_t bytes, bool expected) {
    const pid_t child = fork();
    if (child == 0) {
        const rlimit limit{bytes, bytes};
        const bool is_user =
            setrlimit(RLIMIT_MEMLOCK, &limit) == 0 && setresuid(65533, 65533, 65533) == 0;
        // Three times: memory that stayed locked would leave no room for the next.
        Result<void> locked = check_memory_lock(kBytes);
        for (int i = 0; i < 2 && locked; ++i)
            locked = check_memory_lock(kBytes);
        const std::string told = "RLIMIT_MEMLOCK is " + std::to_string(bytes) + " bytes";
        const bool is_told = locked || (locked.error().code == Errc::Unavailable &&
                                        locked.error().context.find(told) != std::string::npos);
        _exit(is_user && is_told && locked.has_value() == expected ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    return status;
}

TEST(MemoryLock, SaysWhetherMemoryCanBeLockedAndWhyNotAndKeepsNothingLocked) {
    EXPECT_EQ(exit_status_under(0, false), 0);
    EXPECT_EQ(exit_status_under(4096, false), 0);
    EXPECT_EQ(exit_status_under(kBytes, true), 0);
}

TEST(MemoryLock, MoreThanThereIsCannotBeLocked) {
    EXPECT_FALSE(check_memory_lock(std::size_t{1} << 60));
}

}  // namespace
}  // namespace patd
