// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/import/tool_file_result.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

// As aws-cli 1.45 wrote it.
TEST(AwsCredentials, AreKeptByProfileWithAllParts) {
    const std::string good =
        "# a comment\n[prod]\naws_access_key_id = AKIA1\naws_secret_access_key = sec/ret+=\n"
        "[Dev]\r\naws_access_key_id=AKIA2\r\naws_secret_access_key=k2\r\n"
        "aws_session_token=tok/en==\r\nregion = eu\ns3 =\n  max_concurrent_requests = 20\n"
        "[none]\nregion = eu\n";
    EXPECT_EQ(result_of(parse_aws_credentials, good),
              "3 aws://prod AKIA1 sec/ret+=\n"
              "6 aws://dev AKIA2 k2\ttok/en==\n"
              "13 passed over\n");
    EXPECT_TRUE(survives_every_prefix(parse_aws_credentials, good, "sec/ret"));
}

TEST(AwsCredentials, RefuseEachProfileThatCannotBeKept) {
    const std::string key = "aws_access_key_id=A\naws_secret_access_key=hunter2\n";
    EXPECT_EQ(result_of(parse_aws_credentials, "[two words]\n" + key), "2 refused InvalidTarget\n");
    EXPECT_EQ(result_of(parse_aws_credentials, key), "1 refused InvalidTarget\n");
    EXPECT_EQ(result_of(parse_aws_credentials, "[a]\naws_access_key_id=A\n"),
              "2 refused InvalidSecret\n");
    EXPECT_EQ(result_of(parse_aws_credentials, "[a]\naws_session_token=hunter2\n"),
              "2 passed over\n");
    EXPECT_EQ(result_of(parse_aws_credentials, "[a]\n" + key + key), "2 refused Ambiguous\n");
    EXPECT_EQ(result_of(parse_aws_credentials, "[a]\n" + key + "  more\n"),
              "2 refused Ambiguous\n");
    EXPECT_EQ(result_of(parse_aws_credentials, "[a]\n" + key + "[b]\nregion=eu\n[a]\n" + key),
              "2 aws://a A hunter2\n7 refused Ambiguous\n5 passed over\n");
    EXPECT_EQ(
        result_of(parse_aws_credentials, "[a]\naws_access_key_id=A\naws_secret_access_key=x\ty\n"),
        "2 refused InvalidSecret\n");
    for (const char* bad : {"[a\n", "hunter2\n", "=hunter2\n"})
        EXPECT_TRUE(result_of(parse_aws_credentials, bad).starts_with("MalformedRequest line 1"))
            << bad;
}

}  // namespace
}  // namespace patd::cli
