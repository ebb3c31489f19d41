// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "http/connection.h"

#include "common/base/http_limits.h"
#include "tests/http/web_fixture.h"

#include <array>

namespace patd::web {
namespace {

constexpr char kNothing[] = "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n";

class ConnectionTest : public WebFixture {
  protected:
    ConnectionTest() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
        client_.reset(ends[0]);
        connection_.emplace(Connection::Parts{*loop_, sockets_, endpoints_, rooms_},
                            UniqueFd(ends[1]), WebPeer{"uid 33", false, true});
    }
    std::string question() const {
        return "GET /authorize?permission=a&audience=https://b HTTP/1.1\r\nHost: a\r\n"
               "Authorization: Bearer " +
               token_ + "\r\n\r\n";
    }
    void pass(Connection::Time::duration time) {
        connection_->check_time(std::chrono::steady_clock::now() + time);
    }

    Rooms rooms_;
    UniqueFd client_;
    std::optional<Connection> connection_;
};

TEST_F(ConnectionTest, IsIdleBetweenRequestsAndClosedWhenItIsTooLong) {
    EXPECT_TRUE(connection_->is_idle());
    send_text(client_.get(), kNothing);
    EXPECT_TRUE(receive(client_.get()).starts_with("HTTP/1.1 404 Not Found\r\n"));
    EXPECT_TRUE(connection_->is_idle());
    pass(limits::kHttpIdle / 2);
    EXPECT_FALSE(connection_->is_gone());
    pass(limits::kHttpIdle + limits::kHttpSweep);
    EXPECT_TRUE(connection_->is_gone());
    EXPECT_EQ(receive(client_.get()), "");
}

// Row H3.
TEST_F(ConnectionTest, AHalfRequestHasItsTimeHoweverItDrips) {
    send_text(client_.get(), "GET /nothing");
    loop_->run_once(std::chrono::seconds(10));
    EXPECT_FALSE(connection_->is_idle());
    send_text(client_.get(), " HTTP");
    loop_->run_once(std::chrono::seconds(10));
    pass(limits::kHttpRequestDeadline + limits::kHttpSweep);
    EXPECT_TRUE(receive(client_.get()).starts_with("HTTP/1.1 408 Request Timeout\r\n"));
    EXPECT_EQ(receive(client_.get()), "");
}

TEST_F(ConnectionTest, AfterARefusalItReadsOnForAMomentAndAnswersNothing) {
    send_text(client_.get(), std::string("nonsense\r\n\r\n") + kNothing);
    EXPECT_TRUE(receive(client_.get()).starts_with("HTTP/1.1 400 Bad Request\r\n"));
    send_text(client_.get(), kNothing);
    loop_->run_once(std::chrono::seconds(10));
    EXPECT_EQ(receive(client_.get()), "");
    EXPECT_FALSE(connection_->is_gone());
    pass(limits::kHttpLinger + limits::kHttpSweep);
    EXPECT_TRUE(connection_->is_gone());
}

TEST_F(ConnectionTest, OneThatClosesIsGoneAtOnce) {
    client_.reset();
    loop_->run_once(std::chrono::seconds(10));
    EXPECT_TRUE(connection_->is_gone());
}

// What waits for patd's answer refers to the connection.
TEST_F(ConnectionTest, IsNotGoneBeforeItsRequestIsDone) {
    send_text(client_.get(), question());
    client_.reset();
    while (connection_->is_idle())
        loop_->run_once(std::chrono::seconds(10));
    connection_->close();
    EXPECT_FALSE(connection_->is_gone());
    while (!connection_->is_gone())
        loop_->run_once(std::chrono::seconds(10));
}

TEST_F(ConnectionTest, AnAnswerThatNobodyReadsEndsIt) {
    const std::string many = [] {
        std::string text;
        for (int i = 0; i < 100; ++i)
            text += kNothing;
        return text;
    }();
    std::size_t sent = 0;
    while (true) {
        const ssize_t count =
            ::send(client_.get(), many.data() + sent, many.size() - sent, MSG_NOSIGNAL);
        if (count > 0)
            sent = (sent + static_cast<std::size_t>(count)) % many.size();
        loop_->run_once(std::chrono::milliseconds(0));
        pollfd entry{client_.get(), POLLOUT, 0};
        if (count <= 0 && ::poll(&entry, 1, 100) == 0)
            break;
    }
    pass(limits::kHttpUnread + limits::kHttpSweep);
    EXPECT_TRUE(connection_->is_gone());
}

TEST_F(ConnectionTest, FinishesWhatIsUnderWay) {
    patd_says("valid=1\nid=AAAA\n\n");
    send_text(client_.get(), question() + kNothing);
    while (connection_->is_idle())
        loop_->run_once(std::chrono::seconds(10));
    connection_->finish();
    const std::string answer = receive(client_.get());
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_NE(answer.find("\r\nConnection: close\r\n"), std::string::npos);
    EXPECT_EQ(answer.find("404"), std::string::npos);
    EXPECT_EQ(receive(client_.get()), "");
}

TEST_F(ConnectionTest, FinishEndsAnIdleOneAtOnce) {
    connection_->finish();
    EXPECT_TRUE(connection_->is_gone());
}

}  // namespace
}  // namespace patd::web
