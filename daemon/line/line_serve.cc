// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The part of LineServer that serves the messages of a connection, each in a turn of its lot.
#include "common/base/limits.h"
#include "daemon/line/line_reply.h"
#include "daemon/line/line_server.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace patd {
namespace {

// Most requests are far smaller; a long one moves to a larger buffer once.
constexpr std::size_t kFirstRequestBytes = 4000;

bool is_long(const LineBuffers& buffers) {
    return buffers.request.capacity() > kFirstRequestBytes;
}

}  // namespace

bool LineServer::take_buffers(const ConnectionPtr& connection) {
    if (connection->has_buffers())
        return true;
    ConnectionLots& lots = lots_of(*connection);
    if (!lots.begin_serving(connection->lot)) {
        lots.park(connection);
        watch(connection, 0);
        return false;
    }
    bus::Undo end([&] { end_serving(lots, connection->lot); });
    if (spare_.empty())
        connection->buffers = {SecretBuffer(kFirstRequestBytes),
                               SecretBuffer(limits::kLineReplyBytes)};
    end.keep();
    if (connection->has_buffers())
        return true;
    connection->buffers = std::move(spare_.back());
    spare_.pop_back();
    return true;
}

void LineServer::give_buffers_back(LineConnection& connection) {
    if (!connection.has_buffers())
        return;
    ConnectionLots& lots = lots_of(connection);
    const Uid lot = connection.lot;
    LineBuffers buffers = std::exchange(connection.buffers, {});
    // One long one stays as well: who verifies many secrets at once does so again.
    const bool has_room = !is_long(buffers) || std::none_of(spare_.begin(), spare_.end(), is_long);
    if (spare_.size() < kSpareBuffers && has_room) {
        buffers.request.wipe();
        buffers.reply.wipe();
        spare_.push_back(std::move(buffers));
    }
    end_serving(lots, lot);
}

// A freed place goes to the first waiting connection of the lot that can take it.
void LineServer::end_serving(ConnectionLots& lots, Uid lot) {
    lots.end_serving(lot);
    while (const ConnectionPtr next = lots.take_parked(lot)) {
        if (guard([&] { queue(next); }))
            return;
        close(next);
    }
}

bool LineServer::read_more(const ConnectionPtr& connection) {
    SecretBuffer& request = connection->buffers.request;
    if (request.size() == request.capacity()) {
        if (is_long(connection->buffers))
            return close(connection), false;
        SecretBuffer larger(limits::kLineMessageBytes + 1);
        (void)larger.append(request.reveal());
        request = std::move(larger);
    }
    const std::span<char> room = request.free_space();
    connection->filled = false;
    const ssize_t got = recv(connection->socket.get(), room.data(), room.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (got <= 0)
        return close(connection), false;
    request.grow(static_cast<std::size_t>(got));
    connection->filled = room.size() == static_cast<std::size_t>(got);
    return true;
}

// However serving a connection ends, replies gathered for it never reach the next one.
class LineServer::Gathering {
  public:
    // A handler may answer another connection meanwhile, whose replies then go out on their own.
    Gathering(LineServer& server, const LineConnection* connection)
        : server_(server), is_first_(server.gathering_ == nullptr) {
        if (is_first_)
            server_.gathering_ = connection;
    }
    ~Gathering() {
        if (!is_first_)
            return;
        server_.gathering_ = nullptr;
        server_.gathered_.wipe();
    }
    Gathering(const Gathering&) = delete;
    Gathering& operator=(const Gathering&) = delete;

  private:
    LineServer& server_;
    bool is_first_;
};

// The duty to answer one message. If it is dropped unanswered because something threw, that counts
// as the answer Internal, so that its client does not wait and its connection goes on.
class LineServer::Duty {
  public:
    Duty(LineServer& server, ConnectionPtr connection)
        : server_(server), alive_(server.alive_), connection_(std::move(connection)) {}
    ~Duty() { end(false); }
    Duty(const Duty&) = delete;
    Duty& operator=(const Duty&) = delete;

    void end(bool was_answered) {
        const ConnectionPtr connection = std::exchange(connection_, nullptr);
        if (connection && !alive_.expired())
            server_.settle(connection, was_answered);
    }

  private:
    LineServer& server_;
    std::weak_ptr<bool> alive_;
    ConnectionPtr connection_;
};

Turns::Progress LineServer::serve(const ConnectionPtr& connection) {
    connection->queued = false;
    Turns::Progress progress = Turns::Progress::Finished;
    if (!guard([&] { progress = serve_turn(connection); }) && connection->socket)
        close(connection);
    return progress;
}

Turns::Progress LineServer::serve_turn(const ConnectionPtr& connection) {
    if (!take_buffers(connection))
        return Turns::Progress::Finished;
    bool has_more = false;
    {
        const Gathering gathering(*this, connection.get());
        connection->in_serve = true;
        has_more = serve_some(connection);
        connection->in_serve = false;
        if (connection->socket && gathering_ == connection.get() && !gathered_.empty())
            send_gathered(connection, {});
    }
    if (!connection->socket)
        return Turns::Progress::Finished;
    connection->queued = has_more && !connection->is_blocked();
    if (connection->queued)
        return Turns::Progress::More;
    rest(connection);
    return Turns::Progress::Finished;
}

bool LineServer::serve_some(const ConnectionPtr& connection) {
    do {
        if (!std::exchange(connection->interrupted, false) && !read_more(connection))
            return false;
        if (!serve_read(connection))
            return false;
    } while (parts_.turns.has_time());
    return true;
}

// Serves the complete messages in the buffer while there is time. True if there may be more of
// them, or if more can be read at once.
bool LineServer::serve_read(const ConnectionPtr& connection) {
    while (connection->socket && !connection->answering && !connection->is_blocked() &&
           connection->has_unread() && serve_one(connection)) {
        connection->interrupted = !parts_.turns.has_time();
        if (connection->interrupted)
            break;
    }
    if (!connection->socket)
        return false;
    connection->drop_taken();
    return !connection->answering && !connection->is_blocked() &&
           (connection->interrupted || connection->filled);
}

void LineServer::rest(const ConnectionPtr& connection) {
    if (connection->is_blocked())
        return watch(connection, EPOLLOUT);
    watch(connection, connection->answering ? 0U : EPOLLIN | EPOLLRDHUP);
    if (connection->answering || !connection->buffers.request.empty())
        return;
    lots_of(*connection)
        .set_state(*connection, connection->answered ? LineConnection::State::Idle
                                                     : LineConnection::State::Silent);
    give_buffers_back(*connection);
}

// Serves one message from the buffer. False if there is none, or if its answer comes later.
bool LineServer::serve_one(const ConnectionPtr& connection) {
    const Result<bool> complete =
        connection->message.read(connection->buffers.request.reveal().subspan(connection->taken),
                                 false, connection->message_bytes);
    if (!complete) {
        refuse(connection, complete.error());
        return false;
    }
    if (!*complete)
        return false;
    auto duty = std::make_shared<Duty>(*this, connection);
    connection->answering = true;
    (void)guard([&] {
        parts_.handler.handle(connection->caller, connection->message, connection->buffers.reply,
                              [duty = std::move(duty)] { duty->end(true); });
    });
    return !connection->answering;
}

void LineServer::settle(const ConnectionPtr& connection, bool was_answered) {
    const auto answer = [&] {
        // Discards any partial reply. git must not ask others for what they may not have either.
        if (!was_answered)
            write_error(connection->buffers.reply, Errc::Internal, Quit::Yes);
        on_answered(connection);
    };
    if (guard(answer))
        return;
    // Even that failed: the end of the connection tells the client.
    connection->answering = false;
    connection->buffers.reply.wipe();
    if (connection->socket)
        close(connection);
    else
        give_buffers_back(*connection);
}

void LineServer::refuse(const ConnectionPtr& connection, const Error& error) {
    connection->ending = true;
    connection->answering = true;
    connection->message_bytes = connection->buffers.request.size() - connection->taken;
    write_error(connection->buffers.reply, error, Quit::No);
    on_answered(connection);
}

void LineServer::on_answered(const ConnectionPtr& connection) {
    connection->answering = false;
    if (!connection->socket)
        return give_buffers_back(*connection);
    connection->taken += connection->message_bytes;
    connection->answered = true;
    if (!gather_reply(connection))
        send_reply(connection);
    if (connection->socket && connection->ending)
        close(connection);
    if (!connection->socket || connection->in_serve)
        return;
    serve_next(connection);
}

void LineServer::serve_next(const ConnectionPtr& connection) {
    connection->drop_taken();
    connection->interrupted = connection->has_unread();
    if (connection->interrupted && !connection->answering && !connection->is_blocked())
        queue(connection);
    else
        rest(connection);
}

}  // namespace patd
