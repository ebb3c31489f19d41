// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/secrets.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace patd {
namespace {

TEST(Secret, GivesItsBufferAwayOnce) {
    TokenSecret secret(SecretBuffer::copy_of(std::string_view("hunter2")));
    EXPECT_EQ(secret.size(), 7U);
    EXPECT_STREQ(secret.reveal_c_str(), "hunter2");
    const SecretBuffer taken = secret.take();
    EXPECT_EQ(taken.size(), 7U);
    EXPECT_TRUE(secret.empty());
    EXPECT_TRUE(secret.reveal().empty());
}

TEST(Secret, IsEmptyByDefault) {
    const ServicePassword password;
    EXPECT_TRUE(password.empty());
    EXPECT_STREQ(password.reveal_c_str(), "");
}

// A token is not a password, and neither is copied (row M6).
static_assert(!std::is_convertible_v<TokenSecret, ServicePassword>);
static_assert(!std::is_constructible_v<ServicePassword, TokenSecret>);
static_assert(!std::is_constructible_v<MasterKey, DataKey>);
static_assert(!std::is_copy_constructible_v<TokenSecret>);
static_assert(!std::is_copy_assignable_v<TokenSecret>);
static_assert(std::is_nothrow_move_constructible_v<TokenSecret>);
static_assert(!std::is_convertible_v<SecretBuffer, TokenSecret>);

}  // namespace
}  // namespace patd
