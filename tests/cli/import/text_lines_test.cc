// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/text_lines.h"

#include <gtest/gtest.h>

#include <string>

namespace patd::cli {
namespace {

TEST(TextLines, KnowTheirNumbers) {
    const std::string text = "a\nbc\n\nd";
    const LineNumbers lines(text);
    const std::string_view view = text;
    EXPECT_EQ(lines.of(view.substr(0)), 1U);
    EXPECT_EQ(lines.of(view.substr(1)), 1U);
    EXPECT_EQ(lines.of(view.substr(3)), 2U);
    EXPECT_EQ(lines.of(view.substr(6)), 4U);
    EXPECT_EQ(lines.of(view.substr(7)), 4U);
}

TEST(TextLines, OfSectionsHaveNamesAndValues) {
    const std::vector<IniEntry> entries =
        read_ini("; c\na = b\n[ s ]\r\nc:d = e\n\n  more \n# x\n[t]\nf =\n").value();
    ASSERT_EQ(entries.size(), 4U);
    EXPECT_EQ(entries[0].key, "a");
    EXPECT_EQ(entries[0].section, "");
    EXPECT_EQ(entries[1].section, " s ");
    EXPECT_EQ(entries[1].key, "c");
    EXPECT_EQ(entries[1].value, "d = e");
    EXPECT_TRUE(entries[2].continues);
    EXPECT_EQ(entries[2].value, "more");
    EXPECT_EQ(entries[2].line, 6U);
    EXPECT_EQ(entries[3].value, "");
    for (const char* bad : {"hunter2", "[s", "= x", ": x", "a\n[s\n"})
        EXPECT_EQ(read_ini(bad).error().code, Errc::MalformedRequest) << bad;
}

TEST(TextLines, GoOnOnlyWhereTheyAreIndentedDeeperThanTheirKey) {
    const std::vector<IniEntry> entries =
        read_ini("[a]\n  x = 1\n  Y = 2\n    more\n  [b]\n    z = 3\n  w = 4\n").value();
    ASSERT_EQ(entries.size(), 5U);
    EXPECT_EQ(entries[1].key, "Y");
    EXPECT_TRUE(is_key(entries[1], "y"));
    EXPECT_FALSE(is_key(entries[1], "yy"));
    EXPECT_TRUE(entries[2].continues);
    EXPECT_EQ(entries[3].section, "b");
    EXPECT_EQ(entries[3].value, "3");
    EXPECT_FALSE(entries[4].continues);
}

TEST(TextLines, DecodesBase64WithOrWithoutPadding) {
    const auto decoded = [](std::string_view text) {
        const Result<SecretBuffer> bytes = decode_base64(text);
        return bytes ? std::string(bytes->reveal().data(), bytes->size()) : "refused";
    };
    EXPECT_EQ(decoded("YWxpY2U6czM="), "alice:s3");
    EXPECT_EQ(decoded("YWxpY2U6czM"), "alice:s3");
    EXPECT_EQ(decoded("+/+/"), "\xfb\xff\xbf");
    EXPECT_EQ(decoded(""), "");
    for (const char* bad : {"-_-_", "a", "YWxp Y2U=", "YWxpY2U6cz=M", "YWxpY2U6czN="})
        EXPECT_EQ(decoded(bad), "refused") << bad;
}

}  // namespace
}  // namespace patd::cli
