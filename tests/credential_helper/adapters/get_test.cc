// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

#include "tests/credential_helper/adapters/conversation.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace patd::credential_helper {
namespace {

TEST(Get, PrintsTheSecretOfAUrl) {
    const Conversation get(kGet, {"--permission", "vcs:repository:ro", "--ttl", "5m",
                                  "smtp://alice@mail.example:587"});
    EXPECT_EQ(get.asks(),
              "patd=1\nop=get\npermission=vcs:repository:ro\nttl=300\n"
              "url=smtp://alice@mail.example:587\ntool=get\n\n");
    EXPECT_EQ(get.hears(kExpiring), "not-a-real-secret\n");
    EXPECT_EQ(get.hears("error=Locked\ntext=It is locked.\nquit=1\n"), "It is locked.");
    EXPECT_EQ(get.hears("error=Locked\n"), errc_message(Errc::Locked));
    EXPECT_EQ(Conversation(kGet, {"git.example"}).asks(), "InvalidTarget");
    EXPECT_EQ(Conversation(kGet, {"https://a\nop=verify"}).asks(), "MalformedRequest");
    for (const std::vector<std::string>& bad : {std::vector<std::string>{},
                                                {"https://a", "https://b"},
                                                {"--ttl", "soon", "https://a"},
                                                {"--permission"},
                                                {"--frobnicate", "https://a"},
                                                {"--write-permission", "vcs"}}) {
        EXPECT_EQ(Conversation(kGet, bad).status(), 2);
        EXPECT_FALSE(Conversation(kGet, bad).question().verb);
    }
}

}  // namespace
}  // namespace patd::credential_helper
