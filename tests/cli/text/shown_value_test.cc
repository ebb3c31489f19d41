// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/shown_value.h"

#include <gtest/gtest.h>

#include <utility>

namespace patd::cli {
namespace {

TEST(ShownValue, IsWhatWasTyped) {
    for (const char* text : {"vcs:repo:rw", "https://git.example/team", "git.example", "30",
                             "git@git.example:team/x.git", "https://[2001:db8::1]:8443/a"})
        EXPECT_EQ(shown_value(text), text);
    EXPECT_EQ(shown_value(""), "''");
}

TEST(ShownValue, HasNothingOfAUrlThatMayBeASecret) {
    for (const auto& [typed, shown] :
         {std::pair("https://alice:hunter2@git.example/team", "https://git.example/team"),
          std::pair("https://alice@git.example", "https://git.example"),
          std::pair("https://alice:hun/ter2@git.example/team", "https://git.example/team"),
          std::pair("https://alice:hun@ter2@git.example", "https://git.example"),
          std::pair("alice:hunter2@git.example", "git.example"),
          std::pair("https://git.example/a?token=hunter2", "https://git.example/a?..."),
          std::pair("https://git.example/a#hunter2", "https://git.example/a#..."),
          std::pair("https://git.example?q=https://a:hunter2@b", "https://b")})
        EXPECT_EQ(shown_value(typed), shown) << typed;
}

TEST(ShownValue, IsNoToken) {
    for (const char* typed : {"ghp_0123456789abcdefABCDEF0123456789abcd",
                              "https://ghp_0123456789abcdefABCDEF0123456789abcd@git.example:x",
                              "https://git.example/ghp_0123456789abcdefABCDEF0123456789abcd",
                              "-glpat-0123456789abcdefABCD"})
        EXPECT_EQ(shown_value(typed).find("0123456789"), std::string::npos) << shown_value(typed);
}

TEST(ShownFile, IsWholeUnlessItMayBeASecret) {
    const std::string path = "/srv/" + std::string(100, 'x') + "/a@b:c";
    EXPECT_EQ(shown_file(path), path);
    EXPECT_EQ(shown_file(""), "''");
    EXPECT_EQ(shown_file("a\nb").find('\n'), std::string::npos);
    EXPECT_EQ(shown_file("https://alice:hunter2@git.example"), "https://git.example");
    EXPECT_EQ(shown_file("ghp_0123456789abcdefABCDEF0123456789abcd"), "(what looks like a token)");
}

TEST(ShownValue, DrawsNothingAndIsShort) {
    EXPECT_EQ(shown_value("a\x1b[2Jb"), "a?[2Jb");
    EXPECT_EQ(shown_value("a\nb"), "a?b");
    EXPECT_EQ(shown_value(std::string(1000, 'a')), std::string(64, 'a') + "...");
}

}  // namespace
}  // namespace patd::cli
