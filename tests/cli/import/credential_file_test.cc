// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/credential_file.h"

#include "common/base/limits.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

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
                             "# https://a:b@c\nmachine"})
        EXPECT_EQ(guess_format(text).value(), FileFormat::Netrc) << text;
    for (const char* text : {"", " \n", "hunter2", "machines"})
        EXPECT_EQ(guess_format(text).error().code, Errc::MalformedRequest) << text;
}

TEST(CredentialFile, OnePlaceAndUserNameStandsInItOnce) {
    const Result<Credentials> twice = parse(
        "https://a:one@c.example\n"
        "https://b:two@c.example\n"
        "https://a:three@c.example:443/\n");
    EXPECT_EQ(twice.error().code, Errc::Ambiguous);
    EXPECT_EQ(twice.error().context, "line 3: line 1 is for this place and user name too");
    EXPECT_TRUE(parse("https://a:one@c.example\nhttps://a:one@c.example/x\n"));
}

// Row D8.
TEST(CredentialFile, HoldsNoMoreThanOneImportMay) {
    EXPECT_EQ(parse(lines(limits::kTokensPerUser, "x")).value().entries().size(),
              limits::kTokensPerUser);
    const Result<Credentials> over = parse(lines(limits::kTokensPerUser + 1, "x"));
    EXPECT_EQ(over.error().code, Errc::LimitExceeded);
    EXPECT_TRUE(over.error().context.starts_with("line 1001"));
    const std::size_t fit = limits::kImportSecretsBytes / (limits::kTokenSecretBytes + 1);
    const std::string longest(limits::kTokenSecretBytes, 'x');
    EXPECT_TRUE(parse(lines(fit, longest)));
    EXPECT_EQ(parse(lines(fit + 1, longest)).error().code, Errc::LimitExceeded);
    EXPECT_EQ(parse("\n\n").error().code, Errc::MalformedRequest);
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
    EXPECT_EQ(read_credential_file(directory.file("none"), -1).error().code, Errc::InvalidSecret);
    EXPECT_EQ(read_credential_file(directory.path(), -1).error().code, Errc::InvalidSecret);
    EXPECT_EQ(read_credential_file("-", -1).error().code, Errc::InvalidSecret);
}

}  // namespace
}  // namespace patd::cli
