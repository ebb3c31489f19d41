// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/line/line_server.h"

#include "common/base/limits.h"
#include "daemon/line/socket_events.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>

namespace patd {
namespace {

using State = LineConnection::State;

constexpr std::chrono::milliseconds kSweepEvery{500};

}  // namespace

LineServer::LineServer(const Parts& parts, UniqueFd listener, UniqueFd epoll)
    : parts_(parts), listener_(std::move(listener)), epoll_(std::move(epoll)) {
    spare_.reserve(kSpareBuffers);  // returning one must not need memory
    open_reserve();
    ready_ =
        parts_.loop.watch(epoll_.get(), EPOLLIN, [this](std::uint32_t) { (void)serve_ready(0); });
    // A loop's first timer takes a descriptor, and when we need it there may be none.
    accept_again_ = parts_.loop.after(std::chrono::milliseconds(0), [] {});
    accepting_ = listener_ && set_watched(epoll_.get(), EPOLL_CTL_ADD, listener_.get(), EPOLLIN);
}

LineServer::~LineServer() {
    if (drives_loop_) {
        parts_.loop.wait_in({});
        parts_.turns.drive(false);
    }
    // A handler that still has to answer keeps its connection, but no peer waits for it.
    for (const auto& [fd, connection] : connections_)
        connection->socket.reset();
}

Result<std::unique_ptr<LineServer>> LineServer::create(const Parts& parts, UniqueFd listener) {
    UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
    if (!epoll)
        return Error{Errc::Unavailable, "epoll_create1"};
    return std::unique_ptr<LineServer>(
        new LineServer(parts, std::move(listener), std::move(epoll)));
}

bool LineServer::has_pending_clients() const {
    return std::any_of(connections_.begin(), connections_.end(), [](const auto& entry) {
        const LineConnection& connection = *entry.second;
        return connection.state != State::Idle;
    });
}

Result<void> LineServer::drive_loop() {
    ready_ = {};
    if (!set_watched(epoll_.get(), EPOLL_CTL_ADD, parts_.loop.fd(), EPOLLIN))
        return Error{Errc::Unavailable, "epoll_ctl"};
    parts_.loop.wait_in({[this](int timeout_ms) { return serve_ready(timeout_ms); }});
    parts_.turns.drive(true);
    drives_loop_ = true;
    return {};
}

bool LineServer::serve_ready(int timeout_ms) {
    if (!drives_loop_)
        return wait_for_events(timeout_ms);
    const bool is_loop_ready = wait_for_events(parts_.turns.is_idle() ? timeout_ms : 0);
    parts_.turns.run_round();
    return is_loop_ready;
}

bool LineServer::wait_for_events(int timeout_ms) {
    std::array<epoll_event, 64> events{};
    const int count =
        epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeout_ms);
    bool is_loop_ready = false;
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        const auto found = connections_.find(event.data.fd);
        if (found != connections_.end()) {
            const ConnectionPtr connection = found->second;
            if (!guard([&] { on_connection(connection, event.events); }) && connection->socket)
                close(connection);
        } else if (event.data.fd == listener_.get()) {
            accept_waiting();
        } else {
            is_loop_ready = is_loop_ready || event.data.fd == parts_.loop.fd();
        }
    }
    return is_loop_ready;
}

void LineServer::on_connection(const ConnectionPtr& connection, std::uint32_t events) {
    if (connection->is_blocked())
        return send_unsent(connection);
    if (connection->answering || connection->parked) {
        // Input is not watched now, so the peer is gone.
        if ((events & (EPOLLHUP | EPOLLERR)) != 0)
            close(connection);
        return;
    }
    if (connection->queued)
        return;
    // A peer that is gone and left nothing needs no turn.
    const bool is_gone = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    if (is_gone && look_at(connection->socket.get()) == Input::Ended)
        return close(connection);
    if (connection->buffers.request.empty())
        connection->since = parts_.clock.since_boot();
    queue(connection);
}

void LineServer::queue(const ConnectionPtr& connection) {
    parts_.turns.add(parts_.on_behalf_of.value_or(connection->caller.uid),
                     [this, waiting = std::weak_ptr(connection)] {
                         const ConnectionPtr held = waiting.lock();
                         // Without its socket it is closed, and this server may be gone.
                         return held && held->socket ? serve(held) : Turns::Progress::Finished;
                     });
    connection->queued = true;
    lots_of(*connection).set_state(*connection, State::Busy);
    // The loop would return to unread input for as long as its sources have time. When we drive the
    // loop ourselves, we look once a round.
    if (!drives_loop_)
        watch(connection, EPOLLONESHOT);  // a hang-up is always reported, but with this only once
}

void LineServer::watch(const ConnectionPtr& connection, std::uint32_t events) {
    if (connection->watched == events)
        return;
    connection->watched = events;
    (void)set_watched(epoll_.get(), EPOLL_CTL_MOD, connection->socket.get(), events);
}

void LineServer::close(const ConnectionPtr& connection) {
    // NOLINTNEXTLINE(performance-unnecessary-copy-initialization): alive until the end of this
    const ConnectionPtr held = connection;
    lots_of(*held).remove(*held);
    connections_.erase(held->socket.get());
    held->socket.reset();
    // A handler that still has to answer goes on writing into them.
    if (!held->answering)
        give_buffers_back(*held);
}

void LineServer::schedule_sweep() {
    if (sweeping_)
        return;
    sweeper_ = parts_.loop.after(kSweepEvery, [this] { sweep(); });
    sweeping_ = true;
}

// When we or the machine stood still, all are overdue at once, and what they asked or were about to
// ask meanwhile is seen only now. So whoever is overdue has until the next sweep.
void LineServer::sweep() {
    sweeping_ = false;
    const auto now = parts_.clock.since_boot();
    std::vector<ConnectionPtr> overdue;
    for (const auto& [fd, connection] : connections_) {
        const bool is_idle = connection->buffers.request.empty() && !connection->is_blocked();
        const std::chrono::milliseconds allowed =
            is_idle ? limits::kLineIdle : limits::kLineFrameDeadline;
        const bool is_ours = connection->answering || connection->queued;
        if (is_ours || now - connection->since <= allowed)
            continue;
        if (connection->overdue_since == connection->since)
            overdue.push_back(connection);
        connection->overdue_since = connection->since;
    }
    for (const ConnectionPtr& connection : overdue)
        close(connection);
    if (!connections_.empty())
        schedule_sweep();
}

}  // namespace patd
