// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/json.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

TEST(ToJson, KeepsTheKeysAndTypesOfTheBus) {
    client::Dictionary token;
    token.set("id", "1");
    token.set("reinstate", true);
    token.set("generation", std::uint32_t{4000000000});
    token.set("expires", std::int64_t{-1});
    token.set("seconds", std::uint64_t{5});
    token.set("targets", std::vector<std::string>{"https://a", "https://b"});
    EXPECT_EQ(format_json(to_json(token)),
              R"({"expires":-1,"generation":4000000000,"id":"1","reinstate":true,)"
              R"("seconds":5,"targets":["https://a","https://b"]})"
              "\n");
}

TEST(ToJson, MakesAnArrayOfDictionaries) {
    EXPECT_EQ(format_json(to_json(std::vector<client::Dictionary>())), "[]\n");
    client::Dictionary token;
    token.set("id", "1");
    EXPECT_EQ(format_json(to_json(std::vector<client::Dictionary>{token, {}})),
              "[{\"id\":\"1\"},{}]\n");
}

TEST(FormatJson, NeverThrowsForBytesThatAreNoUtf8) {
    EXPECT_EQ(format_json({{"user", "a\xff"}}), "{\"user\":\"a\xef\xbf\xbd\"}\n");
}

}  // namespace
}  // namespace patd::cli
