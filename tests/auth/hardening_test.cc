// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/hardening.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <string_view>

// The changes here affect the whole process, so each test makes them in a child.
namespace patd::auth {
namespace {

bool holds_in_child(const std::function<bool()>& check) {
    const pid_t child = fork();
    if (child == 0)
        _exit(check() ? 0 : 1);
    int status = -1;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// Row A16.
TEST(Hardening, LeavesNoDumpsAndNoForeignEnvironment) {
    setenv("LD_LIBRARY_PATH", "/tmp/evil", 1);
    setenv("OPENSSL_CONF", "/tmp/evil", 1);
    setenv("PATH", "/tmp/evil", 1);
    setenv("LANG", "de_DE.UTF-8", 1);
    EXPECT_TRUE(holds_in_child([] {
        rlimit cores{1, 1};
        return harden_process() && prctl(PR_GET_DUMPABLE) == 0 &&
               getrlimit(RLIMIT_CORE, &cores) == 0 && cores.rlim_max == 0 && umask(0) == 077 &&
               getenv("LD_LIBRARY_PATH") == nullptr && getenv("OPENSSL_CONF") == nullptr &&
               std::string_view(getenv("PATH")).find("evil") == std::string_view::npos &&
               std::string_view(getenv("LANG")) == "de_DE.UTF-8";
    }));
}

// Row P24.
TEST(Hardening, BecomesAnotherAccountWithNoWayBack) {
    EXPECT_TRUE(holds_in_child([] {
        uid_t uids[3];
        gid_t gids[3];
        gid_t groups[64];
        return become_account("daemon") && getresuid(&uids[0], &uids[1], &uids[2]) == 0 &&
               getresgid(&gids[0], &gids[1], &gids[2]) == 0 && uids[0] == 1 && uids[1] == 1 &&
               uids[2] == 1 && gids[0] == 1 && gids[1] == 1 && gids[2] == 1 &&
               getgroups(64, groups) == 1 && groups[0] == 1 && setuid(0) != 0 && setgid(0) != 0 &&
               prctl(PR_GET_DUMPABLE) == 0;
    })) << "needs root";
}

TEST(Hardening, StaysTheAccountThatItIs) {
    EXPECT_TRUE(holds_in_child(
        [] { return become_account("daemon") && become_account("daemon") && getuid() == 1; }));
}

// Row P24.
TEST(Hardening, FailsWhenTheAccountIsMissingOrOutOfReach) {
    EXPECT_TRUE(holds_in_child([] {
        return !become_account("no-such-account") && getuid() == 0 && become_account("daemon") &&
               !become_account("bin");
    }));
}

}  // namespace
}  // namespace patd::auth
