// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

#include "tests/credential_helper/adapters/conversation.h"

#include <gtest/gtest.h>

namespace patd::credential_helper {
namespace {

TEST(Vault, AnswersForALabel) {
    const Conversation get(kVault, {"--vault-id", "prod"});
    EXPECT_EQ(get.asks(), get_request("vault://prod", "ansible"));
    EXPECT_EQ(get.hears(kPlain), "not-a-real-secret\n");
    EXPECT_EQ(kVault.none.status, 2);
    EXPECT_TRUE(Conversation(kVault, {}).asks().starts_with("usage: "));
}

}  // namespace
}  // namespace patd::credential_helper
