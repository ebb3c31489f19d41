// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/line/line_server.h"

#include "daemon/admission/lots.h"
#include "tests/support/as_uid.h"
#include "tests/support/fake_clock.h"
#include "tests/support/line_server_fixture.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/turning.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <string>
#include <vector>

namespace patd {
namespace {

using support::CountingHandler;
using support::FakeClock;
using support::turn_until;
using support::turn_while_ready;

class LineServerTest : public support::LineServerFixture {};

TEST_F(LineServerTest, IsWaitedForUntilEveryClientWasAnswered) {
    EXPECT_FALSE(server_->has_pending_clients());
    const UniqueFd client = connect();
    EXPECT_TRUE(server_->has_pending_clients());
    send_text(client, "later=1\n\n");
    EXPECT_EQ(receive(client), "");
    EXPECT_TRUE(server_->has_pending_clients());
    handler_.waiting.at(0)();
    EXPECT_EQ(receive(client), "count=1\n\n");
    EXPECT_FALSE(server_->has_pending_clients());
    send_text(client, "a=1\n");
    EXPECT_EQ(receive(client), "");
    EXPECT_TRUE(server_->has_pending_clients());
    send_text(client, "\n");
    EXPECT_EQ(receive(client), "count=1\n\n");
    EXPECT_FALSE(server_->has_pending_clients());
}

TEST_F(LineServerTest, LeavesNewConnectionsInTheListenerOnceItStopsAccepting) {
    const support::TemporaryDirectory directory;
    const std::string path = directory.file("socket");
    UniqueFd listener = listen_at(path).value();
    const UniqueFd next_process(fcntl(listener.get(), F_DUPFD_CLOEXEC, 0));
    server_ = LineServer::create({*loop_, handler_, clock_, turns_}, std::move(listener)).value();
    server_->stop_accepting();
    const UniqueFd client(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    ASSERT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
    turn_while_ready(*loop_);
    EXPECT_EQ(server_->connection_count(), 0U);
    EXPECT_TRUE(UniqueFd(accept4(next_process.get(), nullptr, nullptr, SOCK_CLOEXEC)));
}

// Row C1.
TEST_F(LineServerTest, RefusesAMalformedRequestAndClosesAfterTheReply) {
    for (const char* request : {"a=1\r\n\n", "a=1\na=2\n\n", "a\n\n", "=1\n\n", "a=\x7f"}) {
        const UniqueFd client = connect();
        send_text(client, request);
        EXPECT_EQ(receive(client).rfind("error=MalformedRequest\n", 0), 0U) << request;
        EXPECT_TRUE(is_closed(client));
    }
    EXPECT_TRUE(handler_.callers.empty());
    EXPECT_EQ(server_->connection_count(), 0U);
}

// Rows C12, D8.
TEST_F(LineServerTest, TakesALongRequestAndRefusesAnOverlongOne) {
    const UniqueFd client = connect();
    for (int i = 0; i < 60; ++i) {
        send_text(client, "key" + std::to_string(i) + "=" + std::string(2000, 'x') + "\n");
        turn_while_ready(*loop_);
    }
    send_text(client, "\n");
    EXPECT_EQ(receive(client), "count=60\n\n");

    const UniqueFd greedy = connect();
    const std::string line = "x[]=" + std::string(60000, 'x') + "\n";
    for (int i = 0; i < 3 && server_->connection_count() == 2; ++i) {
        for (std::size_t sent = 0; sent < line.size() && server_->connection_count() == 2;) {
            const ssize_t got =
                send(greedy.get(), line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
            sent += got > 0 ? static_cast<std::size_t>(got) : 0;
            turn_while_ready(*loop_);
        }
    }
    EXPECT_EQ(server_->connection_count(), 1U);
}

// Rows A5, C13.
TEST_F(LineServerTest, NamesTheCallerByTheSocketNotByAMessage) {
    std::array<int, 2> pair{};
    {
        const support::AsUid user(Uid(4000000000U));
        ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
    }
    server_->add_connection(UniqueFd(pair[0]));
    const UniqueFd client(pair[1]);
    send_text(client, "uid=0\ncaller=0\n\n");
    turn_while_ready(*loop_);
    EXPECT_EQ(handler_.callers, std::vector<Uid>{Uid(4000000000U)});
}

// Row D7.
TEST_F(LineServerTest, ClosesWhatIsSilentForTooLong) {
    const UniqueFd client = connect();
    wait(limits::kLineIdle);
    EXPECT_TRUE(is_closed(client));
}

// Its clients stood still with it.
TEST_F(LineServerTest, AMachineThatStoodStillClosesNobodyBeforeTheyCanAsk) {
    const UniqueFd client = connect();
    const UniqueFd silent = connect();
    // Behind the first sweep, in the same turn.
    bool is_swept = false;
    const auto later = loop_->after(std::chrono::milliseconds(500), [&] {
        send_text(client, "a=1\n\n");
        is_swept = true;
    });
    wait(limits::kLineIdle);
    ASSERT_TRUE(turn_until(*loop_, [&is_swept] { return is_swept; }));
    EXPECT_EQ(receive(client), "count=1\n\n");
    EXPECT_TRUE(is_closed(silent));
    EXPECT_EQ(server_->connection_count(), 1U);
}

TEST_F(LineServerTest, ClosesSoonerWhereAMessageHasBegun) {
    const UniqueFd dribbling = connect();
    const UniqueFd silent = connect();
    send_text(dribbling, "a=");
    turn_while_ready(*loop_);
    wait(limits::kLineFrameDeadline);
    EXPECT_TRUE(is_closed(dribbling));
    EXPECT_EQ(server_->connection_count(), 1U);
}

// Row D7.
TEST_F(LineServerTest, GivesNoMoreTimeForAMessageThatDribbles) {
    const UniqueFd client = connect();
    for (int i = 0; i < 5; ++i) {
        (void)send(client.get(), "a", 1, MSG_NOSIGNAL);
        turn_while_ready(*loop_);
        clock_.advance(std::chrono::seconds(1));
    }
    EXPECT_TRUE(is_closed(client));
}

// Row A17.
TEST_F(LineServerTest, SurvivesAClientThatLeavesBeforeItsAnswer) {
    UniqueFd client = connect();
    send_text(client, "later=1\n\n");
    turn_while_ready(*loop_);
    client.reset();
    ASSERT_TRUE(turn_until(*loop_, [&] { return server_->connection_count() == 0; }));
    handler_.waiting.front()();
    const UniqueFd other = connect();
    send_text(other, "a=1\n\n");
    EXPECT_EQ(receive(other), "count=1\n\n");
}

// Row D13.
TEST_F(LineServerTest, ForgetsAClientThatLeaves) {
    UniqueFd client = connect();
    send_text(client, "a=");
    client.reset();
    EXPECT_TRUE(turn_until(*loop_, [&] { return server_->connection_count() == 0; }));
}

// Row D2: connections that come and go take no turns; those are for clients that ask.
TEST_F(LineServerTest, WhoIsGoneBeforeHeAskedTakesNoTurn) {
    for (int i = 0; i < 100; ++i) {
        std::array<int, 2> pair{};
        ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
        UniqueFd server_end(pair[0]);
        UniqueFd(pair[1]).reset();
        server_->add_connection(std::move(server_end));
    }
    EXPECT_EQ(server_->connection_count(), 0U);
    std::vector<UniqueFd> clients;
    for (int i = 0; i < 30; ++i)
        clients.push_back(connect());
    EXPECT_EQ(server_->connection_count(), 30U);
    clients.clear();
    turn_while_ready(*loop_);
    EXPECT_EQ(server_->connection_count(), 0U);
    EXPECT_EQ(turns_.steps(), 0U);
}

// Row D2: a client that waits for its turn does not keep the loop's sources busy meanwhile; these
// have as much of the loop's time as the turns.
TEST_F(LineServerTest, WhoWaitsForHisTurnIsNotLookedAt) {
    constexpr int kMany = 20;
    turns_.drive(true);
    const UniqueFd client = connect();
    for (int request = 0; request < 2; ++request) {
        send_text(client, "patd=1\nop=get\n\n");
        int turns = 0;
        while (turns < kMany && sd_event_run(loop_->get(), 0) > 0)
            ++turns;
        EXPECT_GT(turns, 0);
        EXPECT_LT(turns, kMany);
        EXPECT_FALSE(turns_.is_idle());
        turns_.run_round();
        EXPECT_EQ(receive(client), "count=2\n\n");
    }
}

// But a client that asked and did not wait is served: git does not wait after an erase.
TEST_F(LineServerTest, WhoAskedAndWentIsServed) {
    std::array<int, 2> pair{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
    {
        const UniqueFd client(pair[1]);
        send_text(client, "patd=1\nop=get\n\n");
    }
    server_->add_connection(UniqueFd(pair[0]));
    turn_while_ready(*loop_);
    EXPECT_EQ(handler_.callers.size(), 1U);
    EXPECT_EQ(server_->connection_count(), 0U);
}

// Input that came before the connection was accepted is served without another look at the socket.
TEST_F(LineServerTest, WhoHasAskedAlreadyIsServedInTheNextRound) {
    std::array<int, 2> pair{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
    const UniqueFd client(pair[1]);
    send_text(client, "patd=1\nop=get\n\n");
    turns_.drive(true);
    server_->add_connection(UniqueFd(pair[0]));
    turns_.run_round();
    EXPECT_EQ(handler_.callers.size(), 1U);
    turns_.drive(false);
}

TEST_F(LineServerTest, OfOneUserTheOldestThatNeverAskedGivesWay) {
    std::vector<UniqueFd> clients;
    for (std::size_t i = 0; i < limits::kLineConnectionsPerUser + 5; ++i)
        clients.push_back(connect());
    EXPECT_EQ(server_->connection_count(), limits::kLineConnectionsPerUser);
    for (std::size_t i = 0; i < 5; ++i)
        EXPECT_TRUE(is_closed(clients[i])) << i;
    send_text(clients[5], "a=1\n\n");
    EXPECT_EQ(receive(clients[5]), "count=1\n\n");
    send_text(clients.back(), "a=1\n\n");
    EXPECT_EQ(receive(clients.back()), "count=1\n\n");
}

// Row D6: a user with many connections gives way to one with few.
TEST_F(LineServerTest, NoNumberOfConnectionsOfOthersKeepsAUserOut) {
    std::vector<UniqueFd> clients;
    for (std::uint32_t uid = 1000; uid < 1008; ++uid) {
        for (std::size_t i = 0; i < limits::kLineConnectionsPerUser; ++i) {
            const support::AsUid user{Uid(uid)};
            clients.push_back(connect());
            // Each accepted one is busy: a request has begun.
            (void)send(clients.back().get(), "a=", 2, MSG_NOSIGNAL);
            turn_while_ready(*loop_);
        }
    }
    EXPECT_EQ(server_->connection_count(), limits::kLineConnections);
    for (int i = 0; i < 5; ++i) {
        const support::AsUid user{Uid(2000)};
        const UniqueFd victim = connect();
        send_text(victim, "a=1\n\n");
        EXPECT_EQ(receive(victim), "count=1\n\n");
    }
}

// Row D6: 65,536 uids of one user count as one stranger.
TEST_F(LineServerTest, AllStrangersTogetherHaveAsManyAsOneLot) {
    Turns turns(*loop_, [](Uid uid) { return uid.value() >= 200'000 ? kStrangers : uid; });
    server_ = LineServer::create({*loop_, handler_, clock_, turns}, UniqueFd()).value();
    std::vector<UniqueFd> clients;
    for (std::uint32_t i = 0; i < 100; ++i) {
        const support::AsUid user{Uid(200'000 + i)};
        clients.push_back(connect());
    }
    EXPECT_EQ(server_->connection_count(), limits::kLineStrangers);
    // A stranger who asks is served anyway.
    send_text(clients.back(), "a=1\n\n");
    EXPECT_EQ(receive(clients.back()), "count=1\n\n");
}

TEST_F(LineServerTest, WhoIsBusyDoesNotGiveWayWithinALot) {
    server_->set_limits({3, 2, 2});
    const UniqueFd first = connect();
    const UniqueFd second = connect();
    send_text(first, "later=1\n\n");
    send_text(second, "later=1\n\n");
    EXPECT_EQ(receive(first) + receive(second), "");
    const UniqueFd third = connect();
    EXPECT_TRUE(is_closed(third));
    handler_.waiting.at(0)();
    EXPECT_EQ(receive(first), "count=1\n\n");
    // Now one is idle, and gives way.
    const UniqueFd fourth = connect();
    EXPECT_TRUE(is_closed(first));
    send_text(fourth, "a=1\n\n");
    EXPECT_EQ(receive(fourth), "count=1\n\n");
}

TEST_F(LineServerTest, TheNumbersOfConnectionsMayBeSmaller) {
    server_->set_limits({3, 2, 2});
    std::vector<UniqueFd> clients;
    for (const std::uint32_t uid : {1000U, 1000U, 1000U, 1001U, 1002U}) {
        const support::AsUid user{Uid(uid)};
        clients.push_back(connect());
    }
    EXPECT_EQ(server_->connection_count(), 3U);
    // Existing ones stay when the limit is lowered.
    server_->set_limits({1, 1, 1});
    send_text(clients[4], "a=1\n\n");
    EXPECT_EQ(receive(clients[4]), "count=1\n\n");
}

}  // namespace
}  // namespace patd
