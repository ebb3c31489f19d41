// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/line/line_server.h"

#include "daemon/state/lots.h"
#include "tests/support/as_uid.h"
#include "tests/support/fake_clock.h"
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

using support::FakeClock;
using support::turn_until;
using support::turn_while_ready;

// Answers each request with how many attributes it has; one with the key `later` when told to.
class CountingHandler final : public LineHandler {
  public:
    void handle(const Caller& caller, const line::LineMessage& request, SecretBuffer& reply,
                std::function<void()> done) override {
        callers.push_back(caller.uid);
        line::LineWriter writer(reply);
        (void)writer.add("count", std::to_string(request.attributes().size()));
        (void)writer.finish();
        if (request.find("wake") && answers_the_waiting)
            std::exchange(waiting, {}).front()();
        if (request.find("later"))
            waiting.push_back(std::move(done));
        else
            done();
    }

    bool answers_the_waiting = false;
    std::vector<Uid> callers;
    std::vector<std::function<void()>> waiting;
};

class LineServerTest : public ::testing::Test {
  protected:
    UniqueFd connect() {
        std::array<int, 2> pair{};
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair.data()),
                  0);
        server_->add_connection(UniqueFd(pair[0]));
        return UniqueFd(pair[1]);
    }
    static void send_text(const UniqueFd& client, std::string_view text) {
        ASSERT_EQ(send(client.get(), text.data(), text.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(text.size()));
    }
    std::string receive(const UniqueFd& client) {
        turn_while_ready(*loop_);
        std::string text(65536, '\0');
        const ssize_t got = recv(client.get(), text.data(), text.size(), MSG_DONTWAIT);
        text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return text;
    }
    // Whether the server has closed its end, whatever was sent before.
    bool is_closed(const UniqueFd& client) {
        std::array<char, 4096> bytes{};
        return turn_until(*loop_, [&] {
            return recv(client.get(), bytes.data(), bytes.size(), MSG_DONTWAIT) == 0;
        });
    }
    void wait(std::chrono::milliseconds time) {
        clock_.advance(std::chrono::duration_cast<std::chrono::seconds>(time) +
                       std::chrono::seconds(1));
    }

    FakeClock clock_;
    std::unique_ptr<bus::EventLoop> loop_ = bus::EventLoop::create().value();
    CountingHandler handler_;
    // No turn ever ends by its time.
    Turns turns_{*loop_, {}, [] { return std::chrono::nanoseconds(0); }};
    std::unique_ptr<LineServer> server_ =
        LineServer::create({*loop_, handler_, clock_, turns_}, UniqueFd()).value();
};

TEST_F(LineServerTest, AnswersSeveralRequestsOfOneWriteInOrder) {
    const UniqueFd client = connect();
    send_text(client, "a=1\n\na=1\nb=2\n\n\n");
    EXPECT_EQ(receive(client), "count=1\n\ncount=2\n\ncount=0\n\n");
}

// How many writes it takes shows at the other end: a packet socket keeps them apart.
TEST_F(LineServerTest, AnswersWhatCameInOneWriteWithOneWrite) {
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

TEST_F(LineServerTest, AnswersMoreThanItGathersInOrder) {
    const UniqueFd client = connect();
    std::string requests;
    std::string expected;
    // 8,000 requests of 8 bytes: more than is read in a row, and replies beyond the gathering.
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

TEST_F(LineServerTest, SendsWhatItGatheredBeforeItWaitsForALateAnswer) {
    const UniqueFd client = connect();
    send_text(client, "a=1\n\na=1\n\nlater=1\nb=2\n\na=1\n\n");
    EXPECT_EQ(receive(client), "count=1\n\ncount=1\n\n");
    ASSERT_EQ(handler_.waiting.size(), 1U);
    handler_.waiting.front()();
    EXPECT_EQ(receive(client), "count=2\n\ncount=1\n\n");
}

TEST_F(LineServerTest, SendsWhatItGatheredBeforeARefusal) {
    const UniqueFd client = connect();
    send_text(client, "a=1\n\na=1\n\na=1\na=2\n\na=1\n\n");
    const std::string text = receive(client);
    EXPECT_TRUE(text.starts_with("count=1\n\ncount=1\n\nerror=MalformedRequest\n")) << text;
    EXPECT_TRUE(is_closed(client));
    // Nothing of it is left for the next one.
    const UniqueFd other = connect();
    send_text(other, "a=1\n\n");
    EXPECT_EQ(receive(other), "count=1\n\n");
}

// One handler call answers another connection, whose replies must not mix with the first one's.
TEST_F(LineServerTest, KeepsTheRepliesOfTwoConnectionsApart) {
    const UniqueFd first = connect();
    const UniqueFd second = connect();
    send_text(first, "later=1\n\na=1\nb=2\n\nnow=1\n\n");
    EXPECT_EQ(receive(first), "");
    handler_.answers_the_waiting = true;
    send_text(second, "a=1\nb=2\nc=3\n\nwake=1\n\na=1\nb=2\nc=3\n\n");
    EXPECT_EQ(receive(second), "count=3\n\ncount=1\n\ncount=3\n\n");
    EXPECT_EQ(receive(first), "count=1\n\ncount=2\n\ncount=1\n\n");
}

TEST_F(LineServerTest, IsWaitedForUntilEveryClientWasAnswered) {
    EXPECT_FALSE(server_->is_waited_for());
    const UniqueFd client = connect();
    EXPECT_TRUE(server_->is_waited_for());
    send_text(client, "later=1\n\n");
    EXPECT_EQ(receive(client), "");
    EXPECT_TRUE(server_->is_waited_for());
    handler_.waiting.at(0)();
    EXPECT_EQ(receive(client), "count=1\n\n");
    EXPECT_FALSE(server_->is_waited_for());
    send_text(client, "a=1\n");
    EXPECT_EQ(receive(client), "");
    EXPECT_TRUE(server_->is_waited_for());
    send_text(client, "\n");
    EXPECT_EQ(receive(client), "count=1\n\n");
    EXPECT_FALSE(server_->is_waited_for());
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

TEST_F(LineServerTest, AnswersARequestThatIsSplitAnywhere) {
    const std::string request = "op=get\nhost=git.example\n\n";
    for (std::size_t split = 1; split < request.size(); ++split) {
        const UniqueFd client = connect();
        send_text(client, request.substr(0, split));
        EXPECT_EQ(receive(client), "") << split;
        send_text(client, request.substr(split));
        EXPECT_EQ(receive(client), "count=2\n\n") << split;
    }
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

// Row A5.
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

TEST_F(LineServerTest, WaitsForALateAnswerBeforeTheNextRequest) {
    const UniqueFd client = connect();
    send_text(client, "later=1\n\na=1\nb=2\n\n");
    EXPECT_EQ(receive(client), "");
    ASSERT_EQ(handler_.waiting.size(), 1U);
    wait(limits::kLineIdle);
    handler_.waiting.front()();
    EXPECT_EQ(receive(client), "count=1\n\ncount=2\n\n");
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

TEST_F(LineServerTest, WaitsForAClientThatReadsItsAnswersLater) {
    const UniqueFd client = connect();
    const std::string many = "a=1\n\na=1\nb=2\n\n";
    for (int round = 0; round < 3; ++round) {
        // Until patd reads no more, because nobody reads its answers.
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

TEST_F(LineServerTest, ALateAnswerDoesNotOvertakeWhatIsUnsent) {
    std::array<int, 2> pair{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair.data()), 0);
    const int smallest = 0;
    ASSERT_EQ(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &smallest, sizeof smallest), 0);
    server_->add_connection(UniqueFd(pair[0]));
    const UniqueFd client(pair[1]);
    std::string requests;
    std::string expected;
    for (int i = 0; i < 790; ++i) {  // with what comes after them, one read
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

TEST_F(LineServerTest, DropsAClientThatNeverReadsItsAnswers) {
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

// Row D6: who has many connections gives way to who has few.
TEST_F(LineServerTest, NoNumberOfConnectionsOfOthersKeepsAUserOut) {
    std::vector<UniqueFd> clients;
    for (std::uint32_t uid = 1000; uid < 1008; ++uid) {
        for (std::size_t i = 0; i < limits::kLineConnectionsPerUser; ++i) {
            const support::AsUid user{Uid(uid)};
            clients.push_back(connect());
            // Each of them that is let in is busy: a request has begun.
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

// Row D6: 65,536 uids of one user are one stranger.
TEST_F(LineServerTest, AllStrangersTogetherHaveAsManyAsOneLot) {
    Turns turns(*loop_, [](Uid uid) { return uid.value() >= 200'000 ? kStrangers : uid; });
    server_ = LineServer::create({*loop_, handler_, clock_, turns}, UniqueFd()).value();
    std::vector<UniqueFd> clients;
    for (std::uint32_t i = 0; i < 100; ++i) {
        const support::AsUid user{Uid(200'000 + i)};
        clients.push_back(connect());
    }
    EXPECT_EQ(server_->connection_count(), limits::kLineStrangers);
    // A stranger who asks is served all the same.
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
    // Those that are there stay when there may be fewer.
    server_->set_limits({1, 1, 1});
    send_text(clients[4], "a=1\n\n");
    EXPECT_EQ(receive(clients[4]), "count=1\n\n");
}

TEST_F(LineServerTest, AQuietConnectionHoldsNoLockedMemory) {
    std::vector<UniqueFd> clients;
    for (std::size_t i = 0; i < limits::kLineConnectionsPerUser; ++i)
        clients.push_back(connect());
    // More than may be served at once: all are, one after the other.
    for (const UniqueFd& client : clients)
        send_text(client, "a=1\n\n");
    for (const UniqueFd& client : clients)
        EXPECT_EQ(receive(client), "count=1\n\n");
}

TEST_F(LineServerTest, WhoWaitsForABufferIsServedWhenOneIsFree) {
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

// A lot's requests wait behind its own, and not the others'.
TEST_F(LineServerTest, WhoSendsThreeHundredRequestsIsOvertakenByWhoSendsOne) {
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

TEST(ListenAt, MakesASocketForEverybodyAndReplacesADeadOne) {
    const support::TemporaryDirectory directory;
    const std::string path = directory.file("socket");
    for (int i = 0; i < 2; ++i) {
        const Result<UniqueFd> listener = listen_at(path);
        ASSERT_TRUE(listener.has_value());
        struct stat status {};
        ASSERT_EQ(stat(path.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777U, 0666U);
    }
}

TEST(ListenAt, FailsWhereNoSocketCanBe) {
    EXPECT_FALSE(listen_at("/proc/socket").has_value());
    EXPECT_FALSE(listen_at(std::string(200, 'x')).has_value());
}

UniqueFd connected_to(const std::string& path) {
    UniqueFd client(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
    return client;
}

// Row D9: a listener that is ready and cannot be emptied does not turn the loop without end.
TEST(ListenAt, RestsWhileDescriptorsAreUsedUp) {
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "UBSan looks at memory through a pipe, and needs descriptors itself";
#endif
    const support::TemporaryDirectory directory;
    const support::FakeClock clock;
    const auto loop = bus::EventLoop::create().value();
    CountingHandler handler;
    Turns turns(*loop);
    const auto server =
        LineServer::create({*loop, handler, clock, turns}, listen_at(directory.file("s")).value())
            .value();
    const UniqueFd first = connected_to(directory.file("s"));
    const UniqueFd second = connected_to(directory.file("s"));
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    const int next = dup(0);
    ::close(next);
    const rlimit none_left{static_cast<rlim_t>(next), before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none_left), 0);
    int turns_made = 0;
    while (turns_made < 100 && sd_event_run(loop->get(), 0) > 0)
        ++turns_made;
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_LT(turns_made, 100);
    char byte = 0;
    EXPECT_EQ(recv(first.get(), &byte, 1, MSG_DONTWAIT), 0) << "told at once that he is not served";
    EXPECT_EQ(recv(second.get(), &byte, 1, MSG_DONTWAIT), -1);
    EXPECT_TRUE(turn_until(*loop, [&] { return server->connection_count() == 1; }));
}

TEST(ListenAt, ServesClientsThatConnect) {
    const support::TemporaryDirectory directory;
    const support::FakeClock clock;
    const auto loop = bus::EventLoop::create().value();
    CountingHandler handler;
    Turns turns(*loop);
    const auto server =
        LineServer::create({*loop, handler, clock, turns}, listen_at(directory.file("s")).value())
            .value();
    const UniqueFd client = connected_to(directory.file("s"));
    ASSERT_EQ(send(client.get(), "a=1\n\n", 5, MSG_NOSIGNAL), 5);
    EXPECT_TRUE(turn_until(*loop, [&] { return support::is_readable(client.get()); }));
}

}  // namespace
}  // namespace patd
