// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/session/become_user.h"

#include "cli/io/process.h"

#include <gtest/gtest.h>
#include <pty.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace patd::cli {
namespace {

// In a process of its own, which cannot come back.
TEST(BecomeUser, IsForGoodAndTakesNothingOfRootsAlong) {
    const struct passwd* entry = getpwnam("nobody");
    ASSERT_NE(entry, nullptr);
    const uid_t uid = entry->pw_uid;
    const gid_t gid = entry->pw_gid;
    const std::string home = entry->pw_dir;
    const auto become = [&] {
        setenv("GIT_CONFIG_GLOBAL", "/root/.gitconfig", 1);
        setenv("XDG_CONFIG_HOME", "/root/.config", 1);
        const bool done = static_cast<bool>(become_user("nobody"));
        gid_t group = 0;
        const bool is_other = getuid() == uid && geteuid() == uid && getgid() == gid &&
                              getgroups(1, &group) == 1 && group == gid && setuid(0) != 0 &&
                              seteuid(0) != 0 && setgid(0) != 0;
        const bool is_clean = getenv("GIT_CONFIG_GLOBAL") == nullptr &&
                              getenv("XDG_CONFIG_HOME") == nullptr && getenv("HOME") == home &&
                              std::filesystem::current_path() == "/";
        _exit(done && is_other && is_clean ? 0 : 1);
    };
    EXPECT_EXIT(become(), ::testing::ExitedWithCode(0), "");
    EXPECT_EQ(geteuid(), 0U);
}

bool may_open_terminal() {
    return run_process({"sh", "-c", "exec 3<>/dev/tty"}).value().status == 0;
}

// One of the account's own programs could trace the one that was started, and type through it.
TEST(BecomeUser, LeavesRootsTerminalBeforeAProgramOfTheAccountIsStarted) {
    const auto becomes_without = [] {
        return may_open_terminal() && become_user("nobody") && !may_open_terminal();
    };
    for (const bool is_leader : {false, true}) {
        int screen = -1;
        const pid_t child = forkpty(&screen, nullptr, nullptr, nullptr);
        ASSERT_GE(child, 0);
        if (child == 0) {
            const pid_t own = is_leader ? 0 : fork();
            if (own == 0)
                _exit(becomes_without() ? 0 : 1);
            int status = 0;
            waitpid(own, &status, 0);
            _exit(status == 0 ? 0 : 1);
        }
        int status = 0;
        waitpid(child, &status, 0);
        close(screen);
        EXPECT_EQ(status, 0) << is_leader;
    }
}

TEST(BecomeUser, NeedsAnAccountAndRoot) {
    EXPECT_EQ(become_user("nobody-at-all").error().code, Errc::InvalidUsername);
    const auto become_twice = [] {
        const bool first = static_cast<bool>(become_user("nobody"));
        const Result<void> second = become_user("root");
        _exit(first && !second && second.error().code == Errc::AccessDenied ? 0 : 1);
    };
    EXPECT_EXIT(become_twice(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace patd::cli
