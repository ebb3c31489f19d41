// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/git_credentials.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

Result<Credentials> parse(std::string_view text) {
    return parse_credentials(text, FileFormat::Git);
}

std::string secrets_of(const Credentials& credentials) {
    const std::span<const char> bytes = credentials.secrets().expose();
    return {bytes.data(), bytes.size()};
}

TEST(GitCredentials, AreDividedAndDecodedAsGitDoesIt) {
    const Credentials credentials = parse(
                                        "https://alice:ghp_1@github.com\n"
                                        "https://oauth2:gl%40%3a%2F%25@gitlab.example:8443/\n"
                                        "\n"
                                        "http://a%40b:p:w@[2001:db8::1]/team%2Fx/repo.git\n"
                                        "https://bob:last@host%2Eexample:443/a/")
                                        .value();
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
// The line's number and no byte of it.
TEST(GitCredentials, ABadLineRefusesTheFileByItsNumber) {
    struct Bad {
        const char* line;
        Errc code;
    };
    for (const Bad& bad :
         {Bad{"hunter2secret", Errc::MalformedRequest},
          {"# a remark", Errc::MalformedRequest},
          {"https://github.com", Errc::MalformedRequest},
          {"https://hunter2secret@github.com", Errc::MalformedRequest},
          {"https://github.com/a:hunter2secret@b", Errc::MalformedRequest},
          {"https://alice:hunter2secret%4@github.com", Errc::MalformedRequest},
          {"https://alice:hunter2secret%zz@github.com", Errc::MalformedRequest},
          {"https://alice:@github.com", Errc::InvalidSecret},
          {"https://alice:hunter2secret%0a@github.com", Errc::InvalidSecret},
          {"https://alice:hunter2secret%00@github.com", Errc::InvalidSecret},
          {"https://:hunter2secret@github.com", Errc::InvalidUsername},
          {"https://a%0Ab:hunter2secret@github.com", Errc::InvalidUsername},
          {"https://hunter2secret:x-oauth-basic@github.com", Errc::InvalidUsername},
          {"https://alice:hunter2secret@", Errc::InvalidTarget},
          {"https://alice:hunter2secret@GitHub.com.", Errc::InvalidTarget},
          {"https://alice:hunter2secret@github.com\r", Errc::InvalidTarget},
          {"https://alice:hunter2secret@github.com%2Fevil", Errc::InvalidTarget},
          {"https://alice:hunter2secret@a@b.example", Errc::InvalidTarget},
          {"https://alice:hunter2secret@github.com/a//b", Errc::InvalidTarget},
          {"ftp://alice:hunter2secret@mail.example", Errc::InvalidTarget}}) {
        const Result<Credentials> read =
            parse("https://alice:x@first.example\n\n" + std::string(bad.line) + "\n");
        ASSERT_FALSE(read) << bad.line;
        EXPECT_EQ(read.error().code, bad.code) << bad.line;
        EXPECT_TRUE(read.error().context.starts_with("line 3")) << read.error().context;
        EXPECT_EQ(read.error().context.find("hunter2"), std::string::npos);
    }
}

TEST(GitCredentials, EveryTruncationAndEveryByteIsReadOrRefused) {
    const std::string good = "https://alice:se%63ret@github.com/a/b\nhttps://b:c@d.example\n";
    for (std::size_t size = 0; size <= good.size(); ++size)
        (void)parse(good.substr(0, size));
    for (std::size_t i = 0; i < good.size(); ++i) {
        for (const char byte : {'\0', '\n', '%', '@', ':', '/', '\xff'}) {
            std::string changed = good;
            changed[i] = byte;
            (void)parse(changed);
        }
    }
}

}  // namespace
}  // namespace patd::cli
