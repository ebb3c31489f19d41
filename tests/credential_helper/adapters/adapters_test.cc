// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

#include "credential_helper/adapters/adapters.h"

#include <gtest/gtest.h>

namespace patd::credential_helper {
namespace {

TEST(FindAdapter, KnowsEachNameAndNoOther) {
    for (const char* name :
         {"pat-get", "docker-credential-pat", "pat-askpass", "cargo-credential-pat", "pat-kubectl",
          "pat-aws", "pat-keyring", "pat-go", "terraform-credentials-pat", "pat-pnpm",
          "pat-vault-client", "pat-bazel"}) {
        ASSERT_NE(find_adapter(name), nullptr) << name;
        EXPECT_EQ(find_adapter(name)->name, name);
    }
    EXPECT_EQ(find_adapter("keyring"), &kKeyring);
    EXPECT_EQ(find_adapter("pat-pnpm-npm.example:4873"), &kPnpm);
    for (const char* name : {"", "git-credential-pat", "get", "pat-", "pat-getx", "docker"})
        EXPECT_EQ(find_adapter(name), nullptr) << name;
}

}  // namespace
}  // namespace patd::credential_helper
