// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

#include "tests/credential_helper/adapters/conversation.h"

#include <gtest/gtest.h>

namespace patd::credential_helper {
namespace {

TEST(Bazel, AnswersForAUri) {
    const Conversation get(kBazel, {"get"}, R"({"uri":"https://cache.example/a?b=c"})");
    EXPECT_EQ(get.asks(), get_request("https://cache.example/a", "bazel", kAbilities));
    EXPECT_EQ(get.hears(kHeader + "password_expiry_utc=1893456000\n"),
              "{\"expires\":\"2030-01-01T00:00:00Z\","
              "\"headers\":{\"Authorization\":[\"Basic YWxpY2U6eA==\"]}}\n");
    EXPECT_EQ(get.hears(kBearer),
              "{\"headers\":{\"Authorization\":[\"Bearer not-a-real-secret\"]}}\n");
    for (const char* bad : {"", "{}", R"({"uri":1})", R"(["https://h"])"})
        EXPECT_EQ(Conversation(kBazel, {"get"}, bad).asks(), "MalformedRequest") << bad;
}

}  // namespace
}  // namespace patd::credential_helper
