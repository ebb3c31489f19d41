// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/import/tool_file_result.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

// As pip config set wrote it.
TEST(PipConf, GivesTheIndexesThatHaveAPasswordInTheirUrl) {
    const std::string good =
        "[global]\nindex-url = https://al%40ice:p%25w@pypi.example/simple\n"
        "extra-index-url = https://a:b@one.example/simple https://two.example/simple\n"
        "timeout = 60\n[install]\nfind-links =\n    https://c:d@three.example/\n"
        "    http://only@four.example/\n";
    EXPECT_EQ(result_of(parse_pip_conf, good),
              "2 https://pypi.example/simple al@ice p%w\n"
              "3 https://one.example/simple a b\n"
              "7 https://three.example c d\n");
    EXPECT_TRUE(survives_every_prefix(parse_pip_conf, good, "p%25w"));
}

TEST(PipConf, RefusesWhatCannotBeKept) {
    for (const char* bad : {"https://a:hunter2@b@c.example/", "https://a:hunter2@*.example/",
                            "https://a:hunter2@c.example/x//y"})
        EXPECT_EQ(result_of(parse_pip_conf, std::string("[global]\nindex-url=") + bad + "\n"),
                  "2 refused InvalidTarget\n")
            << bad;
    EXPECT_EQ(result_of(parse_pip_conf, "[global]\nindex-url=https://a:x%0Ay@c.example/\n"),
              "2 refused InvalidSecret\n");
    EXPECT_TRUE(result_of(parse_pip_conf, "[global\n").starts_with("MalformedRequest line 1"));
}

TEST(PipConf, NoCommandShowsATokenThatStoodAsTheUserName) {
    const std::string token = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
    std::string text = "[global]\nindex-url=https://" + token + ":x-oauth-basic@c.example/\n";
    Credentials credentials(text.size());
    ASSERT_TRUE(parse_pip_conf(text, credentials));
    ASSERT_EQ(credentials.entries().size(), 1U);
    EXPECT_EQ(credentials.entries()[0].removal, "");
    std::string other = "[global]\nindex-url=https://al:pw@c.example/simple\n";
    Credentials kept(other.size());
    ASSERT_TRUE(parse_pip_conf(other, kept));
    EXPECT_EQ(kept.entries().at(0).removal,
              "pip config set 'global.index-url' 'https://al@c.example/simple'");
}

}  // namespace
}  // namespace patd::cli
