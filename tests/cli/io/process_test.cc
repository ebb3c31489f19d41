// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/io/process.h"

#include <gtest/gtest.h>

#include <csignal>

namespace patd::cli {
namespace {

TEST(RunProcess, GivesStatusAndOutput) {
    const ProcessResult result = run_process({"printf", "%s", "a b"}).value();
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.output, "a b");
    EXPECT_EQ(run_process({"false"}).value().status, 1);
}

TEST(RunProcess, HasNoShellInBetween) {
    EXPECT_EQ(run_process({"printf", "%s", "$(id); `id` | $HOME"}).value().output,
              "$(id); `id` | $HOME");
}

TEST(RunProcess, KeepsWhatItSaysApart) {
    const ProcessResult result = run_process({"sh", "-c", "echo out; echo err >&2"}).value();
    EXPECT_EQ(result.output, "out\n");
    EXPECT_EQ(result.errors, "err\n");
}

TEST(RunProcess, GivesNoInput) {
    EXPECT_EQ(run_process({"cat"}).value().output, "");
}

TEST(RunProcess, LetsSigpipeActEvenWhenItIsIgnoredHere) {
    std::signal(SIGPIPE, SIG_IGN);
    const ProcessResult result = run_process({"sh", "-c", "kill -PIPE $$; echo alive"}).value();
    std::signal(SIGPIPE, SIG_DFL);
    EXPECT_EQ(result.status, 128 + SIGPIPE);
    EXPECT_EQ(result.output, "");
}

TEST(RunProcess, ReportsAProgramThatIsNotThere) {
    EXPECT_EQ(run_process({"no-such-program-of-patd"}).error().code, Errc::Unavailable);
}

}  // namespace
}  // namespace patd::cli
