// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/converse/converse.h"

#include "tests/cli/converse/program.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

namespace patd::cli {
namespace {

TEST(Converse, LeavesTheProgramsDirectoryAndUmask) {
    umask(022);
    Program program;
    program.start(begin("lock"));
    EXPECT_EQ(program.hear()["outcome"], "done");
    EXPECT_EQ(program.wait().code, ExitCode::Success);
    std::array<char, 64> directory{};
    EXPECT_STREQ(getcwd(directory.data(), directory.size()), "/");
    EXPECT_EQ(umask(077), 077U);
}

TEST(Converse, TakesNoArguments) {
    EXPECT_EQ(Patctl().run({"converse", "create"}).code, ExitCode::Usage);
}

TEST(Converse, SaysThatThereIsNoService) {
    Program program;
    program.patctl.reachable = false;
    program.start(begin("lock"));
    const nlohmann::json ended = program.hear();
    EXPECT_EQ(ended["outcome"], "refused");
    EXPECT_EQ(ended["errors"][0]["name"], "org.patd.Tokens1.Error.Unavailable");
    const Ran ran = program.wait();
    EXPECT_EQ(ran.code, ExitCode::Unreachable);
    EXPECT_EQ(ran.err, "");
}

}  // namespace
}  // namespace patd::cli
