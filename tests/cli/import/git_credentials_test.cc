// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/git_credentials.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

Credentials parse_git(std::string_view text) {
    return parse_credentials(text, FileFormat::Git).value();
}

std::string secrets_of(const Credentials& credentials) {
    const std::span<const char> bytes = credentials.secrets().reveal();
    return {bytes.data(), bytes.size()};
}

TEST(GitCredentials, AreDividedAndDecodedAsGitDoesIt) {
    const Credentials credentials = parse_git(
        "https://alice:ghp_1@github.com\n"
        "https://oauth2:gl%40%3a%2F%25@gitlab.example:8443/\n"
        "\n"
        "http://a%40b:p:w@[2001:db8::1]/team%2Fx/repo.git\n"
        "https://bob:last@host%2EExample:443/a/");
    ASSERT_EQ(credentials.entries().size(), 4U);
    const auto shown = [&](std::size_t i) {
        const Credential& entry = credentials.entries()[i];
        return std::to_string(entry.line) + " " + entry.username + " " + entry.target.text();
    };
    EXPECT_EQ(shown(0), "1 alice https://github.com");
    EXPECT_EQ(shown(1), "2 oauth2 https://gitlab.example:8443");
    EXPECT_EQ(shown(2), "4 a@b http://[2001:db8::1]/team/x/repo.git");
    EXPECT_EQ(shown(3), "5 bob https://host.example/a");
    EXPECT_EQ(secrets_of(credentials), "ghp_1\ngl@:/%\np:w\nlast\n");
}

// Row L1.
// The line's number and the cause by name, and no byte of it.
TEST(GitCredentials, EveryFaultIsToldByItsLineAndCostsNoOther) {
    struct Bad {
        const char* line;
        const char* cause;
        Errc code = Errc::MalformedRequest;
    };
    for (const Bad& bad :
         {Bad{"hunter2secret", "not of the form"},
          {"://alice:hunter2secret@github.com", "not of the form"},
          {"https://github.com:a/a:hunter2secret@b", "a /, ? or #"},
          {"https://alice:hunter2/secret@github.com", "a /, ? or #"},
          {"https://alice:hunter2?secret@github.com", "a /, ? or #"},
          {"https://alice:hunter2secret%4@github.com", "a % that starts no escape"},
          {"https://alice:hunter2secret%zz@github.com", "a % that starts no escape"},
          {"https://alice:hunter2secret%0a@github.com", "control character", Errc::InvalidSecret},
          {"https://alice:hunter2secret%00@github.com", "control character", Errc::InvalidSecret},
          {"https://:hunter2secret@github.com", "its user name", Errc::InvalidUsername},
          {"https://a%0Ab:hunter2secret@github.com", "its user name", Errc::InvalidUsername},
          {"https://ghp_hunter2hunter2hunter2:secret@github.com", "looks like a token",
           Errc::InvalidUsername},
          {"https://glpat-hunter2hunter2hunter2@gitlab.com", "looks like a token",
           Errc::InvalidUsername},
          {"https://alice:hunter2secret@", "host: none", Errc::InvalidTarget},
          {"https://alice:hunter2secret@github.com%0d", "host: ", Errc::InvalidTarget},
          {"https://alice:hunter2secret@github.com%2Fevil", "host: ", Errc::InvalidTarget},
          {" https://alice:hunter2secret@b.example", "it starts or ends with a blank"},
          {"https://alice:hunter2secret@b.example \t", "it starts or ends with a blank"},
          {"cert://:hunter2@/home%2Fkey", "scheme: ", Errc::InvalidTarget},
          {"https://alice:hunter2@secret@b.example", "must be written as %40", Errc::InvalidTarget},
          {"https://alice@corp.example:hunter2secret@b.example", "must be written as %40",
           Errc::InvalidTarget}}) {
        const Credentials read = parse_git("https://alice:x@first.example\n\n" +
                                           std::string(bad.line) + "\nhttps://a:b@last.example\n");
        EXPECT_EQ(read.entries().size(), 2U) << bad.line;
        ASSERT_EQ(read.faults().size(), 1U) << bad.line;
        const Remark& fault = read.faults()[0];
        EXPECT_EQ(fault.line, 3U);
        EXPECT_EQ(fault.code, bad.code) << bad.line;
        EXPECT_NE(fault.text.find(bad.cause), std::string::npos) << bad.line << fault.text;
        EXPECT_EQ(fault.text.find("hunter2"), std::string::npos);
    }
}

TEST(GitCredentials, ALineOfAnotherProtocolIsAFaultOfItsOwn) {
    const Credentials read =
        parse_git("ldap://me%40x.example:pass@mail.example:465\nhttps://a:b@c.example\n");
    EXPECT_EQ(read.entries().size(), 1U);
    ASSERT_EQ(read.faults().size(), 1U);
    EXPECT_EQ(read.faults()[0].code, Errc::InvalidTarget);
}

TEST(GitCredentials, LineEndsOfWindowsAreReadAndSaid) {
    const Credentials read = parse_git("https://a:b@c.example\r\n\r\nhttps://d:e@f.example/g\r\n");
    EXPECT_EQ(secrets_of(read), "b\ne\n");
    EXPECT_EQ(read.entries()[1].target.text(), "https://f.example/g");
    ASSERT_EQ(read.notes().size(), 1U);
    EXPECT_NE(read.notes()[0].text.find("CR LF"), std::string::npos);
}

TEST(GitCredentials, WhatIsNoCredentialIsPassedOverAndNamed) {
    const Credentials read = parse_git(
        "# mine\n  \nhttps://alice@github.com\nhttps://github.com\nhttps://a:@b.example\n"
        "https://a:b@c.example\nhttps://a:b@c.example\n");
    EXPECT_EQ(read.entries().size(), 1U);
    EXPECT_TRUE(read.faults().empty());
    std::string said;
    for (const Remark& remark : read.passed_over())
        said += std::to_string(remark.line) + ": " + remark.text + "\n";
    EXPECT_EQ(said,
              "1: a comment\n3: it has no password\n4: it has no user name\n"
              "5: it has no password\n7: the same as line 6\n");
    EXPECT_FALSE(read.is_whole());
    EXPECT_TRUE(parse_git("# a\n\nhttps://a:b@c.example\nhttps://a:b@c.example\n").is_whole());
}

TEST(GitCredentials, ATokenInThePlaceOfTheUserNameIsPutRightAndSaid) {
    const Credentials read = parse_git("https://ghp_hunter2:x-oauth-basic@github.com\n");
    ASSERT_EQ(read.entries().size(), 1U);
    EXPECT_EQ(read.entries()[0].username, "x-access-token");
    EXPECT_EQ(secrets_of(read), "ghp_hunter2\n");
    ASSERT_EQ(read.notes().size(), 1U);
    EXPECT_EQ(read.notes()[0].text.find("hunter2"), std::string::npos);
}

TEST(GitCredentials, EveryTruncationAndEveryByteIsReadOrRefused) {
    const std::string good = "https://alice:se%63ret@github.com/a/b\nhttps://b:c@d.example\n";
    for (std::size_t size = 0; size <= good.size(); ++size)
        (void)parse_git(good.substr(0, size));
    for (std::size_t i = 0; i < good.size(); ++i) {
        for (const char byte : {'\0', '\n', '%', '@', ':', '/', '\xff'}) {
            std::string changed = good;
            changed[i] = byte;
            (void)parse_git(changed);
        }
    }
}

}  // namespace
}  // namespace patd::cli
