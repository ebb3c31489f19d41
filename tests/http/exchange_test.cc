// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Endpoints, as the gateway's nginx asks them.
#include "common/base/http_limits.h"
#include "common/base/token_limits.h"
#include "common/token/base62.h"
#include "tests/http/web_fixture.h"

#include <unistd.h>

#include <array>
#include <utility>

namespace patd::web {
namespace {

constexpr char kAsk[] = "/exchange?host=forge.example";
constexpr char kRawTarget[] = "/forge.example/a/b.git/info/refs?service=git-upload-pack";
constexpr char kNoChild[] =
    "401\nWWW-Authenticate: Basic realm=\"patd\"\r\nWWW-Authenticate: Bearer realm=\"patd\"\r\n";
const WebPeer kNginx{"uid 998", false, false, true};

std::string make_child_text() {
    std::string text = "patc1_" + std::string(40, 'A');
    std::array<char, kChecksumDigits> digits{};
    write_checksum(crc32(text), digits);
    return text.append(digits.data(), digits.size());
}

class ExchangeTest : public WebFixture {
  protected:
    std::string exchange(const std::string& secret, const WebPeer& peer = kNginx) {
        field_ = "Bearer " + secret;
        request_.authorization = field_;
        request_.has_authorization = true;
        return answer(request_, peer);
    }
    // What is answered if patd says that.
    std::string after(const std::string& reply) {
        patd_.reset();
        ::unlink(path_.c_str());
        patd_says(reply);
        return exchange(child_);
    }

    const std::string child_ = make_child_text();
    std::string field_;
    Request request_ = [] {
        Request request;
        request.method = "GET";
        request.target = kAsk;
        request.original_uri = kRawTarget;
        request.original_method = "POST";
        return request;
    }();
};

TEST_F(ExchangeTest, GivesTheSecretAsTheForgeTakesIt) {
    EXPECT_EQ(after("granted=1\nid=AAAA\nuser=alice\nscheme=basic\nusername=al\npassword=hunter2\n"
                    "\n"),
              "200\nX-Patd-Reason: \r\nX-Patd-Upstream-Authorization: Basic YWw6aHVudGVyMg==\r\n"
              "X-Patd-Upstream-Private-Token: \r\n");
    EXPECT_EQ(asked(), "patd=1\nop=exchange\ntoken=" + child_ +
                           "\nhost=forge.example\nmethod=POST\n"
                           "target=/a/b.git/info/refs?service=git-upload-pack\n\n");
    for (const auto& [scheme, value] :
         {std::pair("bearer", "Bearer hunter2"), std::pair("token", "token hunter2"),
          std::pair("private-token", "")}) {
        const std::string own = *value == '\0' ? "hunter2" : "";
        EXPECT_EQ(after(std::string("granted=1\nscheme=") + scheme + "\npassword=hunter2\n\n"),
                  std::string("200\nX-Patd-Reason: \r\nX-Patd-Upstream-Authorization: ") + value +
                      "\r\nX-Patd-Upstream-Private-Token: " + own + "\r\n");
    }
}

TEST_F(ExchangeTest, OnlyAChildThatIsWorthNothingIsAskedForAgain) {
    for (const std::string reason : {"malformed", "unknown", "dead", "expired"})
        EXPECT_EQ(after("granted=0\nreason=" + reason + "\n\n"),
                  kNoChild + ("X-Patd-Reason: " + reason + "\r\n"));
    for (const std::string reason :
         {"locked", "rejected", "place", "request", "permission", "another"})
        EXPECT_EQ(after("granted=0\nreason=" + reason + "\n\n"),
                  "403\nX-Patd-Reason: " + reason + "\r\n");
}

TEST_F(ExchangeTest, WhatPatdCannotSayIsNoRefusal) {
    for (const char* reply :
         {"error=AccessDenied\n\n", "error=Internal\nquit=1\n\n", "x=1\n\n", "granted=2\n\n"})
        EXPECT_EQ(after(reply), "503\nRetry-After: 1\r\n") << reply;
    patd_.reset();
    ::unlink(path_.c_str());
    EXPECT_EQ(exchange(child_), "503\nRetry-After: 1\r\n");  // nobody listens
}

// Row G7.
TEST_F(ExchangeTest, ASecretThatWouldBeAnotherFieldIsNotGiven) {
    for (const char* granted :
         {"scheme=bearer\npassword=two words",
          "scheme=bearer\npassword=", "scheme=token\npassword=\xc3\xa4",
          "scheme=private-token\npassword=a b", "scheme=basic\nusername=a:b\npassword=x",
          "scheme=basic\nusername=a\npassword=", "scheme=digest\npassword=x", "password=x"})
        EXPECT_EQ(after(std::string("granted=1\n") + granted + "\n\n"),
                  "403\nX-Patd-Reason: secret\r\n")
            << granted;
}

// Row G5.
TEST_F(ExchangeTest, OnlyWhatIsSentIsJudged) {
    for (const char* uri :
         {"", "/", "/forge.example", "/forge.example.evil/a", "/forge/a", "/FORGE.EXAMPLE/a",
          "//forge.example/a", "forge.example/a", "http://forge.example/a"}) {
        request_.original_uri = uri;
        EXPECT_EQ(exchange(child_), "400\n") << uri;
    }
    request_.original_uri = kRawTarget;
    for (const char* target :
         {"/exchange", "/exchange?host=", "/exchange?host=forge.example&x=1",
          "/exchange?host=forge.example&host=forge.example", "/exchange?host=forge.example%0a"}) {
        request_.target = target;
        EXPECT_EQ(exchange(child_), "400\n") << target;
    }
    request_.target = kAsk;
    request_.original_method = "";
    EXPECT_EQ(exchange(child_), "400\n");
}

TEST_F(ExchangeTest, WhatIsTooLongOrNoLineIsNeverSent) {
    const std::string longest = "/forge.example/" + std::string(limits::kForgeTargetBytes, 'a');
    for (const std::string& uri : {longest, std::string("/forge.example/a\tb")}) {
        request_.original_uri = uri;
        EXPECT_EQ(exchange(child_), "403\nX-Patd-Reason: request\r\n");
    }
    request_.original_uri = kRawTarget;
    const std::string method(limits::kHttpMethodBytes + 1, 'A');
    request_.original_method = method;
    EXPECT_EQ(exchange(child_), "403\nX-Patd-Reason: request\r\n");
}

TEST_F(ExchangeTest, OnlyAChildIsEverPassedOn) {
    for (const std::string& secret : {std::string("hunter2"), std::string(), token_, child_ + "0"})
        EXPECT_EQ(exchange(secret), std::string(kNoChild) + "X-Patd-Reason: malformed\r\n");
    request_.has_authorization = false;
    request_.authorization = {};
    EXPECT_EQ(answer(request_, kNginx), std::string(kNoChild) + "X-Patd-Reason: missing\r\n");
    EXPECT_EQ(patd_, nullptr);
}

// Row G3.
TEST_F(ExchangeTest, NobodyElseHasThisPathAndTheGatewayNoOther) {
    for (const WebPeer& peer : {WebPeer{"uid 0", true, true}, WebPeer{"uid 33", false, true},
                                WebPeer{"127.0.0.1", false, false}})
        EXPECT_EQ(exchange(child_, peer), "404\n");
    for (const char* target :
         {"/authorize?permission=a&audience=https://a.example", "/introspect", "/"}) {
        request_.target = target;
        EXPECT_EQ(exchange(child_), "404\n");
    }
    request_.target = kAsk;
    request_.method = "POST";
    EXPECT_EQ(exchange(child_), "405\nAllow: GET\r\n");
}

}  // namespace
}  // namespace patd::web
