// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/exposure/exposures.h"
#include "tests/support/exposed_socket.h"
#include "tests/support/line_services.h"
#include "tests/support/service_fixture.h"
#include "tests/support/turning.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patd::support {

inline constexpr char kGetGit[] = "patd=1\nop=get\nprotocol=https\nhost=git.example\n\n";

// Exposures as Daemon builds them; the caller is always this process.
class ExposureFixture : public ServiceFixture {
  protected:
    void SetUp() override {
        ServiceFixture::SetUp();
        line_.emplace(context(), *loop_,
                      StepUpSockets{"/nonexistent/auth.sock", "/nonexistent/enroll.sock"});
        exposures_.emplace(Exposure::Parts{*loop_, line_->verbs, context()});
    }

    Result<std::string> try_open(Uid owner, std::vector<std::string> only,
                                 std::chrono::seconds duration = std::chrono::hours(1)) {
        const std::string path = directory_of_users_.file("s" + std::to_string(++sockets_made_));
        return exposures_->open(caller_of(owner), listen_as(owner, path),
                                {name_of(owner), std::move(only), duration});
    }
    // The socket's path of a new exposure of Alice's.
    std::string open(const std::vector<TokenId>& only,
                     std::chrono::seconds duration = std::chrono::hours(1)) {
        std::vector<std::string> ids;
        for (const TokenId& id : only)
            ids.push_back(id.text());
        last_id_ = try_open(kAlice, ids, duration).value();
        return exposures_->list(kAlice).back()->terms().path;
    }
    Errc open_error(Uid owner, std::vector<std::string> only,
                    std::chrono::seconds duration = std::chrono::hours(1)) {
        const Result<std::string> id = try_open(owner, std::move(only), duration);
        return id ? Errc::Internal : id.error().code;
    }
    static void send_text(const UniqueFd& client, std::string_view text) {
        ASSERT_EQ(::send(client.get(), text.data(), text.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(text.size()));
    }
    // What arrives in one piece; "" if the connection is closed instead.
    std::string receive(const UniqueFd& client) {
        EXPECT_TRUE(turn_until(*loop_, [&] { return is_readable(client.get()); }));
        std::string text(65536, '\0');
        const ssize_t got = ::recv(client.get(), text.data(), text.size(), MSG_DONTWAIT);
        text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return text;
    }
    std::string ask(const std::string& path, std::string_view request) {
        const UniqueFd client = connect_to(path);
        if (!client)
            return "refused";
        send_text(client, request);
        return receive(client);
    }
    // The value of an attribute of a reply.
    static std::string value_of(const std::string& reply, const std::string& key) {
        const std::size_t start = ("\n" + reply).find("\n" + key + "=");
        if (start == std::string::npos)
            return "";
        const std::size_t value = start + key.size() + 1;
        return reply.substr(value, reply.find('\n', value) - value);
    }

    OpenDirectory directory_of_users_;
    int sockets_made_ = 0;
    std::string last_id_;
    std::optional<LineServices> line_;
    std::optional<Exposures> exposures_;
};

}  // namespace patd::support
