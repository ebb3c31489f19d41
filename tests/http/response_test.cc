// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "http/response.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace patd::web {
namespace {

std::string written(const Response& response, bool keep_alive = true) {
    SecretBuffer out(4096);
    DateText date;
    write_response(out, response, keep_alive, date.at(784111777)).value();
    return {out.reveal().data(), out.size()};
}

TEST(ResponseTest, AnEmptyOneSaysThatItIsEmpty) {
    EXPECT_EQ(
        written({Status::Ok, "X-Patd-User: alice\r\n"}),
        "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nCache-Control: no-store\r\n"
        "Content-Length: 0\r\nX-Patd-User: alice\r\n\r\n");
}

TEST(ResponseTest, FieldsThatHoldASecretAreFieldsToo) {
    EXPECT_TRUE(written({Status::Ok, "A: b\r\n", {}, "C: d\r\n"})
                    .ends_with("Content-Length: 0\r\nA: b\r\nC: d\r\n\r\n"));
}

TEST(ResponseTest, ABodyIsJson) {
    EXPECT_EQ(
        written({Status::Ok, {}, "{}"}, false),
        "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nCache-Control: no-store\r\n"
        "Content-Length: 2\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{}");
}

TEST(ResponseTest, EveryStatusHasAReason) {
    for (const Status status :
         {Status::BadRequest, Status::Unauthorized, Status::Forbidden, Status::NotFound,
          Status::MethodNotAllowed, Status::RequestTimeout, Status::LengthRequired,
          Status::ContentTooLarge, Status::HeaderTooLarge, Status::ServiceUnavailable})
        EXPECT_TRUE(written({status}).starts_with("HTTP/1.1 " +
                                                  std::to_string(static_cast<int>(status)) + " "));
}

TEST(ResponseTest, BasicIsTheFirstChallenge) {
    const std::string text = written(ask_for_token("invalid_token"));
    EXPECT_LT(text.find("WWW-Authenticate: Basic realm=\"patd\"\r\n"),
              text.find("WWW-Authenticate: Bearer realm=\"patd\", error=\"invalid_token\"\r\n"));
    EXPECT_NE(written(try_again()).find("\r\nRetry-After: 1\r\n"), std::string::npos);
}

TEST(ResponseTest, TheDateIsThatOfTheSecond) {
    DateText date;
    EXPECT_EQ(date.at(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(date.at(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(date.at(951827696), "Tue, 29 Feb 2000 12:34:56 GMT");
}

TEST(ResponseTest, OneThatDoesNotFitIsAnError) {
    SecretBuffer out(16);
    EXPECT_EQ(write_response(out, {}, true, "").error().code, Errc::LimitExceeded);
    EXPECT_TRUE(out.empty());
    const std::span<const char> space = out.free_space();
    EXPECT_EQ(std::count(space.begin(), space.end(), '\0'), 16);
}

}  // namespace
}  // namespace patd::web
