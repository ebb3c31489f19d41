// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/tools/tool_file.h"

#include "cli/tools/ini_file.h"
#include "tests/cli/tools/tool_home.h"

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
