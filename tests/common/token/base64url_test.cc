// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/base64url.h"

#include <gtest/gtest.h>

#include <string>

namespace patd {
namespace {

std::string encoded(std::string_view bytes) {
    SecretBuffer out(bytes.size() * 2 + 4);
    EXPECT_TRUE(append_base64url(out, bytes));
    return {out.reveal().begin(), out.reveal().end()};
}

Result<std::string> decoded(std::string_view text) {
    SecretBuffer out(text.size() + 4);
    TRY(append_decoded_base64url(out, text));
    return std::string(out.reveal().begin(), out.reveal().end());
}

// The vectors of RFC 4648 section 10, without their padding.
TEST(Base64Url, MatchesTheVectorsOfItsRfc) {
    const std::pair<const char*, const char*> vectors[] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : vectors) {
        EXPECT_EQ(encoded(bytes), text);
        EXPECT_EQ(decoded(text).value(), bytes);
    }
}

// The vectors unchanged, and the two digits that differ between the alphabets.
TEST(Base64, MatchesTheVectorsOfItsRfc) {
    const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"},
                                                           {"\xfb\xff\xbf", "+/+/"}};
    for (const auto& [bytes, text] : vectors) {
        SecretBuffer out(16);
        EXPECT_TRUE(append_base64(out, std::string_view(bytes)));
        EXPECT_EQ(std::string(out.reveal().data(), out.size()), text);
    }
    SecretBuffer small(3);
    EXPECT_EQ(append_base64(small, std::string_view("fo")).error().code, Errc::LimitExceeded);
}

TEST(Base64Url, UsesTheAlphabetThatAUrlCarries) {
    EXPECT_EQ(encoded("\xfb\xff\xbf"), "-_-_");
    EXPECT_EQ(decoded("-_-_").value(), "\xfb\xff\xbf");
}

TEST(Base64Url, EveryByteStringComesBack) {
    std::string bytes;
    for (int i = 0; i < 600; ++i) {
        EXPECT_EQ(decoded(encoded(bytes)).value(), bytes);
        bytes.push_back(static_cast<char>(i * 37));
    }
}

TEST(Base64Url, RefusesEveryByteOutsideItsAlphabet) {
    int accepted = 0;
    for (int byte = 0; byte < 256; ++byte) {
        std::string text = "AAAA";
        text[1] = static_cast<char>(byte);
        const auto result = decoded(text);
        accepted += result ? 1 : 0;
        EXPECT_TRUE(result || result.error().code == Errc::MalformedRequest);
    }
    EXPECT_EQ(accepted, 64);
}

TEST(Base64Url, RefusesImpossibleLengthsAndPadding) {
    for (const char* text : {"A", "AAAAA", "Zg==", "Zm8=", "Zg=", "Z g", "Zg\n"})
        EXPECT_FALSE(decoded(text)) << text;
}

// Otherwise one token would have several texts, and one of them might be overlooked.
TEST(Base64Url, RefusesBitsLeftOverThatAreNotZero) {
    for (const char* text : {"Zh", "Zv", "Zm9", "Zm-", "AB", "AAB"})
        EXPECT_FALSE(decoded(text)) << text;
    EXPECT_TRUE(decoded("AA"));
    EXPECT_TRUE(decoded("AAA"));
}

TEST(Base64Url, SaysWhenTheBufferIsTooSmall) {
    SecretBuffer out(3);
    EXPECT_EQ(append_base64url(out, std::string_view("foo")).error().code, Errc::LimitExceeded);
    SecretBuffer bytes(2);
    EXPECT_EQ(append_decoded_base64url(bytes, "Zm9v").error().code, Errc::LimitExceeded);
}

}  // namespace
}  // namespace patd
