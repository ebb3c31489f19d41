// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/imported_secret.h"

#include "common/base/limits.h"
#include "common/base/random.h"
#include "common/token/token_string.h"

#include <gtest/gtest.h>

#include <string>

namespace patd {
namespace {

TEST(ImportedSecret, TakesPrintableBytesUpToItsLimit) {
    for (const std::string& good :
         {std::string("x"), std::string("ghp_16C7e42F292c6912E7710c838347Ae178B4a"),
          std::string("p\xc3\xa4ss w\xff"), std::string(limits::kTokenSecretBytes, 'x')})
        EXPECT_TRUE(check_imported_secret(good));
}

TEST(ImportedSecret, RefusesNoneTooLongControlBytesAndPatdsOwn) {
    SystemRandom random;
    const TokenId id = TokenId::generate(random).value();
    const TokenSecret own = make_issued_secret(id, random).value();
    for (const std::string& bad :
         {std::string(), std::string(limits::kTokenSecretBytes + 1, 'x'), std::string("a\nb"),
          std::string("a\0b", 3), std::string("a\x7f"),
          std::string(own.reveal().data(), own.size())})
        EXPECT_EQ(check_imported_secret(bad).error().code, Errc::InvalidSecret);
}

TEST(ImportedSecret, OfAKeyOfAwsHasOneOrTwoPartsThatAreEachASecret) {
    SystemRandom random;
    const TokenSecret own = make_issued_secret(TokenId::generate(random).value(), random).value();
    const auto check = [](const std::string& text) {
        return check_imported_secret(text, SecretKind::Aws).has_value();
    };
    const std::string longest(limits::kSecretPartsBytes - 4, 'x');
    for (const std::string& good :
         {std::string("key"), std::string("key\ttoken"), "key\t" + longest})
        EXPECT_TRUE(check(good));
    for (const std::string& bad :
         {std::string(), std::string("\t"), std::string("key\t"), std::string("\ttoken"),
          std::string("key\ttoken\tmore"), std::string("key\nx"), "key\t" + longest + "x",
          "key\t" + std::string(own.reveal().data(), own.size())})
        EXPECT_FALSE(check(bad)) << bad.size();
    EXPECT_FALSE(check_imported_secret(std::string("key\ttoken")));
    const SecretParts parts = divide_secret(std::string_view("key\ttoken"));
    EXPECT_EQ(std::string(parts.secret.begin(), parts.secret.end()), "key");
    ASSERT_TRUE(parts.session_token);
    EXPECT_EQ(std::string(parts.session_token->begin(), parts.session_token->end()), "token");
    EXPECT_FALSE(divide_secret(std::string_view("key")).session_token);
}

}  // namespace
}  // namespace patd
