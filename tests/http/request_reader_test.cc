// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "http/request_reader.h"

#include "common/base/http_limits.h"

#include <gtest/gtest.h>

namespace patd::web {
namespace {

using State = RequestReader::State;

std::string with_fields(const std::string& fields, const std::string& body = {}) {
    return "POST /p?q HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
}

State read_all(RequestReader& reader, const std::string& text) {
    return reader.read({text.data(), text.size()});
}

// The status of a refusal, 0 for a whole request, 1 for one that wants more.
int outcome(const std::string& text) {
    RequestReader reader;
    const State state = read_all(reader, text);
    if (state == State::Refused)
        return static_cast<int>(reader.refusal());
    return state == State::Whole ? 0 : 1;
}

TEST(RequestReaderTest, ReadsARequestAndNothingBehindIt) {
    RequestReader reader;
    const std::string text = with_fields(
        "Authorization:  Bearer x \r\nContent-Type: t\r\n"
        "X-Forwarded-For: 1\r\nx-forwarded-for: 2\r\n"
        "x-original-uri: /a%2fb?c\r\nX-Original-Method: PUT\r\n"
        "Content-Length: 3\r\n",
        "abcGET");
    ASSERT_EQ(read_all(reader, text), State::Whole);
    const Request& request = reader.request();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "/p?q");
    EXPECT_EQ(request.authorization, "Bearer x");
    EXPECT_TRUE(request.has_authorization);
    EXPECT_EQ(request.content_type, "t");
    EXPECT_EQ(request.forwarded_for, "2");
    EXPECT_EQ(request.original_uri, "/a%2fb?c");
    EXPECT_EQ(request.original_method, "PUT");
    EXPECT_EQ(request.body, "abc");
    EXPECT_TRUE(request.keep_alive);
    EXPECT_EQ(request.bytes, text.size() - 3);
}

TEST(RequestReaderTest, AnyPrefixIsIncompleteAndNoneIsReadDifferently) {
    const std::string text =
        with_fields("A: b\r\nContent-Length: 3\r\nExpect: 100-Continue\r\n", "abc");
    RequestReader drip;
    std::size_t continues = 0;
    for (std::size_t size = 0; size < text.size(); ++size) {
        const State state = drip.read({text.data(), size});
        continues += state == State::WantsContinue ? 1 : 0;
        EXPECT_TRUE(state == State::Incomplete || state == State::WantsContinue) << size;
        EXPECT_EQ(outcome(text.substr(0, size)), 1) << size;
    }
    EXPECT_EQ(continues, 1U);
    EXPECT_EQ(read_all(drip, text), State::Whole);
    EXPECT_EQ(drip.request().body, "abc");
}

// Row H1.
TEST(RequestReaderTest, ARefusalIsTheSameHoweverItsBytesArrive) {
    for (const std::string& fields : {std::string("A: b\r\n c\r\n"), std::string("A: b\n"),
                                      std::string("A: b\rc\r\n"), std::string("A\x01: b\r\n"),
                                      std::string("A: \x7f\r\n"), std::string("A: b\r\n\tc\r\n")}) {
        const std::string text = with_fields(fields);
        RequestReader drip;
        State state = State::Incomplete;
        for (std::size_t size = 0; size <= text.size() && state != State::Refused; ++size)
            state = drip.read({text.data(), size});
        EXPECT_EQ(state, State::Refused) << fields;
        EXPECT_EQ(outcome(text), 400) << fields;
        EXPECT_EQ(read_all(drip, text), State::Refused);
    }
}

// Row H1.
TEST(RequestReaderTest, RefusesWhatCouldBeReadInTwoWays) {
    for (const char* fields :
         {"Content-Length: 3\r\nContent-Length: 3\r\n", "Content-Length: 3, 3\r\n",
          "Content-Length: +3\r\n", "Content-Length: -1\r\n", "Content-Length: 3 4\r\n",
          "Content-Length:\r\n", "Content-Length: 99999999999999999999\r\n", "Host: b\r\n",
          "Content-Length : 3\r\n", "A b: c\r\n", "Authorization: a\r\nAuthorization: a\r\n",
          "Content-Type: a\r\nContent-Type: a\r\n", "Expect: x\r\n",
          "X-Original-URI: a\r\nX-Original-URI: a\r\n",
          "X-Original-Method: a\r\nX-Original-Method: a\r\n",
          "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"})
        EXPECT_EQ(outcome(with_fields(fields, "abc")), 400) << fields;
    EXPECT_EQ(outcome(with_fields("Transfer-Encoding: chunked\r\n", "0\r\n\r\n")), 411);
    EXPECT_EQ(outcome(std::string("GET / HTTP/1.1\r\nHost: a\r\nA: \0\r\n\r\n", 34)), 400);
}

TEST(RequestReaderTest, RefusesOtherFirstLines) {
    for (const char* line :
         {"", "GET", "GET /", "GET / HTTP/2.0", "GET / HTTP/1.10", "GET / HTTP/0.9",
          "GET  / HTTP/1.1", " GET / HTTP/1.1", "G(T / HTTP/1.1", "GET / HTTP/1.1 "})
        EXPECT_EQ(outcome(std::string(line) + "\r\nHost: a\r\n\r\n"), 400) << line;
    EXPECT_EQ(outcome("GET / HTTP/1.1\r\n\r\n"), 400);
    EXPECT_EQ(outcome("GET / HTTP/1.0\r\n\r\n"), 400);
}

TEST(RequestReaderTest, HasNamedLimits) {
    const auto padded = [](std::size_t bytes) {
        const std::size_t rest = with_fields("A: \r\n").size();
        return with_fields("A: " + std::string(bytes - rest, 'b') + "\r\n");
    };
    EXPECT_EQ(outcome(padded(limits::kHttpHeaderBytes)), 0);
    EXPECT_EQ(outcome(padded(limits::kHttpHeaderBytes + 1)), 431);
    EXPECT_EQ(outcome("GET /" + std::string(limits::kHttpHeaderBytes, 'a')), 431);
    std::string fields;
    for (std::size_t i = 1; i < limits::kHttpFields; ++i)
        fields += "A: b\r\n";
    EXPECT_EQ(outcome(with_fields(fields)), 0);
    EXPECT_EQ(outcome(with_fields(fields + "A: b\r\n")), 431);
    const auto body = [](std::size_t bytes) {
        return with_fields("Content-Length: " + std::to_string(bytes) + "\r\n",
                           std::string(bytes, 'b'));
    };
    EXPECT_EQ(outcome(body(limits::kHttpBodyBytes)), 0);
    EXPECT_EQ(outcome(body(limits::kHttpBodyBytes + 1)), 413);
}

TEST(RequestReaderTest, KeepsAConnectionOnlyForWhoSaysSo) {
    const auto keeps = [](const std::string& text) {
        RequestReader reader;
        EXPECT_EQ(read_all(reader, text), State::Whole);
        return reader.request().keep_alive;
    };
    EXPECT_TRUE(keeps(with_fields("")));
    EXPECT_FALSE(keeps(with_fields("Connection: close\r\n")));
    EXPECT_FALSE(keeps("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(RequestReaderTest, LetsBytesAboveAsciiPassInValues) {
    EXPECT_EQ(outcome(with_fields("Cookie: \xc3\xa9\xff\tx\r\n")), 0);
}

}  // namespace
}  // namespace patd::web
