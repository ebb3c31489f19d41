// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/tools/tool.h"

#include "tests/cli/tools/tool_home.h"

namespace patd::cli::tools {
namespace {

class Tools : public ToolHome {};

TEST_F(Tools, ReadAPlaceAsItIsTyped) {
    EXPECT_EQ(read_web_place("A.example:443")->url(), "https://a.example");
    EXPECT_EQ(read_web_place("https://a.example/x/")->url(), "https://a.example/x");
    for (const char* typed : {"", "a b", "ssh://a.example", "https://u:p@a.example", "aws://prod"})
        EXPECT_FALSE(read_web_place(typed)) << typed;
}

TEST_F(Tools, KnowWhichPlacesOfTokensTheyCouldUse) {
    Surroundings around = Surroundings::look(*parse_targets(
        {"https://a.example", "https://b.example/x", "http://c.example", "aws://p"}));
    EXPECT_EQ(token_hosts(around), std::vector<std::string>{"a.example"});
    EXPECT_EQ(token_labels(around, "aws"), std::vector<std::string>{"p"});
    EXPECT_EQ(around.home, home_);
    EXPECT_EQ(path_of(around, "~/x"), home_ / "x");
    setenv("XDG_CONFIG_HOME", "relative", 1);
    EXPECT_EQ(around.folder("XDG_CONFIG_HOME", ".config"), home_ / ".config");
    unsetenv("XDG_CONFIG_HOME");
}

TEST_F(Tools, FindProgramsOnPath) {
    setenv("PATH", ("/nonexistent:" + home_.string()).c_str(), 1);
    write("here", "");
    EXPECT_EQ(find_program("here"), std::nullopt);
    ASSERT_EQ(chmod((home_ / "here").c_str(), 0700), 0);
    EXPECT_EQ(find_program("here"), home_ / "here");
}

}  // namespace
}  // namespace patd::cli::tools
