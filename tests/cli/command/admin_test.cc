// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/fake_enroll.h"
#include "tests/cli/support.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

namespace patd::cli {
namespace {

using step_up::FrameKind;
using step_up::FrameStream;

// These run as root, as the service's tests do: patctl refuses anybody else before it asks.
TEST(Admin, SetsThePasswordOfAUser) {
    FakeEnroll enroll([](FrameStream& stream) {
        EXPECT_TRUE(stream.receive());
        EXPECT_TRUE(stream.send(FrameKind::PromptSecret, "New password of root: "));
        EXPECT_EQ(stream.receive().value().text(), "new");
        EXPECT_TRUE(stream.send(FrameKind::Granted, ""));
    });
    const Scratch passwords("new\n");
    Patctl patctl;
    patctl.enroll_socket = enroll.path();
    const Ran ran =
        patctl.run({"admin", "passwd", "root", "--password-fd", std::to_string(passwords.fd())});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(ran.out, "The service password of root is set.\n");
    EXPECT_EQ(patctl.service.calls().back().member, "EndWait");
}

TEST(Admin, SetsNoPasswordForWhoIsNotRoot) {
    const pid_t child = fork();
    if (child == 0) {
        if (setuid(65534) != 0)
            _exit(99);
        const Scratch passwords("new\n");
        _exit(static_cast<int>(
            Patctl()
                .run({"admin", "passwd", "root", "--password-fd", std::to_string(passwords.fd())})
                .code));
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), static_cast<int>(ExitCode::Refused));
}

TEST(Admin, ReportsThatNobodyListens) {
    const Scratch passwords("new\n");
    EXPECT_EQ(Patctl()
                  .run({"admin", "passwd", "root", "--password-fd", std::to_string(passwords.fd())})
                  .code,
              ExitCode::Unreachable);
}

}  // namespace
}  // namespace patd::cli
