// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

#include "tests/credential_helper/adapters/conversation.h"

#include <gtest/gtest.h>

#include <string>

namespace patd::credential_helper {
namespace {

TEST(Aws, SaysAnEndOnlyWhenItIsFarEnough) {
    const Conversation get(kAws, {"prod"});
    EXPECT_EQ(get.asks(), get_request("aws://prod", "aws"));
    EXPECT_EQ(Conversation(kAws, {"https://s3.example/team"}).asks(),
              get_request("https://s3.example/team", "aws"));
    const std::string without =
        "{\"Version\":1,\"AccessKeyId\":\"alice\",\"SecretAccessKey\":\"not-a-real-secret\"";
    const std::string with = without + ",\"Expiration\":\"2030-01-01T00:00:00Z\"";
    EXPECT_EQ(get.hears(kPlain), without + "}\n");
    EXPECT_EQ(get.hears(kExpiring, 1893456000 - 15 * 60), with + "}\n");
    EXPECT_EQ(get.hears(kExpiring, 1893456000 - 15 * 60 + 1), without + "}\n");
    EXPECT_EQ(get.hears(kExpiring, 1893456000 + 1), without + "}\n");
}

}  // namespace
}  // namespace patd::credential_helper
