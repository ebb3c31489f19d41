// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/import/tool_file_result.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

// As docker 28 and podman 4.3 wrote it.
TEST(DockerAuths, AreKeptForTheRegistryThatTheToolsAskFor) {
    EXPECT_EQ(result_of(parse_docker_auths, R"({
    "auths": {
        "localhost:5877": {
            "auth": "YWxpY2U6czM6Y3IiZXQ="
        },
        "https://index.docker.io/v1/": {"auth": "Ym9iOnM0"},
        "https://r.example/v2/": {"username": "carol", "password": "s5", "email": "x"}
    },
    "credsStore": "desktop", "HttpHeaders": {"X": "y"}, "list": [1, {"auth": "x"}], "on": true
})"),
              "3 https://localhost:5877 alice s3:cr\"et\n"
              "6 https://index.docker.io bob s4\n"
              "7 https://r.example carol s5\n");
    EXPECT_EQ(result_of(parse_docker_auths, R"({"auths": {}})"), "");
    EXPECT_EQ(result_of(parse_docker_auths, R"({"auths": {"a.example": {}}})"), "1 passed over\n");
}

TEST(DockerAuths, RefuseEachEntryThatCannotBeKept) {
    for (const char* bad :
         {R"("a.example": {"auth": "YWxpY2U"})", R"("a.example": {"auth": "hunter2!"})",
          R"("a.example": {"username": "x"})"})
        EXPECT_EQ(result_of(parse_docker_auths, std::string(R"({"auths": {)") + bad + "}}"),
                  "1 refused InvalidSecret\n")
            << bad;
    for (const char* bad : {R"("u:hunter2@a.example")", R"("https://u:hunter2@a.example")",
                            R"("a b.example")", R"("*.example")", R"("")", R"("ftp://a.example")"})
        EXPECT_EQ(result_of(parse_docker_auths,
                            std::string(R"({"auths": {)") + bad + R"(: {"auth": "Ym9iOnM0"}}})"),
                  "1 refused InvalidTarget\n")
            << bad;
    for (const char* other : {R"("a.example/team": {"auth": "Ym9iOnM0"})",
                              R"("a.example": {"auth": "Ym9iOnM0", "identitytoken": "hunter2"})"})
        EXPECT_EQ(result_of(parse_docker_auths, std::string(R"({"auths": {)") + other + "}}"),
                  "1 passed over\n")
            << other;
}

TEST(DockerAuths, AreRefusedAsAWholeWhereTheyAreNoJsonOfDockers) {
    const std::string good = R"({"auths": {"a.example": {"auth": "aHVudGVyMjpodW50ZXIy"}}})";
    EXPECT_TRUE(survives_every_prefix(parse_docker_auths, good, "hunter2"));
    EXPECT_TRUE(survives_every_prefix(parse_docker_auths, good, "aHVudGVy"));
    for (const std::string& bad : std::vector<std::string>{
             std::string(), std::string("[]"), good + "x", R"({"auths": []})", R"({"auths": "x"})",
             R"({"auths": {"a.example": "x"}})", R"({"auths": {"a.example": {"auth": 1}}})",
             R"({"auths": {"a.example": {"auth": {}}}})",
             R"({"auths": {"a.example": {}, "a.example": {}}})", R"({"auths": {}, "auths": {}})",
             R"({"x": )" + std::string(40, '[') + std::string(40, ']') + "}",
             std::string(R"({"auths": {"a.example": {"auth": ")") + "\x01\"}}}"})
        EXPECT_TRUE(result_of(parse_docker_auths, bad).starts_with("MalformedRequest")) << bad;
}

}  // namespace
}  // namespace patd::cli
