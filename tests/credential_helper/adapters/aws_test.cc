// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

#include "tests/credential_helper/adapters/conversation.h"

#include <gtest/gtest.h>

#include <string>

namespace patd::credential_helper {
namespace {

// As every tool's, and that it can take a key with its session token.
std::string parts_request(const std::string& url) {
    std::string request = get_request(url, "aws");
    return request.insert(request.find("tool="), "secret_kind=aws\n");
}

TEST(Aws, SaysAnEndOnlyWhenItIsFarEnough) {
    const Conversation get(kAws, {"prod"});
    EXPECT_EQ(get.asks(), parts_request("aws://prod"));
    EXPECT_EQ(Conversation(kAws, {"https://s3.example/team"}).asks(),
              parts_request("https://s3.example/team"));
    const std::string without =
        "{\"Version\":1,\"AccessKeyId\":\"alice\",\"SecretAccessKey\":\"not-a-real-secret\"";
    const std::string with = without + ",\"Expiration\":\"2030-01-01T00:00:00Z\"";
    EXPECT_EQ(get.hears(kPlain), without + "}\n");
    EXPECT_EQ(get.hears(kExpiring, 1893456000 - 15 * 60), with + "}\n");
    EXPECT_EQ(get.hears(kExpiring, 1893456000 - 15 * 60 + 1), without + "}\n");
    EXPECT_EQ(get.hears(kExpiring, 1893456000 + 1), without + "}\n");
}

TEST(Aws, GivesTheSessionTokenOfAKeyThatHasOne) {
    const Conversation get(kAws, {"prod"});
    EXPECT_EQ(get.hears("username=AKIA1\npassword=k/ey\nsession_token=se\"ss\n"
                        "password_expiry_utc=1893456000\n",
                        1893456000 - 3600),
              "{\"Version\":1,\"AccessKeyId\":\"AKIA1\",\"SecretAccessKey\":\"k/ey\","
              "\"SessionToken\":\"se\\\"ss\",\"Expiration\":\"2030-01-01T00:00:00Z\"}\n");
}

}  // namespace
}  // namespace patd::credential_helper
