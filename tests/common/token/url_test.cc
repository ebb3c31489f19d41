// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/url.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

std::string parts_of(const char* text) {
    const Result<UrlParts> parts = divide_url(text);
    if (!parts)
        return "none";
    const auto bracket = [](std::string_view part) { return "[" + std::string(part) + "]"; };
    return bracket(parts->scheme) +
           (parts->username ? bracket(*parts->username) : std::string("-")) +
           (parts->password ? bracket(*parts->password) : std::string("-")) + bracket(parts->host) +
           bracket(parts->path);
}

TEST(Url, IsDividedWhereGitDividesIt) {
    EXPECT_EQ(parts_of("https://h"), "[https]--[h][]");
    EXPECT_EQ(parts_of("https://h:1/a/b?c#d"), "[https]--[h:1][/a/b?c#d]");
    EXPECT_EQ(parts_of("https://h?c"), "[https]--[h][?c]");
    EXPECT_EQ(parts_of("https://u@h/a@b"), "[https][u]-[h][/a@b]");
    EXPECT_EQ(parts_of("https://u:p@h/a:b"), "[https][u][p][h][/a:b]");
    EXPECT_EQ(parts_of("https://@h"), "[https][]-[h][]");
    EXPECT_EQ(parts_of("https://a\\@h"), "none");
    EXPECT_EQ(parts_of("https://u:p:q@h"), "[https][u][p:q][h][]");
    EXPECT_EQ(parts_of("https://u:@h"), "[https][u][][h][]");
    EXPECT_EQ(parts_of("https://u:p@q@h"), "[https][u][p][q@h][]");
    EXPECT_EQ(parts_of("https://h/u:p@x"), "[https]--[h][/u:p@x]");
    EXPECT_EQ(parts_of("cert:///a"), "[cert]--[][/a]");
    EXPECT_EQ(parts_of("https:/h"), "none");
    EXPECT_EQ(parts_of(""), "none");
}

TEST(Url, IsDecodedAsGitDoesIt) {
    EXPECT_EQ(decode_url("a%20b%2Fc%2f%41"), "a b/c/A");
    EXPECT_EQ(decode_url("%00%zz%4"), "%00%zz%4");
    EXPECT_EQ(decode_url("%%41"), "%A");
    EXPECT_EQ(decode_url("%0x%-1%+1% 1"), "%0x%-1%+1% 1");
    EXPECT_EQ(decode_url(""), "");
}

TEST(Url, APathHasOneSpelling) {
    EXPECT_EQ(encode_url_path("a b%c*d#e?f\\g"), "a%20b%25c%2Ad%23e%3Ff%5Cg");
    EXPECT_EQ(encode_url_path("~a/b@c:d+e\xc3\xbc"), "~a/b@c:d+e\xc3\xbc");
}

TEST(Url, AUserNameDecodesToItself) {
    EXPECT_EQ(encode_url_username("build-bot_1.a~"), "build-bot_1.a~");
    const std::string name = "alice@example.com:x/y %\\\xc3\xbc";
    const std::string text = encode_url_username(name);
    EXPECT_EQ(text, "alice%40example.com%3Ax%2Fy%20%25%5C%C3%BC");
    EXPECT_EQ(decode_url(*divide_url("https://" + text + "@h").value().username), name);
}

TEST(Url, APasswordIsRefusedAndAnEmptyOneIsNone) {
    EXPECT_EQ(refuse_password(divide_url("https://u:p@h").value()).error().code,
              Errc::InvalidTarget);
    EXPECT_TRUE(refuse_password(divide_url("https://u:@h").value()));
    EXPECT_TRUE(refuse_password(divide_url("https://u@h").value()));
}

}  // namespace
}  // namespace patd
