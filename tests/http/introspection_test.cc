// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "http/endpoints.h"
#include "tests/http/web_fixture.h"

namespace patd::web {
namespace {

constexpr char kQuestion[] = "/introspect?audience=https://git.example";
constexpr char kNotActive[] = "200\n{\"active\": false}";

class IntrospectionTest : public WebFixture {
  protected:
    std::string introspect(const std::string& body, bool may_introspect = true,
                           const std::string& authorization = {}) {
        Request request;
        request.method = "POST";
        request.target = kQuestion;
        request.content_type = "application/x-www-form-urlencoded";
        request.body = body;
        request.authorization = authorization;
        request.has_authorization = !authorization.empty();
        return answer(request, {"uid 33", may_introspect, false});
    }
};

TEST_F(IntrospectionTest, DescribesALiveToken) {
    patd_says("valid=1\nid=AAAA\nuser=al\"ice\npermissions=a:b:ro,c\nexpires=20\ncreated=10\n\n");
    EXPECT_EQ(introspect("token=" + token_ + "&token_type_hint=x"),
              "200\n{\"active\": true, \"token_type\": \"Bearer\", \"scope\": \"a:b:ro c\", "
              "\"username\": \"al\\\"ice\", \"aud\": \"https://git.example\", \"jti\": \"AAAA\", "
              "\"exp\": 20, \"iat\": 10, \"iss\": \"https://tokens.example\"}");
    EXPECT_EQ(asked(), "patd=1\nop=verify\ntoken=" + token_ +
                           "\naudience=https://git.example\nservice=introspect\n\n");
}

TEST_F(IntrospectionTest, LeavesOutWhatIsNotKnown) {
    patd_says("valid=1\nexpires=0\n\n");
    EXPECT_EQ(introspect("token=" + token_),
              "200\n{\"active\": true, \"token_type\": \"Bearer\", \"scope\": \"\", "
              "\"username\": \"\", \"aud\": \"https://git.example\", \"jti\": \"\", "
              "\"iss\": \"https://tokens.example\"}");
}

TEST_F(IntrospectionTest, SaysTheSameOfEverythingElse) {
    patd_says("valid=0\nreason=locked\n\n");
    EXPECT_EQ(introspect("token=" + token_), kNotActive);
    EXPECT_EQ(introspect("token=hunter2"), kNotActive);
    EXPECT_EQ(patd_->requests().size(), 1U);
}

TEST_F(IntrospectionTest, WhoMayNotAskCausesNoVerify) {
    patd_says("valid=0\nreason=permission\n\n");
    EXPECT_TRUE(introspect("token=" + token_, false).starts_with("401\n"));
    EXPECT_TRUE(introspect("token=" + token_, true, "Bearer " + token_).starts_with("403\n"));
    ASSERT_EQ(patd_->requests().size(), 1U);  // about the asker
    EXPECT_NE(asked().find("permission=patd:introspection:ro\n"), std::string::npos);
}

TEST_F(IntrospectionTest, AnAskerIsVerifiedBeforeWhatItAsksAbout) {
    patd_says("valid=1\nid=AAAA\n\n");
    EXPECT_TRUE(introspect("token=" + token_, false, "Bearer " + token_)
                    .starts_with("200\n{\"active\": true"));
    EXPECT_EQ(patd_->requests().size(), 2U);
}

TEST_F(IntrospectionTest, ARequestThatLacksATokenIsInvalid) {
    for (const char* body : {"", "token=", "token=a&token=a", "tok=a", "token=%"})
        EXPECT_EQ(introspect(body), "400\n{\"error\": \"invalid_request\"}") << body;
}

TEST_F(IntrospectionTest, AUserNameThatIsNoTextIsNoAnswer) {
    patd_says("valid=1\nuser=\xff\n\n");
    EXPECT_EQ(introspect("token=" + token_), "503\nRetry-After: 1\r\n");
}

}  // namespace
}  // namespace patd::web
