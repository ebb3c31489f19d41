// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/pam_line.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

using Texts = std::vector<std::string>;

TEST(PamLine, HasItsParts) {
    const std::vector<PamLine> lines = parse_pam_lines(
        "# comment\n\n  auth\trequired  pam_pat.so token permission=a:b:ro # more\n"
        "-session optional pam_x.so\n@include common-auth\n");
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines[0].type, "auth");
    EXPECT_EQ(lines[0].control, "required");
    EXPECT_EQ(lines[0].module, "pam_pat.so");
    EXPECT_EQ(lines[0].arguments, (Texts{"token", "permission=a:b:ro"}));
    EXPECT_EQ(lines[1].type, "session");
    EXPECT_TRUE(lines[2].is_include());
    EXPECT_EQ(lines[2].module, "common-auth");
}

TEST(PamLine, HoldsBracketsTogetherAndContinuesLines) {
    const std::vector<PamLine> lines = parse_pam_lines(
        "auth [success=1 default=ignore] pam_pat.so \\\n  token [audience=https://h.example]");
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].control, "[success=1 default=ignore]");
    EXPECT_EQ(lines[0].arguments, (Texts{"token", "audience=https://h.example"}));
}

// As libpam 1.5.2 of Debian 12 does.
TEST(PamLine, ACommentEndsItsRule) {
    for (const char* comment : {"# \\", "\\#", "\\# \\", "x#\\"}) {
        const std::vector<PamLine> lines =
            parse_pam_lines("auth required pam_x.so " + std::string(comment) + "\nauth a b\n");
        ASSERT_EQ(lines.size(), 2U) << comment;
        EXPECT_EQ(lines[0].module, "pam_x.so") << comment;
        EXPECT_EQ(lines[1].module, "b") << comment;
    }
    ASSERT_EQ(parse_pam_lines("# \\\nauth a b\n").size(), 1U);
}

TEST(PamLine, IsContinuedOverEmptyLinesAndComments) {
    for (const char* between : {"\\\n", "\\ \t\n", "\\\n\n", "\\\n \n# c\n", "\\\n # c \\\n"}) {
        const std::vector<PamLine> lines =
            parse_pam_lines("auth required " + std::string(between) + "pam_x.so\nauth a b\n");
        ASSERT_EQ(lines.size(), 2U) << between;
        EXPECT_EQ(lines[0].module, "pam_x.so") << between;
    }
}

TEST(PamLine, KnowsTypeAndControlInAnyCase) {
    const std::vector<PamLine> lines = parse_pam_lines("-AUTH SubStack Common-Auth\n");
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].type, "auth");
    EXPECT_TRUE(lines[0].includes_type());
    EXPECT_EQ(lines[0].module, "Common-Auth");
}

TEST(PamLine, IsForAModuleByAnyPath) {
    for (const char* rule : {"auth required pam_x.so", "auth required /lib/security/pam_x.so"})
        EXPECT_TRUE(parse_pam_lines(rule)[0].is_for("pam_x.so")) << rule;
    for (const char* rule : {"auth required my_pam_x.so", "auth required x.so", "auth"})
        EXPECT_FALSE(parse_pam_lines(rule)[0].is_for("pam_x.so")) << rule;
}

TEST(PamLine, IsEmptyWhereALineIsOfAnotherForm) {
    EXPECT_TRUE(parse_pam_lines("").empty());
    EXPECT_TRUE(parse_pam_lines("\n#\n \t\n").empty());
    ASSERT_EQ(parse_pam_lines("auth").size(), 1U);
    EXPECT_EQ(parse_pam_lines("auth")[0].module, "");
    EXPECT_EQ(parse_pam_lines("auth [open x")[0].control, "[open x");
}

}  // namespace
}  // namespace patd
