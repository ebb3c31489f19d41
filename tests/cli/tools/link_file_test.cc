// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/tools/link_file.h"

#include "tests/cli/tools/tool_home.h"

namespace patd::cli::tools {
namespace {

class LinkFile : public ToolHome {};

TEST_F(LinkFile, RenewsALinkToAnOlderPlaceAndLeavesOthers) {
    std::filesystem::create_symlink("/old/pat-go", home_ / "l");
    LinkChange change{home_ / "l", "/new/pat-go"};
    EXPECT_TRUE(is_to_change(change));
    ASSERT_TRUE(carry_out(change));
    EXPECT_EQ(std::filesystem::read_symlink(home_ / "l"), "/new/pat-go");
    EXPECT_FALSE(is_to_change(change));
    change.target = "/new/other";
    EXPECT_FALSE(carry_out(change));
    change.remove = true;
    ASSERT_TRUE(carry_out(change));
    EXPECT_TRUE(std::filesystem::is_symlink(home_ / "l"));
}

TEST_F(LinkFile, RemovesAScriptOnlyWhereItStartsThatProgram) {
    LinkChange change{home_ / "d/s", "/x/p y", "#!/bin/sh\nexec '/x/p' 'y'\n"};
    ASSERT_TRUE(carry_out(change));
    change.remove = true;
    for (const char* text : {"#!/bin/sh\necho mine\n", "", "#!/bin/sh\nexec '/x/q' 'y'\n",
                             "#!/bin/sh\nexec '/p/x' '/x/p'\n"}) {
        write("d/s", text);
        ASSERT_TRUE(carry_out(change));
        EXPECT_TRUE(exists("d/s")) << text;
    }
    write("d/s", "#!/bin/sh\nexec '/old/p' 'y'\n");
    ASSERT_TRUE(carry_out(change));
    EXPECT_FALSE(exists("d/s"));
}

}  // namespace
}  // namespace patd::cli::tools
