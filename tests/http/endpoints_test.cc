// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "http/endpoints.h"

#include "common/base/http_limits.h"
#include "tests/http/web_fixture.h"

#include <unistd.h>

namespace patd::web {
namespace {

constexpr char kFetch[] = "/authorize?permission=vcs:repository:ro&audience=https://git.example";
constexpr char kChallenge[] =
    "401\nWWW-Authenticate: Basic realm=\"patd\"\r\n"
    "WWW-Authenticate: Bearer realm=\"patd\"";

class EndpointsTest : public WebFixture {
  protected:
    std::string authorize(const std::string& token, std::string_view target = kFetch,
                          std::string_view method = "GET") {
        field_ = "Bearer " + token;
        Request request;
        request.method = method;
        request.target = target;
        request.authorization = field_;
        request.has_authorization = true;
        request.forwarded_for = "192.0.2.1";
        return answer(request);
    }

    std::string field_;
};

TEST_F(EndpointsTest, LetsATokenInAndNamesIt) {
    patd_says("valid=1\nid=AAAA\nkind=issued\nuid=1000\nuser=alice\npermissions=a:b:ro,c\n\n");
    EXPECT_EQ(authorize(token_),
              "200\nX-Patd-User: alice\r\nX-Patd-Token: AAAA\r\nX-Patd-Permissions: a:b:ro,c\r\n");
    EXPECT_EQ(asked(), "patd=1\nop=verify\ntoken=" + token_ +
                           "\naudience=https://git.example\nservice=authorize\n"
                           "permission=vcs:repository:ro\nrhost=192.0.2.1\n\n");
}

// A field that a server was told to pass on is there, empty or not.
TEST_F(EndpointsTest, EveryFieldIsInEveryAnswer) {
    patd_says("valid=1\n\n");
    EXPECT_EQ(authorize(token_),
              "200\nX-Patd-User: \r\nX-Patd-Token: \r\nX-Patd-Permissions: \r\n");
}

TEST_F(EndpointsTest, AGoodQuestionVouchesForNoOther) {
    patd_says("valid=1\n\n");
    ASSERT_TRUE(authorize(token_).starts_with("200\n"));
    for (const char* target :
         {"/authorize?permission=vcs:repository:RO&audience=https://git.example",
          "/authorize?permission=vcs:repository:ro&audience=https://git.example/",
          "/authorize?permission=&audience=", "/authorize"})
        EXPECT_EQ(authorize(token_, target), "400\n") << target;
    EXPECT_TRUE(authorize(token_).starts_with("200\n"));
}

TEST_F(EndpointsTest, OnlyATokenThatLacksSomethingIsForbidden) {
    for (const char* reason : {"permission", "audience", "locked"}) {
        patd_says(std::string("valid=0\nreason=") + reason + "\n\n");
        EXPECT_EQ(authorize(token_), "403\n") << reason;
        patd_.reset();
        ::unlink(path_.c_str());
    }
    for (const char* reason : {"unknown", "malformed", "expired", "dead", "user", "another"}) {
        patd_says(std::string("valid=0\nreason=") + reason + "\n\n");
        EXPECT_TRUE(authorize(token_).starts_with(kChallenge)) << reason;
        patd_.reset();
        ::unlink(path_.c_str());
    }
}

TEST_F(EndpointsTest, WhatPatdCannotSayIsNoRefusal) {
    for (const char* reply :
         {"error=Internal\nquit=1\n\n", "error=LimitExceeded\n\n", "x=1\n\n", "valid=2\n\n"}) {
        patd_says(reply);
        EXPECT_EQ(authorize(token_), "503\nRetry-After: 1\r\n") << reply;
        patd_.reset();
        ::unlink(path_.c_str());
    }
    EXPECT_EQ(authorize(token_), "503\nRetry-After: 1\r\n");  // nobody listens
}

// Row H6.
TEST_F(EndpointsTest, APasswordIsNeverPassedOn) {
    for (int i = 0; i < limits::kHttpRefusals; ++i)
        EXPECT_TRUE(authorize("hunter2").starts_with(kChallenge));
    EXPECT_EQ(authorize(token_), "503\nRetry-After: 1\r\n");  // its place must wait
    EXPECT_EQ(patd_, nullptr);                                // and nobody was asked
}

TEST_F(EndpointsTest, KnowsItsPathsAndTheirMethods) {
    EXPECT_EQ(authorize(token_, "/"), "404\n");
    EXPECT_EQ(authorize(token_, "http://a/authorize"), "404\n");
    EXPECT_EQ(authorize(token_, kFetch, "POST"), "405\nAllow: GET, HEAD\r\n");
    EXPECT_EQ(authorize(token_, "/introspect", "GET"), "405\nAllow: POST\r\n");
    EXPECT_EQ(authorize(token_, std::string(kFetch) + "&permission=vcs"), "400\n");
    EXPECT_EQ(authorize(token_, "/authorize?audience=https://git.example"), "400\n");
}

}  // namespace
}  // namespace patd::web
