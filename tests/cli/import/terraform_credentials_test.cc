// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/import/tool_file_result.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

TEST(TerraformCredentials, AreKeptByHost) {
    const std::string good = R"({
  "credentials": {
    "app.terraform.io": {
      "token": "at.las\"v1"
    },
    "tf.example:8443": {"token": "t2"},
    "none.example": {}
  }
})";
    EXPECT_EQ(result_of(parse_terraform_credentials, good),
              "3 https://app.terraform.io terraform at.las\"v1\n"
              "6 https://tf.example:8443 terraform t2\n"
              "7 passed over\n");
    EXPECT_TRUE(survives_every_prefix(parse_terraform_credentials, good, "at.las"));
}

TEST(TerraformCredentials, AreRefusedWhereTheyAreOfAnotherForm) {
    for (const char* bad :
         {"", "{", "[]", R"({"credentials": []})", R"({"credentials": {"h.example": "hunter2"}})",
          R"({"credentials": {"h.example": {"token": 1}}})",
          R"({"credentials": {"h.example": {"token": []}}})",
          R"({"credentials": {"h.example": {"token": "a", "token": "b"}}})"})
        EXPECT_TRUE(result_of(parse_terraform_credentials, bad).starts_with("MalformedRequest"))
            << bad;
    for (const char* host : {"https://h.example", "u@h.example", "h.example/x", "*", ""})
        EXPECT_EQ(result_of(parse_terraform_credentials, std::string(R"({"credentials": {")") +
                                                             host + R"(": {"token": "hunter2"}}})"),
                  "1 refused InvalidTarget\n")
            << host;
}

}  // namespace
}  // namespace patd::cli
