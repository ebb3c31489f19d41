// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/unique_fd.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace patd::support {

// The other end of a line socket, which does exactly what a test says: reads one request, up to its
// blank line, and passes the connection to the script. When the script returns, the connection is
// closed.
class ScriptedLineServer {
  public:
    using Script = std::function<void(int connection)>;

    ScriptedLineServer(const std::string& path, Script script)
        : script_(std::move(script)), listener_(listen_at(path)), thread_([this] { serve(); }) {}
    ~ScriptedLineServer() {
        ::shutdown(listener_.get(), SHUT_RDWR);
        thread_.join();
    }
    ScriptedLineServer(const ScriptedLineServer&) = delete;
    ScriptedLineServer& operator=(const ScriptedLineServer&) = delete;

    // What clients have sent so far, one entry for each connection.
    std::vector<std::string> requests() const {
        const std::lock_guard guard(mutex_);
        return requests_;
    }

    static Script reply(std::string text) {
        return [text = std::move(text)](int connection) {
            (void)::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
        };
    }
    // Never answers; waits until the client goes away.
    static Script silence() {
        return [](int connection) {
            char byte = 0;
            while (::recv(connection, &byte, 1, 0) > 0) {
            }
        };
    }

    static UniqueFd listen_at(const std::string& path) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof(address.sun_path) - 1);
        UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) !=
                0 ||
            ::listen(listener.get(), 16) != 0)
            throw std::runtime_error("listen");
        return listener;
    }

  private:
    void serve() {
        while (true) {
            const UniqueFd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (!connection)
                return;
            std::string request = read_request(connection.get());
            {
                const std::lock_guard guard(mutex_);
                requests_.push_back(std::move(request));
            }
            script_(connection.get());
        }
    }

    static std::string read_request(int connection) {
        std::string request;
        char bytes[4096];
        while (!request.ends_with("\n\n")) {
            const ssize_t got = ::recv(connection, bytes, sizeof(bytes), 0);
            if (got <= 0)
                break;
            request.append(bytes, static_cast<std::size_t>(got));
        }
        return request;
    }

    Script script_;
    UniqueFd listener_;
    mutable std::mutex mutex_;
    std::vector<std::string> requests_;
    std::thread thread_;
};

}  // namespace patd::support
