// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/tools/ini_file.h"

#include <gtest/gtest.h>

namespace patd::cli::tools {
namespace {

TEST(IniFile, ReadsPythonsDialect) {
    const Result<FlatText> flat =
        kIni.flatten("# c\n[a b]\nkey : value = x\n  goes on\n\nother=\n; c\n[c] # d\n");
    ASSERT_TRUE(flat);
    EXPECT_EQ(value_of(*flat, {"a b", "key"}), "value = x\ngoes on");
    EXPECT_EQ(value_of(*flat, {"a b", "other"}), "");
    EXPECT_TRUE(has_section(*flat, "c"));
}

TEST(IniFile, TakesALineForAPartOfTheValueOnlyWhereItIsDeeperThanTheKey) {
    const Result<FlatText> flat = kIni.flatten(
        "  [a]\n    x = 1\n    Y = 2\n\n      # c\n      more = 3\n  z = 4\n\t[b]\n   w = 5\n");
    ASSERT_TRUE(flat);
    EXPECT_EQ(value_of(*flat, {"a", "x"}), "1");
    EXPECT_EQ(value_of(*flat, {"a", "y"}), "2\nmore = 3");
    EXPECT_EQ(value_of(*flat, {"a", "z"}), "4");
    EXPECT_EQ(value_of(*flat, {"b", "w"}), "5");
    EXPECT_FALSE(kIni.flatten("[a]\n  x = 1\n  X = 2\n")) << "twice for Python";
    EXPECT_TRUE(kLines.flatten("x = 1\nX = 2\n"));
}

TEST(IniFile, PutsALineWhereItIsAKeyAndTheNextOneStaysWhatItWas) {
    const IniKey key{"a", "k"};
    for (const char* text : {"[a]\n  x = 1\n", "[a]\n\tx = 1\n  [b]\n  y = 2\n",
                             "  [a]\n    [b]\n    y = 2\n", "[a]\nx =\n  1\n[b]\n y = 2\n"}) {
        const std::string with = with_line(kIni, text, key, "v", "# mark");
        FlatText expected = *kIni.flatten(text);
        expected.emplace(name_of(key), "v");
        EXPECT_EQ(*kIni.flatten(with), expected) << with;
        EXPECT_EQ(without_line(kIni, with, key, "# mark"), text);
    }
}

TEST(IniFile, ReadsLinesInWhichTheLastOneCounts) {
    const Result<FlatText> flat = kLines.flatten("//a/:b=1\nwhatever\n//a/:b = 2\n");
    ASSERT_TRUE(flat);
    EXPECT_EQ(value_of(*flat, {"", "//a/:b"}), "2");
}

TEST(IniFile, RefusesWhatIsNoText) {
    EXPECT_FALSE(kIni.flatten(std::string_view("[a]\0", 4)));
    EXPECT_FALSE(kLines.flatten(std::string_view("a=\0", 3)));
}

TEST(IniFile, ChangesAValueWhereItStands) {
    EXPECT_EQ(with_value(kIni, "[a]\nx :  1 \ny=2\n", {"a", "x"}, "3"), "[a]\nx :  3 \ny=2\n");
    EXPECT_EQ(with_value(kIni, "[a]\nx\t= \n", {"a", "y"}, "3"), "[a]\nx\t= \n");
}

TEST(IniFile, TakesBackWhatItPutIn) {
    for (const char* text : {"", "\n", "[a]", "[a]\n", "[b]\nx=1", "[a]\ny=1\n\n[b]\r\n", "# c"}) {
        const IniKey key{"a", "x"};
        const std::string with = with_line(kIni, text, key, "v", "# mark");
        EXPECT_EQ(value_of(*kIni.flatten(with), key), "v") << with;
        EXPECT_EQ(without_line(kIni, with, key, "# mark"), text);
    }
}

}  // namespace
}  // namespace patd::cli::tools
