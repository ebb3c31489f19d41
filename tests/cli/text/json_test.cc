// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/json.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

TEST(ToJson, KeepsValuesAndWritesKeysForJq) {
    client::Dictionary token;
    token.set("id", "1");
    token.set("tpm-unused", true);
    token.set("generation", std::uint32_t{4000000000});
    token.set("seconds", std::uint64_t{5});
    token.set("store-bytes", std::int64_t{0});
    token.set("targets", std::vector<std::string>{"https://a", "https://b"});
    EXPECT_EQ(format_json(to_json(token)),
              R"({"generation":4000000000,"id":"1","seconds":5,"store_bytes":0,)"
              R"("targets":["https://a","https://b"],"tpm_unused":true})"
              "\n");
}

TEST(ToJson, WritesATimeInUtcAndNullForNever) {
    client::Dictionary token;
    token.set("created", std::int64_t{1'800'000'000});
    token.set("expires", std::int64_t{0});
    token.set("token-lifetime-max", std::int64_t{0});
    EXPECT_EQ(format_json(to_json(token)),
              R"({"created":"2027-01-15T08:00:00Z","expires":null,"token_lifetime_max":null})"
              "\n");
}

TEST(ToJson, NamesTheAccountBesideItsUid) {
    client::Dictionary event;
    event.set("by", std::uint32_t{0});
    event.set("owner", std::uint32_t{4000000000});
    EXPECT_EQ(format_json(to_json(event)),
              R"({"by":"root","by_uid":0,"owner":null,"owner_uid":4000000000})"
              "\n");
}

TEST(ToJson, SaysNothingOfAUseThatNeverWas) {
    client::Dictionary token;
    token.set("last-used-at", std::int64_t{0});
    token.set("last-used-by", std::uint32_t{0});
    token.set("last-used-how", "");
    token.set("last-used-where", "");
    const nlohmann::json object = to_json(token);
    for (const auto& [key, value] : object.items())
        EXPECT_TRUE(value.is_null()) << key;
}

TEST(ToJson, GivesTheToolOfTheLastUseAKeyOfItsOwn) {
    client::Dictionary token;
    token.set("last-used-where", "tool docker https://git.example");
    EXPECT_EQ(format_json(to_json(token)),
              R"({"last_used_exposure":null,"last_used_tool":"docker",)"
              R"("last_used_where":"https://git.example"})"
              "\n");
}

TEST(ToJson, WritesEveryReasonInOneForm) {
    for (const auto& [said, written] :
         {std::pair("RuleDenied", "rule-denied"), std::pair("lacks-permission", "lacks-permission"),
          std::pair("ok", "ok"), std::pair("", "")})
        EXPECT_EQ(kebab_case(said), written);
    client::Dictionary event;
    event.set("outcome", "RuleDenied");
    event.set("unit", "");
    EXPECT_EQ(format_json(to_json(event)), "{\"outcome\":\"rule-denied\",\"unit\":null}\n");
}

TEST(EventsToJson, GivesWhatWasDerivedKeysOfItsOwn) {
    client::Dictionary event;
    event.set("where",
              "https://git.example (child, 600s, generation 2: vcs:repository:ro,vcs:x:rw)");
    EXPECT_EQ(format_json(events_to_json({event})),
              R"([{"exposure":null,"generation":2,"permissions":["vcs:repository:ro","vcs:x:rw"],)"
              R"("tool":null,"ttl":600,"where":"https://git.example"}])"
              "\n");
    event.set("where", "exposed AbC123 https://git.example (child, 60s, generation 1: vcs)");
    const nlohmann::json exposed = events_to_json({event})[0];
    EXPECT_EQ(exposed["exposure"], "AbC123");
    EXPECT_EQ(exposed["where"], "https://git.example");
    event.set("where",
              "exposed AbC123 tool docker https://git.example (child, 60s, generation 1: vcs)");
    const nlohmann::json docker = events_to_json({event})[0];
    EXPECT_EQ(docker["exposure"], "AbC123");
    EXPECT_EQ(docker["tool"], "docker");
    EXPECT_EQ(docker["where"], "https://git.example");
    event.set("where", "https://git.example");
    const nlohmann::json plain = events_to_json({event})[0];
    EXPECT_EQ(plain["where"], "https://git.example");
    for (const char* key : {"exposure", "generation", "permissions", "tool", "ttl"})
        EXPECT_TRUE(plain[key].is_null()) << key;
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
