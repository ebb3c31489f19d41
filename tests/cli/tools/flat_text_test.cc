// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/tools/flat_text.h"

#include <gtest/gtest.h>

namespace patd::cli::tools {
namespace {

TEST(FlatText, NamesWhatTwoTextsDifferIn) {
    const FlatText before = {{"a", "1"}, {"b", "2"}};
    const FlatText after = {{"a", "1"}, {"b", "3"}, {"c", "4"}};
    const FlatChange change = compare(before, after, [](const std::string&) { return true; });
    EXPECT_EQ(change.lines, (std::vector<std::string>{"- b = 2", "+ b = 3", "+ c = 4"}));
    const FlatChange foreign =
        compare(before, after, [](const std::string& name) { return name == "c"; });
    EXPECT_FALSE(foreign.only_ours);
    EXPECT_TRUE(foreign.lines.empty());
}

TEST(FlatText, KeepsNamesWithDotsApart) {
    EXPECT_EQ(join_name("a", "b"), "a.b");
    EXPECT_EQ(join_name("", "b.c"), "\"b.c\"");
    EXPECT_EQ(join_name("a", "\"\\"), "a.\"\\\"\\\\\"");
    EXPECT_EQ(join_index("a", 2), "a[2]");
}

TEST(FlatText, CutsLinesSoThatTheEndOfTheFileStaysAsItIs) {
    EXPECT_EQ(cut_lines("a\nb\nc\n", 2, 4), "a\nc\n");
    EXPECT_EQ(cut_lines("a\nb", 2, 3), "a");
    EXPECT_EQ(cut_lines("a\r\nb", 3, 4), "a");
    EXPECT_EQ(cut_lines("b", 0, 1), "");
    EXPECT_EQ(with_blank_line("a\n\nb", 3), 2U);
    EXPECT_EQ(with_blank_line("a\nb", 2), 2U);
    EXPECT_EQ(end_of_line("a\nb", 0), 2U);
    EXPECT_EQ(begin_of_line("a\nb", 3), 2U);
    EXPECT_EQ(line_end_of("a\r\nb"), "\r\n");
    EXPECT_EQ(fault_at("a\nb", 2, "x").context, "line 2: x");
}

}  // namespace
}  // namespace patd::cli::tools
