// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/toml_reader.h"

#include "common/base/limits.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

std::string read_strings(std::string text) {
    const Result<std::vector<TomlString>> strings = read_toml(text);
    if (!strings)
        return "! " + strings.error().context;
    std::string result;
    for (const TomlString& string : *strings) {
        for (const std::string_view key : string.keys)
            result += std::string(key) + "/";
        result += std::string(string.value) + ";";
    }
    return result;
}

TEST(TomlReader, GivesEveryStringWithTheKeysThatLeadToIt) {
    EXPECT_EQ(read_strings(""), "");
    EXPECT_EQ(read_strings("a = \"b\" # c\r\n"), "a/b;");
    EXPECT_EQ(read_strings("[x . \"y.z\"]\n'k 1'.b = 'c\\n'"), "x/y.z/k 1/b/c\\n;");
    EXPECT_EQ(read_strings("a = { b = 'c', d = { e = \"f\" }, g = [1, { h = 'i' }], }\n"),
              "a/b/c;a/d/e/f;");
    EXPECT_EQ(
        read_strings("a = [ # ]\n 'x', [\"y\"],\n]\nb = 1979-05-27T07:32:00-08:00\nc = +1.5e-3\n"
                     "d = true\ne = 'f'\n"),
        "e/f;");
    EXPECT_EQ(read_strings(R"(a = "\t\"\\\u00e9\u20AC\U0001F600\r")"),
              "a/\t\"\\\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\r;");
}

TEST(TomlReader, RefusesWhatItDoesNotReadWithItsLine) {
    for (const char* bad : {"a",
                            "a =",
                            "a = ",
                            "= 'x'",
                            "a 'x'",
                            "[a",
                            "[]",
                            "[a.]",
                            "[[a]]",
                            "a = \"x",
                            "a = 'x\n'",
                            "a = \"\"\"x\"\"\"",
                            "a = '''x'''",
                            "a = 'x' 'y'",
                            "a = {",
                            "a = { b = 'c'",
                            "a = { b = 'c' d = 'e' }",
                            "a = [",
                            "a = ['x'",
                            "a = ['x' 'y']",
                            "a = \"\\x\"",
                            "a = \"\\u12\"",
                            "a = \"\\ud800\"",
                            "a = \"\\U00110000\"",
                            "a = \"\\\"",
                            "a = 'x'\na = 'y'",
                            "[a]\n[a]",
                            "[a]\nb = 'x'\n[c]\n[a]",
                            "\xef",
                            "a = @"})
        EXPECT_TRUE(read_strings(bad).starts_with("! line ")) << bad;
    EXPECT_TRUE(read_strings("a = 'x'\n\nb\n").starts_with("! line 3 "))
        << read_strings("a = 'x'\n\nb\n");
    std::string deep = "a = ";
    for (std::size_t i = 0; i < 100000; ++i)
        deep += "[";
    EXPECT_TRUE(read_strings(deep).find("too deeply") != std::string::npos);
    std::string tables = "a = ";
    for (std::size_t i = 0; i < 1000; ++i)
        tables += "{ a = ";
    EXPECT_TRUE(read_strings(tables).find("too deeply") != std::string::npos);
    std::string many;
    for (std::size_t i = 0; i < 5 * limits::kTokensPerUser; ++i)
        many += "a" + std::to_string(i) + " = ''\n";
    EXPECT_TRUE(read_strings(many).find("too many") != std::string::npos);
}

TEST(TomlReader, SurvivesEveryPrefixAndShowsNoneOfIt) {
    const std::string good =
        "[registry]\ntoken = \"hunter2\\u00e9\" # x\n[a.'b']\nc = { d = [ 'hunter2', ], e = 1 }\n";
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_EQ(read_strings(good.substr(0, size)).find("! hunter"), std::string::npos);
}

}  // namespace
}  // namespace patd::cli
