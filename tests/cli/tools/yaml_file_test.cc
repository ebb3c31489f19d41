// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/tools/yaml_file.h"

#include <gtest/gtest.h>

namespace patd::cli::tools {
namespace {

TEST(YamlFile, SaysWhereEachNodeStands) {
    const std::string text = "ü: 1\nlist:\n- name: x\n  more: {a: b}\n";
    const Result<YamlNode> root = read_yaml(text);
    ASSERT_TRUE(root);
    const YamlNode* list = root->find("list");
    ASSERT_NE(list, nullptr);
    ASSERT_EQ(list->members.size(), 1U);
    const YamlNode* more = list->members.front().find("more");
    ASSERT_NE(more, nullptr);
    EXPECT_TRUE(more->is_flow);
    EXPECT_EQ(text.substr(more->begin, more->end - more->begin), "{a: b}");
    EXPECT_EQ(text.substr(more->key_begin, more->key_end - more->key_begin), "more");
    EXPECT_EQ(list->members.front().text_of("name"), "x");
}

TEST(YamlFile, RefusesWhatIsNoPlainDocument) {
    for (const char* text :
         {"a: 1\na: 2", "? [a]\n: b", "a: *b", "a: [", "--- a\n--- b", "\t- a", "a: \"\xff\""})
        EXPECT_FALSE(read_yaml(text)) << text;
    EXPECT_FALSE(read_yaml(std::string(65, '[') + std::string(65, ']')));
    EXPECT_TRUE(read_yaml(""));
    EXPECT_TRUE(read_yaml("# c\n"));
}

TEST(YamlFile, KeepsTextsApartFromWhatLooksLikeThem) {
    const Result<FlatText> flat = kYaml.flatten("a: null\nb: \"null\"\nc:\nd: []\n");
    ASSERT_TRUE(flat);
    EXPECT_NE(flat->at("a"), flat->at("b"));
    EXPECT_TRUE(read_yaml("c:\n")->find("c")->is_nothing());
    EXPECT_FALSE(read_yaml("c: ''\n")->find("c")->is_nothing());
}

}  // namespace
}  // namespace patd::cli::tools
