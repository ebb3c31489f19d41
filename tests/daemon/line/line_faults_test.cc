// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// A request that throws ends alone: its client is told, and everybody else is served.
#include "daemon/line/line_server.h"
#include "tests/support/failing_memory.h"
#include "tests/support/line_server_fixture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

namespace patd {
namespace {

using support::turn_while_ready;

constexpr char kInternal[] = "error=Internal\n";

// Like CountingHandler, but throws: before or after it has passed on the duty to answer, which it
// then keeps or drops.
class ThrowingHandler final : public LineHandler {
  public:
    void handle(const Caller& caller, const line::LineMessage& request, SecretBuffer& reply,
                std::function<void()> done) override {
        if (request.find("throw")) {
            (void)reply.append(std::string_view("password=ghp_half_an_answer\n"));
            throw std::runtime_error("a bug that is met");
        }
        if (request.find("keep")) {
            counting.handle(caller, request, reply, done);
            throw 7;
        }
        counting.handle(caller, request, reply, std::move(done));
    }

    support::CountingHandler counting;
};

class LineFaultsTest : public support::LineServerFixture {
  protected:
    void SetUp() override {
        server_ =
            LineServer::create({*loop_, throwing_, clock_, turns_, {}, {}}, UniqueFd()).value();
        server_->set_limits({limits::kLineConnections, limits::kLineConnections});
    }
    // Checks that new clients are served, as many times as there are buffers.
    void expect_all_is_well(std::size_t after) {
        for (std::size_t i = 0; i <= limits::kLineServedPerUser; ++i) {
            const UniqueFd client = connect();
            send_text(client, "a=1\n\n");
            ASSERT_EQ(receive(client), "count=1\n\n") << after << " " << i;
        }
        turn_while_ready(*loop_);
    }

    ThrowingHandler throwing_;
};

// Row D21.
TEST_F(LineFaultsTest, ARequestThatThrowsIsAnsweredAndItsConnectionGoesOn) {
    const UniqueFd other = connect();
    send_text(other, "a=1\n");
    const UniqueFd client = connect();
    send_text(client, "a=1\n\nthrow=1\n\na=1\nb=1\n\n");
    const std::string answers = receive(client);
    EXPECT_EQ(answers.rfind(std::string("count=1\n\n") + kInternal, 0), 0U) << answers;
    EXPECT_TRUE(answers.ends_with("\nquit=1\n\ncount=2\n\n")) << answers;
    EXPECT_EQ(answers.find("half"), std::string::npos) << "nothing of what was begun";
    send_text(client, "a=1\n\n");
    EXPECT_EQ(receive(client), "count=1\n\n");
    send_text(other, "\n");
    EXPECT_EQ(receive(other), "count=1\n\n");
}

TEST_F(LineFaultsTest, AnAnswerThatIsLetGoOfLaterIsInternalToo) {
    const UniqueFd client = connect();
    send_text(client, "later=1\n\na=1\n\n");
    EXPECT_EQ(receive(client), "");
    throwing_.counting.waiting.clear();
    const std::string answers = receive(client);
    EXPECT_EQ(answers.rfind(kInternal, 0), 0U) << answers;
    EXPECT_TRUE(answers.ends_with("\n\ncount=1\n\n")) << answers;
}

TEST_F(LineFaultsTest, WhoIsAnsweredAllTheSameIsAnsweredOnce) {
    const UniqueFd client = connect();
    send_text(client, "keep=1\n\n");
    EXPECT_EQ(receive(client), "count=1\n\n");
    send_text(client, "keep=1\nlater=1\n\n");
    EXPECT_EQ(receive(client), "") << "it is still somebody's";
    throwing_.counting.waiting.at(0)();
    EXPECT_EQ(receive(client), "count=2\n\n");
    throwing_.counting.waiting.clear();
    EXPECT_EQ(receive(client), "");
}

TEST_F(LineFaultsTest, TheJournalIsToldOnceAMinuteAndNothingOfThePeer) {
    const UniqueFd client = connect();
    const auto provoke = [&] {
        testing::internal::CaptureStderr();
        for (int i = 0; i < 5; ++i) {
            send_text(client, "throw=ghp_of_the_peer\n\n");
            (void)receive(client);
        }
        return testing::internal::GetCapturedStderr();
    };
    const std::string told = provoke();
    EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 1) << told;
    EXPECT_NE(told.find("a bug that is met"), std::string::npos) << told;
    EXPECT_EQ(told.find("of_the_peer"), std::string::npos) << told;
    EXPECT_EQ(provoke(), "");
    clock_.advance(std::chrono::minutes(1));
    EXPECT_NE(provoke(), "");
}

// Row D18.
TEST_F(LineFaultsTest, WhicheverAllocationFailsTheClientIsAnsweredOrClosedAndOthersAreServed) {
    for (const char* text : {"a=1\n\n", "a=1\n\nlater=1\n\na=1\n\n", "=\n\n"}) {
        UniqueFd client;
        testing::internal::CaptureStderr();
        const std::size_t failed = support::with_each_allocation_failing(
            [&] {
                std::array<int, 2> pair{};
                ASSERT_EQ(
                    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair.data()),
                    0);
                client = UniqueFd(pair[1]);
                (void)send(client.get(), text, std::char_traits<char>::length(text), MSG_NOSIGNAL);
                server_->add_connection(UniqueFd(pair[0]));
                turn_while_ready(*loop_);
            },
            [&](std::size_t nth) {
                for (const auto& answer : std::exchange(throwing_.counting.waiting, {}))
                    answer();
                turn_while_ready(*loop_);
                char first = 0;
                const ssize_t got = recv(client.get(), &first, 1, MSG_DONTWAIT);
                // A connection closed with unread input is reset.
                EXPECT_TRUE(got >= 0 || errno == ECONNRESET)
                    << "left waiting: " << nth << " " << text;
                client.reset();
                turn_while_ready(*loop_);
                expect_all_is_well(nth);
                EXPECT_EQ(server_->connection_count(), 0U) << nth << " " << text;
            });
        (void)testing::internal::GetCapturedStderr();
        EXPECT_GT(failed, 10U);
    }
}

// Row D18. A long request's buffer is not kept for the next one, which therefore makes its own.
TEST_F(LineFaultsTest, WhicheverAllocationFailsAPlaceThatIsFreeGoesToOneWhoWaitsForIt) {
    std::vector<UniqueFd> served;
    std::vector<UniqueFd> parked;
    const auto fill = [&] {
        for (std::size_t i = 0; i < limits::kLineServedPerUser; ++i) {
            served.push_back(connect());
            send_text(served.back(), "later=" + std::string(i == 0 ? 5000 : 1, 'x') + "\n\n");
        }
        turn_while_ready(*loop_);
        for (int i = 0; i < 3; ++i) {
            parked.push_back(connect());
            send_text(parked.back(), "a=1\n\n");
        }
        turn_while_ready(*loop_);
    };
    fill();
    testing::internal::CaptureStderr();
    const std::size_t failed = support::with_each_allocation_failing(
        [&] {
            std::exchange(throwing_.counting.waiting.front(), nullptr)();
            turn_while_ready(*loop_);
        },
        [&](std::size_t nth) {
            for (const UniqueFd& client : parked) {
                char first = 0;
                const ssize_t got = recv(client.get(), &first, 1, MSG_DONTWAIT);
                EXPECT_TRUE(got >= 0 || errno == ECONNRESET) << "left waiting: " << nth;
            }
            throwing_.counting.waiting.erase(throwing_.counting.waiting.begin());
            for (const auto& answer : std::exchange(throwing_.counting.waiting, {}))
                answer();
            parked.clear();
            served.clear();
            turn_while_ready(*loop_);
            EXPECT_EQ(server_->connection_count(), 0U) << nth;
            fill();
        });
    (void)testing::internal::GetCapturedStderr();
    EXPECT_GT(failed, 3U);
}

}  // namespace
}  // namespace patd
