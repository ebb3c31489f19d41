// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/yaml_reader.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

std::string read_values(std::string text) {
    const Result<std::vector<YamlValue>> values = read_yaml(text);
    if (!values)
        return "! " + values.error().context;
    std::string result;
    for (const YamlValue& value : *values) {
        result += std::to_string(value.line) + " ";
        for (const YamlStep& step : value.path)
            result += (step.item == 0 ? std::string(step.key) : std::to_string(step.item)) + "/";
        result += value.is_odd ? "?;" : std::string(value.text) + ";";
    }
    return result;
}

TEST(YamlReader, GivesEveryValueWithWhatLeadsToIt) {
    EXPECT_EQ(read_values(""), "");
    EXPECT_EQ(read_values("---\na: b # c\nd: https://e#f\n"), "2 a/b;3 d/https://e#f;");
    EXPECT_EQ(read_values("a:\n- b: c\n  d:\n    e: f\n- g: h\ni: j\n"),
              "2 a/1/b/c;4 a/1/d/e/f;5 a/2/g/h;6 i/j;");
    EXPECT_EQ(read_values("a:\n  - b\n  - c: d\n    e: 'f'\n"), "2 a/1/b;3 a/2/c/d;4 a/2/e/f;");
    EXPECT_EQ(
        read_values(
            "a: 'it''s'\nb: \"x\\\"y\\\\\" # z\n\"c d\": e\r\n# f\n\ng: {}\nh: []\ni:\nj: ~\n"),
        "1 a/it's;2 b/x\"y\\;3 c d/e;");
    EXPECT_EQ(read_values("a: ''''\nb: ''\n"), "1 a/';2 b/;");
}

TEST(YamlReader, SaysWhatItDoesNotReadInsteadOfGuessing) {
    for (const char* odd :
         {"&x y", "*x", "!!str y", "{b: c}", "[b]", "|\n  b", ">-\n  b\n  c", "b\n  c",
          "\"b\n  c\"", "'b' c", "\"\\x41\"", "b: c", "\"b", "'b''", "@b", "`b", "%b"})
        EXPECT_EQ(read_values(std::string("a: ") + odd + "\nz: y\n").substr(0, 6), "1 a/?;") << odd;
    for (const char* bad :
         {"- a\n", " a: b\n", "a\n", "\ta: b\n", "a: b\na: c\n", "a:\n  b: c\n d: e\n",
          "a: b\n---\nc: d\n", "a: {}\n  b: c\n", "...\n", "? a\n", "&x a: b\n", "{a: b}\n"})
        EXPECT_TRUE(read_values(bad).starts_with("! line ")) << bad << read_values(bad);
    std::string deep;
    for (std::size_t i = 0; i < 40; ++i)
        deep += std::string(i, ' ') + "a:\n";
    EXPECT_NE(read_values(deep).find("too deeply"), std::string::npos);
    std::string items = "a:\n";
    for (std::size_t i = 0; i < 20000; ++i)
        items += "- b: c\n";
    EXPECT_NE(read_values(items).find("too many"), std::string::npos);
    EXPECT_NE(read_values("a:\n" + std::string(2000, '-') + "\n").find("!"), std::string::npos);
    std::string dashes = "a:\n";
    for (std::size_t i = 0; i < 2000; ++i)
        dashes += "- ";
    EXPECT_EQ(read_values(dashes + "b: c\n").substr(0, 2), "! ");
}

TEST(YamlReader, SurvivesEveryPrefixAndShowsNoneOfIt) {
    const std::string good =
        "a:\n- b: 'hunter2'\n  c: \"hunter2\\n\"\nd:\n  e: hunter2 # x\n  f: |\n    hunter2\n";
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_EQ(read_values(good.substr(0, size)).find("! hunter"), std::string::npos);
}

}  // namespace
}  // namespace patd::cli
