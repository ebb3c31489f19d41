// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/credential_file.h"

#include "common/base/limits.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

namespace patd::cli {
namespace {

std::string lines(std::size_t count, const std::string& secret) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
        text += "https://a:" + secret + "@host" + std::to_string(i) + ".example\n";
    return text;
}

Result<Credentials> parse(const std::string& text) {
    return parse_credentials(text, FileFormat::Git);
}

TEST(CredentialFile, ItsFormIsGuessedByItsFirstWord) {
    for (const char* text : {"https://a:b@c", "\n\n https://a:b@c", "machine://x"})
        EXPECT_EQ(guess_format(text).value(), FileFormat::Git) << text;
    for (const char* text : {"machine a login b", "\t\nmachine\na", "default login", "macdef x",
                             "# https://a:b@c\nmachine", "MACHINE a", "\xef\xbb\xbfmachine a"})
        EXPECT_EQ(guess_format(text).value(), FileFormat::Netrc) << text;
    EXPECT_EQ(guess_format("# mine\n#\n\nhttps://a:b@c").value(), FileFormat::Git);
    for (const char* text : {"", " \n", "hunter2", "machines"})
        EXPECT_EQ(guess_format(text).error().code, Errc::MalformedRequest) << text;
}

TEST(CredentialFile, WhatIsNeitherIsNamedWithWhatToDo) {
    const auto cause = [](std::string_view text) { return guess_format(text).error().context; };
    EXPECT_EQ(cause("\n"), "the file is empty");
    EXPECT_NE(cause("\xff\xfem").find("iconv -f UTF-16 -t UTF-8 FILE | patctl import --from -"),
              std::string::npos);
    for (const char* text : {"-----BEGIN PGP MESSAGE-----\n\nx", "\x85\x01", "\x8c\x0d"})
        EXPECT_NE(cause(text).find("gpg -d FILE | patctl import --from -"), std::string::npos);
    // gh, glab
    for (const char* text : {"github.com:\n    oauth_token: gho_hunter2\n", "hosts:\n"}) {
        EXPECT_NE(cause(text).find("patctl import DESCRIPTION -t https://HOST -u USER"),
                  std::string::npos);
        EXPECT_EQ(cause(text).find("hunter2"), std::string::npos);
    }
}

TEST(CredentialFile, OnePlaceAndUserNameHasOneSecret) {
    const Credentials twice = parse(
                                  "https://a:one@c.example\n"
                                  "https://b:two@c.example\n"
                                  "https://a:three@c.example:443/\n"
                                  "https://a:one@C.example\n")
                                  .value();
    EXPECT_EQ(twice.entries().size(), 2U);
    ASSERT_EQ(twice.faults().size(), 1U);
    EXPECT_EQ(twice.faults()[0].code, Errc::Ambiguous);
    EXPECT_EQ(twice.faults()[0].line, 3U);
    EXPECT_EQ(twice.faults()[0].text, "line 1 has another password for this place and user name");
    ASSERT_EQ(twice.passed_over().size(), 1U);
    EXPECT_EQ(twice.passed_over()[0].text, "the same as line 1");
    EXPECT_EQ(parse("https://a:one@c.example\nhttps://a:one@c.example/x\n")->entries().size(), 2U);
}

TEST(CredentialFile, ForgetsEntriesWithTheirSecrets) {
    Credentials credentials = parse(
                                  "https://a:one@a.example\nhttps://a:two@b.example\n"
                                  "https://a:three@c.example\n")
                                  .value();
    credentials.remove_if([](const Credential& entry) { return entry.line == 2; });
    ASSERT_EQ(credentials.entries().size(), 2U);
    EXPECT_EQ(credentials.entries()[1].line, 3U);
    const std::span<const char> secrets = credentials.secrets().reveal();
    EXPECT_EQ(std::string(secrets.data(), secrets.size()), "one\nthree\n");
}

// Row D8.
TEST(CredentialFile, HoldsNoMoreThanOneImportMay) {
    EXPECT_EQ(parse(lines(limits::kTokensPerUser, "x")).value().entries().size(),
              limits::kTokensPerUser);
    const Result<Credentials> over = parse(lines(limits::kTokensPerUser + 1, "x"));
    EXPECT_EQ(over.error().code, Errc::LimitExceeded);
    const std::size_t fit = limits::kImportSecretsBytes / (limits::kTokenSecretBytes + 1);
    const std::string longest(limits::kTokenSecretBytes, 'x');
    EXPECT_TRUE(parse(lines(fit, longest)));
    EXPECT_EQ(parse(lines(fit + 1, longest)).error().code, Errc::LimitExceeded);
    EXPECT_TRUE(parse("\n\n").value().entries().empty());
}

TEST(CredentialFile, IsReadWholeOrNotAtAll) {
    const support::TemporaryDirectory directory;
    const auto read = [&](const std::string& content) {
        std::ofstream(directory.file("file"), std::ios::binary) << content;
        return read_credential_file(directory.file("file"), -1);
    };
    EXPECT_TRUE(read("").value().empty());
    EXPECT_EQ(read(std::string("a\0b", 3)).value().size(), 3U);
    EXPECT_EQ(read(std::string(limits::kImportFileBytes, 'x')).value().size(),
              limits::kImportFileBytes);
    EXPECT_EQ(read(std::string(limits::kImportFileBytes + 1, 'x')).error().code,
              Errc::LimitExceeded);
    const Error none = read_credential_file(directory.file("none"), -1).error();
    EXPECT_EQ(none.code, Errc::BadFile);
    EXPECT_TRUE(none.context.ends_with("none cannot be read: No such file or directory"))
        << none.context;
    EXPECT_EQ(read_credential_file(directory.path(), -1).error().code, Errc::BadFile);
    EXPECT_EQ(read_credential_file("-", -1).error().code, Errc::BadFile);
}

TEST(CredentialFile, IsReadWithoutWaitingWhereItMustBeAFile) {
    const support::TemporaryDirectory directory;
    ASSERT_EQ(mkfifo(directory.file("pipe").c_str(), 0600), 0);
    std::ofstream(directory.file("file")) << "content";
    EXPECT_EQ(read_regular_credential_file(directory.file("file")).value().size(), 7U);
    for (const std::string& path : {directory.file("pipe"), directory.file("none"),
                                    directory.path().string(), std::string("/dev/null")})
        EXPECT_EQ(read_regular_credential_file(path).error().code, Errc::BadFile) << path;
}

}  // namespace
}  // namespace patd::cli
