// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/netrc.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

Result<Credentials> parse(std::string_view text) {
    return parse_credentials(text, FileFormat::Netrc);
}

TEST(Netrc, IsReadOverLinesQuotesAndComments) {
    const Credentials credentials = parse(
                                        "# mine\n"
                                        "machine github.com login alice password ghp_1\n"
                                        "machine gitlab.example:8443\n"
                                        "\tlogin oauth2 # not the old one\n"
                                        "\tpassword \"a \\\"b\\\\ c\"\n"
                                        "machine git.example password #hash login bob")
                                        .value();
    ASSERT_EQ(credentials.entries().size(), 3U);
    const auto shown = [&](std::size_t i) {
        const Credential& entry = credentials.entries()[i];
        return std::to_string(entry.line) + " " + entry.username + " " + entry.target.text();
    };
    EXPECT_EQ(shown(0), "2 alice https://github.com");
    EXPECT_EQ(shown(1), "3 oauth2 https://gitlab.example:8443");
    EXPECT_EQ(shown(2), "6 bob https://git.example");
    const std::span<const char> secrets = credentials.secrets().expose();
    EXPECT_EQ(std::string(secrets.data(), secrets.size()), "ghp_1\na \"b\\ c\n#hash\n");
}

// Row L1.
TEST(Netrc, WhatIsNotOneMachinesLoginAndPasswordRefusesTheFileByItsLine) {
    struct Bad {
        const char* text;
        const char* line;
        Errc code = Errc::MalformedRequest;
    };
    for (const Bad& bad :
         {Bad{"\ndefault login a password hunter2", "line 2"},
          {"macdef x\nput hunter2\n", "line 1"},
          {"machine a.example login a password hunter2 account x", "line 1"},
          {"machine a.example\nlogin a\nmachine b.example", "line 1"},
          {"machine a.example password hunter2\n", "line 1"},
          {"machine a.example login a password", "line 1"},
          {"machine a.example login a password \"hunter2\n", "line 1"},
          {"machine a.example login a login b password hunter2", "line 1"},
          {"machine a.example login a password hunter2 password x", "line 1"},
          {"\nlogin a password hunter2", "line 2"},
          {"\nmachine A.example login a password hunter2", "line 2", Errc::InvalidTarget},
          {"machine a.example login a password \"\"", "line 1", Errc::InvalidSecret}}) {
        const Result<Credentials> read = parse(bad.text);
        ASSERT_FALSE(read) << bad.text;
        EXPECT_EQ(read.error().code, bad.code) << bad.text;
        EXPECT_TRUE(read.error().context.starts_with(bad.line)) << read.error().context;
        EXPECT_EQ(read.error().context.find("hunter2"), std::string::npos);
    }
}

TEST(Netrc, EveryTruncationIsReadOrRefused) {
    const std::string good = "machine a login b password \"c\\\"d\" # e\nmachine f";
    for (std::size_t size = 0; size <= good.size(); ++size)
        (void)parse(good.substr(0, size));
}

}  // namespace
}  // namespace patd::cli
