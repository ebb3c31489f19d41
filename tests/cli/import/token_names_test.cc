// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/token_names.h"

#include <gtest/gtest.h>

#include <string>

namespace patd::cli {
namespace {

std::string right(std::string_view username, std::string_view secret) {
    const Result<NamedSecret> named = put_right(username, secret);
    if (!named)
        return "refused";
    return std::string(named->username) + ":" +
           std::string(named->secret.data(), named->secret.size()) +
           (named->was_username ? " put right" : "");
}

TEST(TokenNames, ATokenInThePlaceOfTheUserNameIsPutRight) {
    EXPECT_EQ(right("ghp_abc", "x-oauth-basic"), "x-access-token:ghp_abc put right");
    EXPECT_EQ(right("0123456789abcdef", "x-oauth-basic"),
              "x-access-token:0123456789abcdef put right");
    EXPECT_EQ(right("ghs_abcdefghijklmnopqrs7", "x-access-token"),
              "x-access-token:ghs_abcdefghijklmnopqrs7 put right");
    EXPECT_EQ(right("glpat-abcdefghijklmnopqrs7", "oauth2"),
              "oauth2:glpat-abcdefghijklmnopqrs7 put right");
}

TEST(TokenNames, WhatIsRightStaysAsItIs) {
    for (const char* name : {"alice", "x-access-token", "oauth2", "x-token-auth", "ghost"})
        EXPECT_EQ(right(name, "ghp_abc"), std::string(name) + ":ghp_abc");
    EXPECT_EQ(right("alice", "oauth2"), "alice:oauth2");
}

TEST(TokenNames, ATokenBesideAnotherSecretIsRefused) {
    for (const char* name : {"ghp_abcdefghijklmnopqrs7", "glpat-abcdefghijklmnopqrs7",
                             "github_pat_abcdefghijklmnopqrs7", "npm_abcdefghijklmnopqrs7"})
        EXPECT_EQ(right(name, "hunter2"), "refused");
}

}  // namespace
}  // namespace patd::cli
