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

TEST_F(LinkFile, RemovesAScriptOnlyWithItsOwnText) {
    LinkChange change{home_ / "d/s", "/x y", "#!/bin/sh\n"};
    ASSERT_TRUE(carry_out(change));
    write("d/s", "#!/bin/sh\necho mine\n");
    change.remove = true;
    ASSERT_TRUE(carry_out(change));
    EXPECT_TRUE(exists("d/s"));
    write("d/s", change.script);
    ASSERT_TRUE(carry_out(change));
    EXPECT_FALSE(exists("d/s"));
}

}  // namespace
}  // namespace patd::cli::tools
