// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

#include "tests/credential_helper/adapters/conversation.h"

#include <gtest/gtest.h>

namespace patd::credential_helper {
namespace {

TEST(Keyring, AnswersPip) {
    const Conversation get(kKeyring, {"get", "https://pypi.example/simple", "alice"});
    EXPECT_EQ(get.asks(), get_request("https://pypi.example/simple", "pip", "username=alice\n"));
    EXPECT_EQ(get.hears(kPlain), "not-a-real-secret\n");
    EXPECT_EQ(Conversation(kKeyring, {"get", "pypi.example:8080", "alice"}).asks(),
              get_request("https://pypi.example:8080", "pip", "username=alice\n"));
    EXPECT_EQ(Conversation(kKeyring, {"set", "https://h", "alice"}, "s\n").asks(),
              "patd=1\nop=store\nurl=https://h\nusername=alice\npassword=s\ntool=pip\n\n");
    EXPECT_EQ(Conversation(kKeyring, {"set", "https://h", "alice"}, "\n").asks(),
              "MalformedRequest");
    EXPECT_EQ(Conversation(kKeyring, {"del", "https://h", "alice"}).asks(),
              "patd=1\nop=erase\nurl=https://h\nusername=alice\ntool=pip\n\n");
    EXPECT_TRUE(Conversation(kKeyring, {"get", "https://h"}).asks().starts_with("usage: "));
    EXPECT_NE(kKeyring.none.status, 0);
}

}  // namespace
}  // namespace patd::credential_helper
