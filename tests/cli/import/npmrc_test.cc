// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/import/tool_file_result.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

// As npm config set wrote it.
TEST(Npmrc, GivesTheTokensAndPasswordsOfRegistries) {
    const std::string good =
        "registry=https://npm.example/\n; a comment\n//npm.example/team/:_authToken=npm_abc\n"
        "//npm2.example/:_auth=\"YWxpY2U6cw==\"\n//npm3.example:8443/:username=bob\n"
        "//npm3.example:8443/:_password=\"czQ=\"\n//npm3.example:8443/:always-auth=true\n"
        "//npm4.example/:_authToken=${NPM_TOKEN}\n@team:registry=https://npm.example/team/\n";
    EXPECT_EQ(result_of(parse_npmrc, good),
              "3 https://npm.example/team npm npm_abc\n"
              "4 https://npm2.example alice s\n"
              "6 https://npm3.example:8443 bob s4\n"
              "8 passed over\n");
    EXPECT_TRUE(survives_every_prefix(parse_npmrc, good, "npm_abc"));
}

TEST(Npmrc, RefusesEachLineThatCannotBeKept) {
    const auto refused = [](const std::string& line, const char* why) {
        EXPECT_EQ(result_of(parse_npmrc, line + "\n"), std::string("1 refused ") + why + "\n")
            << line;
    };
    for (const char* line : {"_authToken=hunter2", "_auth = aHVudGVyMg=="})
        refused(line, "InvalidTarget");
    for (const char* line : {"//u:hunter2@h.example/:_authToken=x", "//*.example/:_authToken=x",
                             "///:_authToken=x", "//h.example/a//b/:_authToken=x"})
        refused(line, "InvalidTarget");
    for (const char* value : {"a;b", "a#b", "a\\b", "\"a", "\"a\\nb\"", "'a\"b'"})
        refused(std::string("//h.example/:_authToken=") + value, "InvalidSecret");
    for (const char* line : {"//h.example/:_auth=hunter2!", "//h.example/:_auth=aHVudGVyMg",
                             "//h.example/:_password=%"})
        refused(line, "InvalidSecret");
    refused("//h.example/:_password=czQ=", "InvalidUsername");
    EXPECT_EQ(result_of(parse_npmrc, "//h.example/:_authToken=a\n//h.example/:_authToken=b\n"),
              "1 https://h.example npm a\n2 refused Ambiguous\n");
}

}  // namespace
}  // namespace patd::cli
