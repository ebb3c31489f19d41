// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/unique_fd.h"
#include "common/token/token_string.h"
#include "http/endpoints.h"
#include "tests/support/counting_random.h"
#include "tests/support/scripted_line_server.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <memory>
#include <optional>
#include <string>

namespace patd::web {

inline std::string make_token_text() {
    support::CountingRandom random;
    const TokenSecret secret =
        make_issued_secret(TokenId::generate(random).value(), random).value();
    return {secret.reveal().data(), secret.size()};
}

inline void send_text(int socket, const std::string& text) {
    ASSERT_EQ(::send(socket, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
}

// Endpoints, in front of a line socket at which a test says what is answered.
class WebFixture : public ::testing::Test {
  protected:
    void patd_says(const std::string& reply) {
        patd_ = std::make_unique<support::ScriptedLineServer>(
            path_, support::ScriptedLineServer::reply(reply));
    }
    // Status, fields and body of what a request is answered, each on a line.
    std::string answer(const Request& request, const WebPeer& peer = {"uid 33", false, true}) {
        SecretBuffer scratch(65536);
        std::optional<std::string> text;
        Visit visit{request, peer, scratch, [&text](const Response& response) {
                        text = std::to_string(static_cast<int>(response.status)) + "\n" +
                               response.fields + std::string(response.more_fields) +
                               std::string(response.body);
                    }};
        endpoints_.handle(visit);
        while (!text)
            loop_->run_once(std::chrono::seconds(10));
        return *text;
    }
    // What was asked over the first connection.
    std::string asked() const { return patd_->requests().at(0); }
    void run_until_readable(int socket) {
        pollfd entry{socket, POLLIN, 0};
        while (::poll(&entry, 1, 0) == 0)
            loop_->run_once(std::chrono::milliseconds(50));
    }
    // What comes next; "" at the end.
    std::string receive(int socket) {
        run_until_readable(socket);
        std::string text(65536, '\0');
        const ssize_t count = ::recv(socket, text.data(), text.size(), 0);
        text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return text;
    }

    const std::string token_ = make_token_text();
    support::TemporaryDirectory directory_;
    const std::string path_ = directory_.file("socket");
    std::unique_ptr<support::ScriptedLineServer> patd_;
    const std::unique_ptr<bus::EventLoop> loop_ = bus::EventLoop::create().value();
    Sockets sockets_{*loop_};
    PatdLink link_{*loop_, sockets_, path_};
    Endpoints endpoints_{link_, "https://tokens.example"};
};

}  // namespace patd::web
