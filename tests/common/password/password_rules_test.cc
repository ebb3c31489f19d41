// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/password/password_rules.h"

#include <gtest/gtest.h>

#include <string>

namespace patd::password {
namespace {

Result<void> check(std::string_view text, std::string_view user = "alice") {
    return check_new_password(ServicePassword(SecretBuffer::copy_of(text)), user);
}

TEST(PasswordRules, AcceptFrom8To511Bytes) {
    EXPECT_TRUE(check("12345678"));
    EXPECT_TRUE(check(std::string(511, 'a')));
    EXPECT_TRUE(check("p\xc3\xa4sswort"));
}

TEST(PasswordRules, RefuseShortLongAndControlBytes) {
    for (const std::string& text :
         {std::string(), std::string("1234567"), std::string(512, 'a'), std::string("12345678\n"),
          std::string("1234\0"
                      "5678",
                      9),
          std::string("12345678\x7f")}) {
        ASSERT_FALSE(check(text));
        EXPECT_EQ(check(text).error().code, Errc::PasswordNotAccepted);
    }
}

TEST(PasswordRules, RefuseTheUserName) {
    EXPECT_FALSE(check("alexandra", "alexandra"));
    EXPECT_TRUE(check("alexandra", "alice"));
}

TEST(PasswordRules, TakeAnOldPasswordForWhatItIs) {
    EXPECT_TRUE(is_well_formed(std::string_view("x")));
    EXPECT_TRUE(is_well_formed(std::string_view("caf\xe9")));
    EXPECT_FALSE(is_well_formed(std::string_view("")));
    EXPECT_FALSE(is_well_formed(std::string_view("a\tb")));
    EXPECT_FALSE(is_well_formed(std::string(512, 'a')));
}

}  // namespace
}  // namespace patd::password
