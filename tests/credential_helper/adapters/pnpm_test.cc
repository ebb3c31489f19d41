// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

#include "tests/credential_helper/adapters/conversation.h"

#include <gtest/gtest.h>

namespace patd::credential_helper {
namespace {

TEST(Pnpm, LearnsTheRegistryFromItsNameOrAnArgument) {
    const Conversation linked(kPnpm, {}, "", "pat-pnpm-npm.example:4873");
    EXPECT_EQ(linked.asks(), get_request("https://npm.example:4873", "pnpm"));
    EXPECT_EQ(linked.hears(kPlain), "Bearer not-a-real-secret\n");
    EXPECT_EQ(Conversation(kPnpm, {"https://npm.example/team/"}, "", "pat-pnpm").asks(),
              get_request("https://npm.example/team/", "pnpm"));
    EXPECT_TRUE(Conversation(kPnpm, {}, "", "pat-pnpm").asks().starts_with("usage: "));
    EXPECT_EQ(Conversation(kPnpm, {}, "", "pat-pnpm-").asks(), "InvalidTarget");
}

}  // namespace
}  // namespace patd::credential_helper
