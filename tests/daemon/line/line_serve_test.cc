// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// How LineServer serves messages; line_server_test.cc has what becomes of connections.
#include "common/base/limits.h"
#include "daemon/line/line_server.h"
#include "tests/support/as_uid.h"
#include "tests/support/line_server_fixture.h"
#include "tests/support/turning.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace patd {
namespace {

using support::turn_until;
using support::turn_while_ready;

class LineServeTest : public support::LineServerFixture {};

TEST_F(LineServeTest, AnswersSeveralRequestsOfOneWriteInOrder) {
    const UniqueFd client = connect();
    send_text(client, "a=1\n\na=1\nb=2\n\n\n");
    EXPECT_EQ(receive(client), "count=1\n\ncount=2\n\ncount=0\n\n");
}

TEST_F(LineServeTest, AnswersARequestThatIsSplitAnywhere) {
    const std::string request = "op=get\nhost=git.example\n\n";
    for (std::size_t split = 1; split < request.size(); ++split) {
        const UniqueFd client = connect();
        send_text(client, request.substr(0, split));
        EXPECT_EQ(receive(client), "") << split;
        send_text(client, request.substr(split));
        EXPECT_EQ(receive(client), "count=2\n\n") << split;
    }
}

TEST_F(LineServeTest, WaitsForALateAnswerBeforeTheNextRequest) {
    const UniqueFd client = connect();
    send_text(client, "later=1\n\na=1\nb=2\n\n");
    EXPECT_EQ(receive(client), "");
    ASSERT_EQ(handler_.waiting.size(), 1U);
    wait(limits::kLineIdle);
    handler_.waiting.front()();
    EXPECT_EQ(receive(client), "count=1\n\ncount=2\n\n");
}

TEST_F(LineServeTest, AQuietConnectionHoldsNoLockedMemory) {
    std::vector<UniqueFd> clients;
    for (std::size_t i = 0; i < limits::kLineConnectionsPerUser; ++i)
        clients.push_back(connect());
    // More than may be served at once: all are served, one after the other.
    for (const UniqueFd& client : clients)
        send_text(client, "a=1\n\n");
    for (const UniqueFd& client : clients)
        EXPECT_EQ(receive(client), "count=1\n\n");
}

TEST_F(LineServeTest, WhoWaitsForABufferIsServedWhenOneIsFree) {
    std::vector<UniqueFd> clients;
    for (std::size_t i = 0; i < limits::kLineServedPerUser + 3; ++i) {
        clients.push_back(connect());
        send_text(clients.back(), "later=1\n\n");
        EXPECT_EQ(receive(clients.back()), "");
    }
    ASSERT_EQ(handler_.waiting.size(), limits::kLineServedPerUser);
    UniqueFd leaves = std::move(clients.back());
    leaves.reset();
    EXPECT_TRUE(turn_until(
        *loop_, [&] { return server_->connection_count() == limits::kLineServedPerUser + 2; }));
    {
        const support::AsUid user{Uid(1000)};  // another lot has its own
        const UniqueFd other = connect();
        send_text(other, "a=1\n\n");
        EXPECT_EQ(receive(other), "count=1\n\n");
    }
    for (std::size_t i = 0; i < handler_.waiting.size(); ++i) {
        handler_.waiting[i]();
        turn_while_ready(*loop_);
    }
    for (std::size_t i = 0; i + 1 < clients.size(); ++i)
        EXPECT_EQ(receive(clients[i]), "count=1\n\n") << i;
}

// A lot's requests wait behind its own, not behind others'.
TEST_F(LineServeTest, WhoSendsThreeHundredRequestsIsOvertakenByWhoSendsOne) {
    std::chrono::nanoseconds time{};
    Turns turns(*loop_, {}, [&] { return time += limits::kTurnBudget; });  // each look is a turn
    server_ = LineServer::create({*loop_, handler_, clock_, turns}, UniqueFd()).value();
    std::string many;
    for (int i = 0; i < 300; ++i)
        many += "a=1\n\n";
    const UniqueFd flood = connect();
    send_text(flood, many);
    UniqueFd victim;
    {
        const support::AsUid user{Uid(1000)};
        victim = connect();
    }
    send_text(victim, "a=1\nb=2\n\n");
    const std::uint64_t before = turns.steps();
    EXPECT_TRUE(turn_until(*loop_, [&] { return support::is_readable(victim.get()); }));
    EXPECT_LE(turns.steps() - before, 4U);
    EXPECT_EQ(receive(victim), "count=2\n\n");
}

}  // namespace
}  // namespace patd
