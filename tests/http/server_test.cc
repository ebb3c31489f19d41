// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "http/server.h"

#include "common/base/http_limits.h"
#include "common/base/unix_socket.h"
#include "tests/http/web_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

namespace patd::web {
namespace {

UniqueFd listen_tcp(const char* address, bool listens = true) {
    UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    (void)inet_pton(AF_INET, address, &at.sin_addr);
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
    EXPECT_TRUE(!listens || ::listen(socket.get(), 16) == 0);
    return socket;
}

class ServerTest : public WebFixture {
  protected:
    UniqueFd connect() {
        Result<UniqueFd> socket = connect_unix(directory_.file("http"));
        EXPECT_TRUE(socket);
        return std::move(*socket);
    }
    void listen() {
        ASSERT_TRUE(
            server_.listen(support::ScriptedLineServer::listen_at(directory_.file("http"))));
    }
    void run_until(std::size_t connections) {
        while (server_.connections() != connections)
            loop_->run_once(std::chrono::seconds(10));
    }

    HttpSettings settings_;
    Server server_{*loop_, sockets_, settings_, endpoints_};
};

TEST_F(ServerTest, TcpIsForTheLoopbackAloneUnlessTlsStandsInFront) {
    EXPECT_TRUE(server_.listen(listen_tcp("127.0.0.1")));
    EXPECT_EQ(server_.listen(listen_tcp("0.0.0.0")).error().code, Errc::Unavailable);
    settings_.tls_in_front = true;
    EXPECT_TRUE(server_.listen(listen_tcp("0.0.0.0")));
}

TEST_F(ServerTest, RefusesWhatIsNoListener) {
    EXPECT_EQ(server_.listen(listen_tcp("127.0.0.1", false)).error().code, Errc::Unavailable);
    EXPECT_EQ(server_.listen(UniqueFd(::dup(0))).error().code, Errc::Unavailable);
}

TEST_F(ServerTest, ServesManyAndForgetsThem) {
    listen();
    {
        const UniqueFd first = connect();
        const UniqueFd second = connect();
        run_until(2);
        send_text(second.get(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_TRUE(receive(second.get()).starts_with("HTTP/1.1 404 Not Found\r\n"));
    }
    run_until(0);
}

// Row H4.
TEST_F(ServerTest, ThePeerWithTheMostGivesUpItsLongestSilent) {
    listen();
    std::vector<UniqueFd> clients;
    for (std::size_t i = 0; i < limits::kHttpConnectionsPerPeer; ++i) {
        clients.push_back(connect());
        run_until(i + 1);
    }
    send_text(clients[0].get(), "GET /half");  // no longer silent
    loop_->run_once(std::chrono::seconds(10));
    clients.push_back(connect());
    EXPECT_EQ(receive(clients[1].get()), "");
    EXPECT_EQ(server_.connections(), limits::kHttpConnectionsPerPeer);
    send_text(clients.back().get(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(receive(clients.back().get()).starts_with("HTTP/1.1 404"));
}

// Row H4: whom no setting names cannot take the places of servers, from however many addresses.
TEST_F(ServerTest, StrangersLeaveRoomForServers) {
    settings_.server_accounts = {Uid(getuid())};
    listen();
    UniqueFd listener = listen_tcp("127.0.0.1");
    sockaddr_in at{};
    socklen_t length = sizeof at;
    ASSERT_EQ(getsockname(listener.get(), reinterpret_cast<sockaddr*>(&at), &length), 0);
    ASSERT_TRUE(server_.listen(std::move(listener)));
    std::vector<UniqueFd> clients;
    const auto come = [&](const char* from) {
        clients.push_back(listen_tcp(from, false));
        ASSERT_EQ(::connect(clients.back().get(), reinterpret_cast<sockaddr*>(&at), length), 0);
        send_text(clients.back().get(), "GET /half");  // so that none gives way
    };
    for (std::size_t i = 1; i <= limits::kHttpConnectionsOfOthers; ++i) {
        come(i % 2 == 0 ? "127.0.0.1" : "127.0.0.2");
        run_until(i);
    }
    loop_->run_once(std::chrono::milliseconds(0));
    come("127.0.0.3");
    const UniqueFd server = connect();
    run_until(limits::kHttpConnectionsOfOthers + 1);
    send_text(server.get(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(receive(server.get()).starts_with("HTTP/1.1 404"));
    EXPECT_EQ(receive(clients.back().get()), "");
}

TEST_F(ServerTest, WindsDownWhenNothingIsUnderWay) {
    listen();
    const UniqueFd idle = connect();
    run_until(1);
    bool is_done = false;
    server_.wind_down([&is_done] { is_done = true; });
    EXPECT_TRUE(is_done);
    EXPECT_EQ(receive(idle.get()), "");
}

TEST_F(ServerTest, WindsDownInTimeWhateverIsUnderWay) {
    listen();
    const UniqueFd half = connect();
    run_until(1);
    send_text(half.get(), "GET /half");
    loop_->run_once(std::chrono::seconds(10));
    bool is_done = false;
    server_.wind_down([&is_done] { is_done = true; });
    EXPECT_FALSE(is_done);
    const auto start = std::chrono::steady_clock::now();
    while (!is_done)
        loop_->run_once(std::chrono::seconds(10));
    EXPECT_LT(std::chrono::steady_clock::now() - start, 2 * limits::kHttpWindDown);
}

}  // namespace
}  // namespace patd::web
