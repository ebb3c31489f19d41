// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/call_token.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

TEST(CallToken, NamesTheDescriptionAndTheId) {
    client::Dictionary token;
    token.set("id", "AbCdE01234");
    token.set("description", "work\x1b[31m forge");
    EXPECT_EQ(call_token(token), "'work?[31m forge' (AbCdE01234)");
    EXPECT_EQ(call_token(token, ", never used"), "'work?[31m forge' (AbCdE01234, never used)");
}

}  // namespace
}  // namespace patd::cli
