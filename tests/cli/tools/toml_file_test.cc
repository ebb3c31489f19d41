// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/tools/toml_file.h"

#include <gtest/gtest.h>

namespace patd::cli::tools {
namespace {

TEST(TomlFile, TakesBackWhatItPutIn) {
    for (const char* text :
         {"", "[t]", "[t] # c\n", "[a.b]\nx = 1", "[t]\r\n# c\r\ny = 'ü'\r\n", "[ t ]\nz = 1\n"}) {
        const Result<std::string> with = with_toml_line(text, "t", "k = \"v\"", "# mark");
        ASSERT_TRUE(with);
        EXPECT_EQ(*toml_text(*with, "t.k"), "v") << *with;
        EXPECT_EQ(*without_toml_line(*with, "t", "k", "# mark"), text);
    }
}

TEST(TomlFile, TakesElementsBackToo) {
    for (const char* text : {"a = []", "a = [ 'x' ]\n", "a = ['x', # c\n 'ü',\n]\n"}) {
        const Result<std::string> with = with_element(text, "a", "v");
        ASSERT_TRUE(with);
        EXPECT_EQ(elements_of(*with, "a")->back(), "v");
        EXPECT_EQ(*without_element(*with, "a", "v"), text);
    }
    EXPECT_EQ(*without_element("a = ['v', 'x']", "a", "v"), "a = ['x']");
}

TEST(TomlFile, FindsEachValueOfALongLine) {
    std::string text = "a = [";
    for (int i = 0; i < 5'000; ++i)
        text += "'\u00fc" + std::to_string(i) + "', ";
    text += "]";
    EXPECT_EQ(elements_of(text, "a")->back(), "\u00fc4999");
    const std::string with = *with_element(text, "a", "v");
    EXPECT_NE(with.find("'\u00fc4999', \"v\""), std::string::npos);
    EXPECT_EQ(*without_element(with, "a", "v"), text);
}

TEST(TomlFile, LeavesALineWithoutTheMark) {
    const std::string text = "[t]\nk = 'v'\n";
    EXPECT_EQ(*without_toml_line(text, "t", "k", "# mark"), text);
}

TEST(TomlFile, NamesTablesBelowAnother) {
    EXPECT_EQ(tables_below("[r.a]\nx=1\n[r.\"b-c\"]\n[r.a.d]\n", "r"),
              (std::vector<std::string>{"a", "b-c"}));
    EXPECT_TRUE(*has_table("[t]\n", "t"));
    EXPECT_FALSE(kToml.flatten("a = 1\na = 2\n"));
}

}  // namespace
}  // namespace patd::cli::tools
