// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "common/base/limits.h"
#include "common/base/unique_fd.h"
#include "common/bus/event_loop.h"
#include "common/bus/firewall.h"
#include "daemon/admission/turns.h"
#include "daemon/line/connection_lots.h"
#include "daemon/line/line_handler.h"
#include "daemon/line/line_places.h"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace patd {

// The line socket (docs/line-protocol.md): accepts, frames, limits; knows no verb. The caller is
// the peer that SO_PEERCRED names at accept. A fault of one client only ends that client's
// connection. Each message is served in a turn of its caller's lot. A connection holds locked
// memory only while it sends or waits for its answer.
// Thread rule: the loop's thread.
class LineServer {
  public:
    struct Parts {
        bus::EventLoop& loop;
        LineHandler& handler;
        const Clock& clock;
        Turns& turns;
        // Whose connections these are, whoever connects; unset: the peer's own.
        std::optional<Uid> on_behalf_of = {};
        // Unset: there are no services.
        std::function<bool(Uid)> is_service = {};
    };
    // `listener`: a listening UNIX stream socket, non-blocking.
    static Result<std::unique_ptr<LineServer>> create(const Parts& parts, UniqueFd listener);
    ~LineServer();

    // Makes the loop wait inside this server, which must then live as long as the loop turns: a
    // request costs one epoll_wait instead of two. Unavailable.
    Result<void> drive_loop();

    // Serves a connected peer; for tests, and for connections that create accepts.
    void add_connection(UniqueFd socket);
    using Limits = LinePlaces;
    void set_limits(const Limits& limits) { limits_ = limits; }
    // Called with the uid of each connection that had to go or was refused.
    void on_refused(std::function<void(Uid)> note) { note_refused_ = std::move(note); }
    // From now on new connections wait in the listener, for the next process.
    void stop_accepting();
    // Whether a client still awaits an answer, or was accepted but has not asked yet.
    bool has_pending_clients() const;
    std::size_t connection_count() const { return connections_.size(); }

  private:
    class Duty;
    class Gathering;
    using ConnectionPtr = std::shared_ptr<LineConnection>;

    LineServer(const Parts& parts, UniqueFd listener, UniqueFd epoll);

    void accept_waiting();
    // We are out of descriptors: accept nobody for a moment.
    void back_off();
    void open_reserve();
    bool make_room(const LineConnection& newcomer);
    void admit(UniqueFd socket, ConnectionPtr& added);
    ConnectionLots& lots_of(const LineConnection& connection);
    // Serves what is ready; returns whether the loop's own descriptor is.
    bool serve_ready(int timeout_ms);
    bool wait_for_events(int timeout_ms);
    void on_connection(const ConnectionPtr& connection, std::uint32_t events);
    void queue(const ConnectionPtr& connection);
    Turns::Progress serve(const ConnectionPtr& connection);
    Turns::Progress serve_turn(const ConnectionPtr& connection);
    // As much as one turn has time for. True if there is more to do.
    bool serve_some(const ConnectionPtr& connection);
    bool serve_read(const ConnectionPtr& connection);
    bool serve_one(const ConnectionPtr& connection);
    // False if the connection is closed.
    bool read_more(const ConnectionPtr& connection);
    void rest(const ConnectionPtr& connection);
    void refuse(const ConnectionPtr& connection, const Error& error);
    void on_answered(const ConnectionPtr& connection);
    // The handler has finished or dropped a message.
    void settle(const ConnectionPtr& connection, bool was_answered);
    // If `function` throws, only what it is about ends. False if it threw.
    template <typename Function>
    bool guard(const Function& function) {
        return bus::guarded("line socket", function, [this] { return may_log(threw_); });
    }
    bool may_log(std::optional<std::chrono::milliseconds>& told) const;
    // Keeps a reply, to write it together with those of the following messages. False if it must go
    // out now.
    bool gather_reply(const ConnectionPtr& connection);
    void send_reply(const ConnectionPtr& connection);
    // Writes what was gathered, then `last`; keeps what the socket has no room for.
    void send_gathered(const ConnectionPtr& connection, std::span<const char> last);
    void send_unsent(const ConnectionPtr& connection);
    // Waits for input, for room for answers, or only for the peer's end.
    void watch(const ConnectionPtr& connection, std::uint32_t events);
    void serve_next(const ConnectionPtr& connection);
    void close(const ConnectionPtr& connection);
    void schedule_sweep();
    void sweep();
    // False: its lot has reached its limit, so it is parked.
    bool take_buffers(const ConnectionPtr& connection);
    void give_buffers_back(LineConnection& connection);
    void end_serving(ConnectionLots& lots, Uid lot);

    Parts parts_;
    Limits limits_;
    std::function<void(Uid)> note_refused_;
    UniqueFd listener_;
    UniqueFd reserve_;  // released when no other descriptor is free, to tell a client at once
    // All connections and the listener share one inner epoll, so that one turn of the loop serves
    // all that are ready instead of one.
    UniqueFd epoll_;
    bus::EventLoop::Source ready_;
    bus::EventLoop::Source sweeper_;
    bus::EventLoop::Source accept_again_;
    bool accepting_ = true;
    bool sweeping_ = false;
    bool drives_loop_ = false;  // the loop waits in this object
    std::map<int, ConnectionPtr> connections_;
    ConnectionLots lots_;             // of everybody but services
    ConnectionLots service_lots_;     // which nobody else can push out
    std::vector<LineBuffers> spare_;  // wiped
    // Replies to requests that arrived together, for the connection being served; empty when that
    // ends.
    SecretBuffer gathered_;
    const LineConnection* gathering_ = nullptr;
    std::optional<std::chrono::milliseconds> backed_off_;  // when the journal was told
    std::optional<std::chrono::milliseconds> threw_;       // likewise
    // Expires with the server, so that late answers find nobody.
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

// A listening socket at `path` with mode 0666; replaces a dead one. Unavailable on any failure.
Result<UniqueFd> listen_at(const std::string& path);

}  // namespace patd
