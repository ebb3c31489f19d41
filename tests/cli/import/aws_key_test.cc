// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/aws_key.h"

#include "common/base/limits.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

constexpr UnixTime kParsedAt = 1800000000;

std::string parse_key(std::string text) {
    const Result<AwsKey> key = parse_aws_key(text, kParsedAt);
    if (!key)
        return std::string(errc_name(key.error().code));
    return key->id + " " + std::string(key->parts.reveal().data(), key->parts.size()) + " " +
           std::to_string(key->expires);
}

TEST(AwsKeyText, IsWhatACredentialProcessOrStsWrites) {
    EXPECT_EQ(parse_key(R"({"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "k/\"+"})"),
              "A k/\"+ 0");
    EXPECT_EQ(parse_key(R"({"Credentials": {"AccessKeyId": "A", "SecretAccessKey": "k",
                        "SessionToken": "t", "Expiration": "2030-01-01T02:00:00+02:00"}})"),
              "A k\tt 1893456000");
    EXPECT_EQ(parse_key(R"({"AccessKeyId": "A", "SecretAccessKey": "k", "SessionToken": null,
                        "Expiration": "2030-01-01T00:00:00.123Z", "AccountId": "1"})"),
              "A k 1893456000");
}

TEST(AwsKeyText, IsRefusedWhereItIsNotWholeOrOver) {
    const std::string key = R"("AccessKeyId": "A", "SecretAccessKey": "k")";
    const std::string good = "{" + key + R"(, "SessionToken": "t"})";
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_EQ(parse_key(good.substr(0, size)), "MalformedRequest") << size;
    for (const std::string& bad :
         {std::string("hunter2"), std::string("[]"), std::string(R"({"AccessKeyId": "A"})"),
          std::string(R"({"SecretAccessKey": "k"})"), "{" + key + R"(, "SessionToken": 1})",
          "{" + key + R"(, "SessionToken": ["t"]})", "{" + key + ", " + key + "}",
          "{" + key + R"(, "Credentials": {)" + key + "}}"})
        EXPECT_EQ(parse_key(bad), "MalformedRequest") << bad;
    for (const char* part : {"a\\tb", "a\\nb", "\\u0000"}) {
        EXPECT_EQ(parse_key("{" + key + R"(, "SessionToken": ")" + part + "\"}"), "InvalidSecret");
        EXPECT_EQ(
            parse_key(R"({"AccessKeyId": "A", "SecretAccessKey": ")" + std::string(part) + "\"}"),
            "InvalidSecret");
    }
    EXPECT_EQ(parse_key("{" + key + R"(, "SessionToken": ")" +
                        std::string(limits::kSecretPartsBytes, 't') + "\"}"),
              "InvalidSecret");
    for (const char* time :
         {"2030-01-01T00:00:00", "2030-01-01", "2030-02-30T00:00:00Z", "2030-01-01T00:00:00+2:00",
          "2030-01-01T00:00:00.Z", "never", "2030-01-01T25:00:00Z", "2030-01-01T00:00:00Zx",
          "2020-01-01T00:00:00Z"})
        EXPECT_EQ(parse_key("{" + key + R"(, "Expiration": ")" + time + "\"}"), "InvalidExpiry")
            << time;
    EXPECT_EQ(parse_key(R"({"AccessKeyId": "ghp_16C7e42F292c6912E7710c838347Ae178B4a",)"
                        R"("SecretAccessKey": "k"})"),
              "TokenAsUsername");
}

}  // namespace
}  // namespace patd::cli
