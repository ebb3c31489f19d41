// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/tools/tool_file.h"

#include "cli/tools/ini_file.h"
#include "tests/cli/tools/tool_home.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

// The signals that were held back when a file was last written out.
sigset_t& held_back() {
    static sigset_t held;
    return held;
}

}  // namespace

extern "C" int fsync(int fd) {
    pthread_sigmask(SIG_SETMASK, nullptr, &held_back());
    return static_cast<int>(syscall(SYS_fsync, fd));
}

namespace patd::cli::tools {
namespace {

class ToolFile : public ToolHome {};

TEST_F(ToolFile, WritesNothingThatChangesWhatIsNotOurs) {
    write("f", "a=1\n");
    const auto edit = [](const std::string&) -> Result<std::string> {
        return std::string("a=2\n");
    };
    const auto plan = plan_change(
        {home_ / "f", kLines, edit, [](const std::string& name) { return name == "b"; }});
    ASSERT_FALSE(plan);
    EXPECT_NE(plan.error().context.find("in a way that patctl cannot add to"), std::string::npos);
}

TEST_F(ToolFile, DoesNotReplaceWhatAnotherHasChangedMeanwhile) {
    write("f", "a=1\n");
    FileChange change{home_ / "f", "a=1\n", "a=1\nb=2\n"};
    write("f", "a=3\n");
    const auto done = carry_out(change);
    ASSERT_FALSE(done);
    EXPECT_NE(done.error().context.find("another program has just changed it"), std::string::npos);
    EXPECT_EQ(read("f"), "a=3\n");
}

// The file beside it would stay, with all secrets.
TEST_F(ToolFile, IsNotLeftHalfDoneWhenThePersonTypesControlC) {
    write("f", "//a/:_authToken=c2VjcmV0\n");
    sigemptyset(&held_back());
    ASSERT_TRUE(carry_out(FileChange{home_ / "f", "//a/:_authToken=c2VjcmV0\n", "b=2\n"}));
    sigset_t after;
    pthread_sigmask(SIG_SETMASK, nullptr, &after);
    for (const int signal : {SIGHUP, SIGINT, SIGTERM, SIGQUIT}) {
        EXPECT_EQ(sigismember(&held_back(), signal), 1) << signal;
        EXPECT_EQ(sigismember(&after, signal), 0) << signal;
    }
    EXPECT_EQ(read("f"), "b=2\n");
}

TEST_F(ToolFile, RemovesWhatAKilledOneLeftBesideIt) {
    write("f", "a=1\n");
    write("f.patctl-half-abcdef", "a secret\n");
    for (const char* name : {"f.patctl-backup", "f.patctl-half-of-a-person"})
        write(name, "of a person\n");
    write("g.patctl-half-abcdef", "of another file\n");
    ASSERT_TRUE(carry_out(FileChange{home_ / "f", "a=1\n", "a=1\n"}));
    EXPECT_FALSE(std::filesystem::exists(home_ / "f.patctl-half-abcdef"));
    EXPECT_TRUE(std::filesystem::exists(home_ / "f.patctl-backup"));
    EXPECT_TRUE(std::filesystem::exists(home_ / "f.patctl-half-of-a-person"));
    EXPECT_TRUE(std::filesystem::exists(home_ / "g.patctl-half-abcdef"));
}

TEST_F(ToolFile, ReadsOneMebibyteAndNoMore) {
    write("f", std::string(kToolFileBytes, 'x'));
    EXPECT_TRUE(read_tool_file(home_ / "f"));
    write("f", std::string(kToolFileBytes + 1, 'x'));
    EXPECT_FALSE(read_tool_file(home_ / "f"));
    ASSERT_EQ(mkfifo((home_ / "pipe").c_str(), 0600), 0);
    EXPECT_FALSE(read_tool_file(home_ / "pipe"));
    EXPECT_EQ(*read_tool_file(home_ / "none"), std::nullopt);
}

}  // namespace
}  // namespace patd::cli::tools
