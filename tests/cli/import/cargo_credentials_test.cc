// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/import/tool_file_result.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

constexpr char kConfig[] =
    "[build]\nrustflags = [\n  \"-C\", # x ]\n  \"link\",\n]\n[registries]\n"
    "priv = { index = \"sparse+https://crates.example/index/\" }\n[registries.other]\n"
    "index = 'https://git.example/index'\n[registries.ssh]\nindex = \"ssh://git@h.example/x\"\n";

std::string cargo_result(const std::string& text, std::string config = kConfig) {
    return result_of(
        [&config](std::span<char> file, Credentials& credentials) {
            return parse_cargo_credentials(file, config, credentials);
        },
        text);
}

TEST(CargoCredentials, AreKeptForTheIndexThatTheConfigurationNames) {
    EXPECT_EQ(
        cargo_result("[registry]\ntoken = \"cratesio\"\n\n[registries.priv]\n"
                     "token = \"to\\\"ken\\\\x\"\n[registries.\"other\"]\ntoken = 'Bearer t'\n"),
        "2 https://index.crates.io cargo cratesio\n"
        "5 https://crates.example/index cargo to\"ken\\x\n"
        "7 https://git.example/index cargo Bearer t\n");
    EXPECT_EQ(cargo_result("registries.priv.token = \"a\"\nregistries.other = { token = \"b\" }\n"),
              "1 https://crates.example/index cargo a\n"
              "2 https://git.example/index cargo b\n");
}

TEST(CargoCredentials, RefuseWhatHasNoIndexAndPassOverKeysThatSign) {
    EXPECT_EQ(cargo_result("[registries.gone]\ntoken = \"x\"\n"), "2 refused InvalidTarget\n");
    EXPECT_EQ(cargo_result("[registries.ssh]\ntoken = \"x\"\n"), "2 refused InvalidTarget\n");
    EXPECT_EQ(cargo_result("[registries.priv]\nsecret-key = \"k3.secret.x\"\n"), "2 passed over\n");
    EXPECT_EQ(cargo_result("[registries.priv]\ntoken = \"\"\n"), "2 refused InvalidSecret\n");
    EXPECT_EQ(cargo_result("[registries.priv]\ntoken = \"a\\nb\"\n"), "2 refused InvalidSecret\n");
    EXPECT_EQ(cargo_result("[registries.priv]\ntoken = 7\n"), "");
}

TEST(CargoCredentials, AreRefusedWhereOneOfTheFilesIsNoToml) {
    EXPECT_TRUE(cargo_result("token\n").starts_with("MalformedRequest line 1"));
    EXPECT_TRUE(cargo_result("[registry]\ntoken = \"x\"\n", "[a\n")
                    .starts_with("MalformedRequest cargo's config.toml: line 1"));
}

}  // namespace
}  // namespace patd::cli
