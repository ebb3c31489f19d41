// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

#include "tests/credential_helper/adapters/conversation.h"

#include <gtest/gtest.h>

namespace patd::credential_helper {
namespace {

TEST(Go, AnswersForExactlyTheUrlThatWasRefused) {
    EXPECT_EQ(Conversation(kGo, {}).asks(), "");
    const Conversation get(kGo, {"https://git.example/team/mod?go-get=1"});
    EXPECT_EQ(get.asks(), get_request("https://git.example/team/mod", "go", kAbilities));
    EXPECT_EQ(get.hears(kHeader),
              "https://git.example/team/mod?go-get=1\n\nAuthorization: Basic YWxpY2U6eA==\n\n");
    EXPECT_EQ(get.hears(kBearer),
              "https://git.example/team/mod?go-get=1\n\n"
              "Authorization: Bearer not-a-real-secret\n\n");
    EXPECT_EQ(get.hears(""), "none");
    EXPECT_EQ(Conversation(kGo, {"ftp://git.example"}).asks(), "InvalidTarget");
    EXPECT_EQ(kGo.none.status, 0);
    EXPECT_EQ(kGo.none.words, "");
}

}  // namespace
}  // namespace patd::credential_helper
