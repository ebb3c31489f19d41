// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

#include "tests/credential_helper/adapters/conversation.h"

#include <gtest/gtest.h>

namespace patd::credential_helper {
namespace {

TEST(Terraform, AnswersForAHost) {
    const Conversation get(kTerraform, {"--ttl", "1h", "get", "registry.example:8443"});
    EXPECT_EQ(get.asks(),
              "patd=1\nop=get\nttl=3600\nurl=https://registry.example:8443\ntool=terraform\n\n");
    EXPECT_EQ(get.hears(kPlain), "{\"token\":\"not-a-real-secret\"}\n");
    EXPECT_EQ(kTerraform.none.words, "{}\n");
    EXPECT_EQ(Conversation(kTerraform, {"store", "h.example"}, R"({"token":"t","x":1})").asks(),
              "patd=1\nop=store\nurl=https://h.example\nusername=terraform\npassword=t\n"
              "tool=terraform\n\n");
    EXPECT_EQ(Conversation(kTerraform, {"forget", "h.example"}).asks(),
              "patd=1\nop=erase\nurl=https://h.example\nusername=terraform\ntool=terraform\n\n");
    for (const char* bad : {"", "{}", R"({"token":""})", R"({"token":1})", R"({"token":"a)"})
        EXPECT_EQ(Conversation(kTerraform, {"store", "h"}, bad).asks(), "MalformedRequest") << bad;
    EXPECT_TRUE(Conversation(kTerraform, {"get"}).asks().starts_with("usage: "));
    EXPECT_TRUE(Conversation(kTerraform, {"list", "h"}).asks().starts_with("usage: "));
}

}  // namespace
}  // namespace patd::credential_helper
