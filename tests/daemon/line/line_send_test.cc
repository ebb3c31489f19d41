// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/line/line_server.h"
#include "tests/support/line_server_fixture.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace patd {
namespace {

using support::turn_until;
using support::turn_while_ready;

class LineSendTest : public support::LineServerFixture {};

// The other end sees the number of writes: a packet socket keeps them apart.
TEST_F(LineSendTest, AnswersWhatCameInOneWriteWithOneWrite) {
    std::array<int, 2> pair{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair.data()),
              0);
    server_->add_connection(UniqueFd(pair[0]));
    const UniqueFd client(pair[1]);
    std::string requests;
    std::string expected;
    for (int i = 0; i < 100; ++i) {
        requests += "a=1\n\n";
        expected += "count=1\n\n";
    }
    send_text(client, requests);
    EXPECT_EQ(receive(client), expected);
}

TEST_F(LineSendTest, AnswersMoreThanItGathersInOrder) {
    const UniqueFd client = connect();
    std::string requests;
    std::string expected;
    // 8,000 requests of 8 bytes: more than one read takes, and more replies than fit the gathering.
    for (int i = 0; i < 8000; ++i) {
        const bool two = i % 3 == 0;
        requests += two ? "a=1\nb=\n\n" : "a=1\n\n";
        expected += two ? "count=2\n\n" : "count=1\n\n";
    }
    send_text(client, requests);
    std::string got;
    for (std::string part = receive(client); !part.empty(); part = receive(client))
        got += part;
    EXPECT_EQ(got, expected);
}

TEST_F(LineSendTest, SendsWhatItGatheredBeforeItWaitsForALateAnswer) {
    const UniqueFd client = connect();
    send_text(client, "a=1\n\na=1\n\nlater=1\nb=2\n\na=1\n\n");
    EXPECT_EQ(receive(client), "count=1\n\ncount=1\n\n");
    ASSERT_EQ(handler_.waiting.size(), 1U);
    handler_.waiting.front()();
    EXPECT_EQ(receive(client), "count=2\n\ncount=1\n\n");
}

TEST_F(LineSendTest, SendsWhatItGatheredBeforeARefusal) {
    const UniqueFd client = connect();
    send_text(client, "a=1\n\na=1\n\na=1\na=2\n\na=1\n\n");
    const std::string text = receive(client);
    EXPECT_TRUE(text.starts_with("count=1\n\ncount=1\n\nerror=MalformedRequest\n")) << text;
    EXPECT_TRUE(is_closed(client));
    // Nothing of it is left for the next client.
    const UniqueFd other = connect();
    send_text(other, "a=1\n\n");
    EXPECT_EQ(receive(other), "count=1\n\n");
}

// One handler call answers another connection, whose replies must not mix with the first one's.
TEST_F(LineSendTest, KeepsTheRepliesOfTwoConnectionsApart) {
    const UniqueFd first = connect();
    const UniqueFd second = connect();
    send_text(first, "later=1\n\na=1\nb=2\n\nnow=1\n\n");
    EXPECT_EQ(receive(first), "");
    handler_.answers_the_waiting = true;
    send_text(second, "a=1\nb=2\nc=3\n\nwake=1\n\na=1\nb=2\nc=3\n\n");
    EXPECT_EQ(receive(second), "count=3\n\ncount=1\n\ncount=3\n\n");
    EXPECT_EQ(receive(first), "count=1\n\ncount=2\n\ncount=1\n\n");
}

TEST_F(LineSendTest, WaitsForAClientThatReadsItsAnswersLater) {
    const UniqueFd client = connect();
    const std::string many = "a=1\n\na=1\nb=2\n\n";
    for (int round = 0; round < 3; ++round) {
        // Until patd stops reading, because nobody reads its answers.
        while (send(client.get(), many.data(), many.size(), MSG_NOSIGNAL | MSG_DONTWAIT) ==
               static_cast<ssize_t>(many.size()))
            turn_while_ready(*loop_);
        EXPECT_EQ(server_->connection_count(), 1U);
        std::string got;
        for (std::string text = receive(client); !text.empty(); text = receive(client))
            got += text;
        EXPECT_TRUE(got.starts_with("count=1\n\ncount=2\n\ncount=1\n\n")) << got.substr(0, 40);
        EXPECT_GT(got.size(), 10'000U);
    }
    EXPECT_EQ(server_->connection_count(), 1U);
}

TEST_F(LineSendTest, ALateAnswerDoesNotOvertakeWhatIsUnsent) {
    std::array<int, 2> pair{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair.data()), 0);
    const int smallest = 0;
    ASSERT_EQ(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &smallest, sizeof smallest), 0);
    server_->add_connection(UniqueFd(pair[0]));
    const UniqueFd client(pair[1]);
    std::string requests;
    std::string expected;
    for (int i = 0; i < 790; ++i) {  // together with what follows, one read
        requests += "a=1\n\n";
        expected += "count=1\n\n";
    }
    send_text(client, requests + "later=1\n\na=1\nb=2\n\n");
    turn_while_ready(*loop_);
    ASSERT_EQ(handler_.waiting.size(), 1U);
    handler_.waiting.front()();
    std::string got;
    for (std::string text = receive(client); !text.empty(); text = receive(client))
        got += text;
    EXPECT_EQ(got, expected + "count=1\n\ncount=2\n\n");
}

TEST_F(LineSendTest, DropsAClientThatNeverReadsItsAnswers) {
    const UniqueFd client = connect();
    std::string many;
    for (int i = 0; i < 500; ++i)
        many += "a=1\n\n";
    for (int i = 0; i < 2000; ++i) {
        (void)send(client.get(), many.data(), many.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        turn_while_ready(*loop_);
    }
    wait(limits::kLineFrameDeadline);
    EXPECT_TRUE(turn_until(*loop_, [&] { return server_->connection_count() == 0; }));
}

}  // namespace
}  // namespace patd
