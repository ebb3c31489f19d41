// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/file_format.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

TEST(FileFormats, AreGuessedByTheirFirstWords) {
    const std::pair<const char*, FileFormat> files[] = {
        {"https://a:b@c.example\n", FileFormat::Git},
        {"# x\n\nmachine a login b\n", FileFormat::Netrc},
        {"\xef\xbb\xbf{\n\t\"auths\": {}}", FileFormat::Docker},
        {"{\"credsStore\": \"x\", \"auths\": {}}", FileFormat::Docker},
        {"{\"credentials\": {}}", FileFormat::Terraform},
        {"[registry]\ntoken = \"x\"\n", FileFormat::Cargo},
        {"; x\n[registries.a]\ntoken = \"https://\"\n", FileFormat::Cargo},
        {"[default]\nregion = eu\naws_secret_access_key = x\n", FileFormat::Aws},
        {"[global]\nindex-url = https://a:b@c.example\n", FileFormat::Pip},
        {"registry=https://npm.example/\n//npm.example/:_authToken=x\n", FileFormat::Npm},
        {"//npm.example/:_authToken=x\n", FileFormat::Npm},
        {"apiVersion: v1\nkind: Config\n", FileFormat::Kube},
        {"current-context: x\napiVersion: v1\n", FileFormat::Kube}};
    for (const auto& [text, format] : files)
        EXPECT_EQ(guess_format(text).value(), format) << text;
    for (const char* none : {"", " \n", "hunter2\n", "{}", "{\"hunter2\": 1}", "[core]\n"}) {
        const Result<FileFormat> guessed = guess_format(none);
        ASSERT_FALSE(guessed) << none;
        EXPECT_EQ(guessed.error().context.find("hunter2"), std::string::npos);
    }
}

TEST(FileFormats, HaveNamesOfTheirOwn) {
    EXPECT_EQ(find_format("git"), FileFormat::Git);
    EXPECT_EQ(find_format("kube"), FileFormat::Kube);
    EXPECT_EQ(find_format("terraform"), FileFormat::Terraform);
    EXPECT_FALSE(find_format("docker "));
    EXPECT_EQ(format_names().size(), 9U);
    EXPECT_TRUE(is_credentials_alone(FileFormat::Netrc));
    EXPECT_FALSE(is_credentials_alone(FileFormat::Aws));
}

}  // namespace
}  // namespace patd::cli
