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

// pip from 26.2 on, with and without a user name in the index's URL; the last is how uv asks.
TEST(Keyring, GivesTheUserNameToo) {
    const Conversation json(kKeyring, {"--mode=creds", "--output=json", "get", "https://h"});
    EXPECT_EQ(json.asks(), get_request("https://h", "pip"));
    EXPECT_EQ(json.hears(kPlain), R"({"username": "alice", "password": "not-a-real-secret"})"
                                  "\n");
    EXPECT_EQ(Conversation(kKeyring, {"--mode=creds", "--output=json", "get", "https://h", "alice"})
                  .asks(),
              get_request("https://h", "pip", "username=alice\n"));
    EXPECT_EQ(Conversation(kKeyring, {"--output=json", "get", "https://h", "alice"}).hears(kPlain),
              R"({"password": "not-a-real-secret"})"
              "\n");
    EXPECT_EQ(Conversation(kKeyring, {"get", "https://h", "--mode", "creds"}).hears(kPlain),
              "alice\nnot-a-real-secret\n");
    // No option behind the verb: what a URL names is a user.
    EXPECT_EQ(Conversation(kKeyring, {"get", "https://h", "--mode=creds"}).asks(),
              get_request("https://h", "pip", "username=--mode=creds\n"));
}

TEST(Keyring, RefusesWhatItDoesNotKnow) {
    const std::vector<std::string> calls[] = {
        {},
        {"--mode=creds"},
        {"--mode=password", "get", "https://h"},
        {"--mode=", "get", "https://h"},
        {"--mode", "creds", "get", "https://h"},
        {"--output=plain", "get", "https://h", "alice"},
        {"--output=json", "get", "https://h"},
        {"--list-backends"},
        {"get", "https://h", "alice", "more"},
        {"get", "https://h", "--mode", "password"},
        {"--mode=creds", "set", "https://h"},
        {"--mode=creds", "del", "https://h"},
        {"del", "https://h", "--mode", "creds"},
    };
    for (const std::vector<std::string>& call : calls) {
        SCOPED_TRACE(testing::PrintToString(call));
        EXPECT_TRUE(Conversation(kKeyring, call).asks().starts_with("usage: "));
    }
}

}  // namespace
}  // namespace patd::credential_helper
