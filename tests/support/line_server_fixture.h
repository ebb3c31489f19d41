// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/line/line_server.h"
#include "tests/support/fake_clock.h"
#include "tests/support/turning.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace patd::support {

// Answers each request with its number of attributes; one with the key `later` when told to.
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

// A server without a listener, and clients connected to it. Nothing in it takes time.
class LineServerFixture : public ::testing::Test {
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
    // Whether the server has closed its end, whatever it sent before.
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
    // Time never ends a turn.
    Turns turns_{*loop_, {}, [] { return std::chrono::nanoseconds(0); }};
    std::unique_ptr<LineServer> server_ =
        LineServer::create({*loop_, handler_, clock_, turns_}, UniqueFd()).value();
};

}  // namespace patd::support
