// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "common/base/clock.h"
#include "common/base/limits.h"
#include "common/base/secret_buffer.h"
#include "common/base/unique_fd.h"
#include "common/bus/event_loop.h"
#include "common/line/line_message.h"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace patd {

// Answers one request of the line socket.
class LineHandler {
  public:
    virtual ~LineHandler() = default;
    // Writes the whole reply with its blank line into `reply` (empty, kLineReplyBytes), then calls
    // `done` exactly once, at once or later. `request` and `reply` live until then.
    virtual void handle(const Caller& caller, const line::LineMessage& request, SecretBuffer& reply,
                        std::function<void()> done) = 0;
};

// The line socket (docs/line-protocol.md): accepts, frames, limits; knows no verb. The caller is
// who SO_PEERCRED names at accept. A fault of one client ends that client's connection only.
// Thread rule: the loop's thread.
class LineServer {
  public:
    struct Parts {
        bus::EventLoop& loop;
        LineHandler& handler;
        const Clock& clock;
    };
    // `listener`: a listening UNIX stream socket, non-blocking.
    static Result<std::unique_ptr<LineServer>> create(const Parts& parts, UniqueFd listener);
    ~LineServer();

    // Makes the loop wait inside this server, which must then live as long as the loop turns: a
    // request costs one epoll_wait instead of two. Unavailable.
    Result<void> lead_the_loop();

    // Serves an already connected peer; for tests, and for what create accepts.
    void add_connection(UniqueFd socket);
    // How many connections there may be from now on, in all and of one user.
    struct ConnectionLimits {
        std::size_t all = limits::kLineConnections;
        std::size_t of_user = limits::kLineConnectionsPerUser;
    };
    void set_limits(const ConnectionLimits& limits) { limits_ = limits; }
    // From now on new connections wait in the listener, for the next process.
    void stop_accepting();
    // Whether a client has not been answered yet, or was let in and has not asked yet.
    bool is_waited_for() const;
    std::size_t connection_count() const { return connections_.size(); }

  private:
    struct Connection;
    class Gathering;
    using ConnectionPtr = std::shared_ptr<Connection>;

    LineServer(const Parts& parts, UniqueFd listener, UniqueFd epoll);

    void accept_waiting();
    // Serves what is ready; whether the loop's own descriptor is.
    bool serve_ready(int timeout_ms);
    void on_connection(const ConnectionPtr& connection, std::uint32_t events);
    // False when the connection is closed.
    bool read_more(const ConnectionPtr& connection);
    void serve(const ConnectionPtr& connection);
    bool serve_read(const ConnectionPtr& connection);
    bool serve_one(const ConnectionPtr& connection);
    void refuse(const ConnectionPtr& connection, const Error& error);
    void on_answered(const ConnectionPtr& connection);
    // Keeps a reply for one write together with those of the messages after it. False when it must
    // go out now.
    bool gather_reply(const ConnectionPtr& connection);
    void send_reply(const ConnectionPtr& connection);
    // Writes what was gathered for the connection, then `last`.
    void send_gathered(const ConnectionPtr& connection, std::span<const char> last);
    void watch_input(const ConnectionPtr& connection, bool wanted);
    void close(const ConnectionPtr& connection);
    void schedule_sweep();
    void sweep();

    // The locked memory of one connection; making it costs more than a request.
    struct Buffers {
        SecretBuffer request;
        SecretBuffer reply;
    };
    Buffers take_buffers();
    void give_back(Buffers buffers);

    Parts parts_;
    ConnectionLimits limits_;
    UniqueFd listener_;
    // All connections hang on one inner epoll, so that one turn of the loop serves all that are
    // ready instead of one.
    UniqueFd epoll_;
    bus::EventLoop::Source listening_;
    bus::EventLoop::Source ready_;
    bus::EventLoop::Source sweeper_;
    bool sweeping_ = false;
    bool leads_ = false;  // the loop waits here
    std::map<int, ConnectionPtr> connections_;
    std::map<Uid, std::size_t> per_user_;
    std::vector<Buffers> spare_;  // wiped
    // Replies to requests that came in one piece: of the connection that is being served, and empty
    // when that ends.
    SecretBuffer gathered_;
    const Connection* gathering_ = nullptr;
};

// A listening socket at `path` with mode 0666, replacing a dead one. Unavailable on any failure.
Result<UniqueFd> listen_at(const std::string& path);

}  // namespace patd
