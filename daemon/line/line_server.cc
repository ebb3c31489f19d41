// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/line/line_server.h"

#include "common/base/limits.h"
#include "daemon/line/line_reply.h"
#include "daemon/state/peer_process.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace patd {
namespace {

// Most requests are far smaller; a long one moves to a larger buffer once.
constexpr std::size_t kFirstRequestBytes = 4000;
constexpr std::chrono::milliseconds kSweepEvery{500};
constexpr std::size_t kSpareBuffers = 16;  // 350 KiB of address space, two pages each in use
// So often is a connection read from before the others have their turn.
constexpr int kReadsInARow = 16;

}  // namespace

struct LineServer::Connection final : ProcessSource {
    Connection(UniqueFd fd, Uid uid, Buffers buffers)
        : socket(std::move(fd)),
          caller{uid, "line"},
          request(std::move(buffers.request)),
          reply(std::move(buffers.reply)) {}

    Result<Process> open_process() const override {
        if (!socket)
            return Error{Errc::Unavailable, "the connection is closed"};
        return open_peer(socket.get());
    }

    UniqueFd socket;
    Caller caller;
    SecretBuffer request;
    SecretBuffer reply;
    line::LineMessage message;
    std::size_t message_bytes = 0;
    std::size_t taken = 0;   // bytes of `request` that are answered
    bool filled = false;     // the last read took all that there was room for
    bool answering = false;  // the handler has the message
    bool in_serve = false;   // serve() goes on by itself when the answer is there
    bool watched = true;
    bool ending = false;    // closes after the reply
    bool answered = false;  // at least once
    // When its silence, or the message that has begun, began.
    std::chrono::milliseconds since{};

    bool has_unread() const { return taken < request.size(); }
    // Drops what is answered. The message that the handler has must not move.
    void drop_taken() {
        if (answering || taken == 0)
            return;
        request.consume(taken);
        taken = 0;
    }
};

LineServer::LineServer(const Parts& parts, UniqueFd listener, UniqueFd epoll)
    : parts_(parts), listener_(std::move(listener)), epoll_(std::move(epoll)) {
    ready_ =
        parts_.loop.watch(epoll_.get(), EPOLLIN, [this](std::uint32_t) { (void)serve_ready(0); });
    if (listener_)
        listening_ = parts_.loop.watch(listener_.get(), EPOLLIN,
                                       [this](std::uint32_t) { accept_waiting(); });
}

LineServer::~LineServer() {
    if (leads_)
        parts_.loop.wait_in({});
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

void LineServer::stop_accepting() {
    listening_ = {};
}

bool LineServer::is_waited_for() const {
    return std::any_of(connections_.begin(), connections_.end(), [](const auto& entry) {
        const Connection& connection = *entry.second;
        return connection.answering || !connection.answered || !connection.request.empty();
    });
}

void LineServer::accept_waiting() {
    // A few at a time, so that a flood of connections does not starve the others.
    for (int i = 0; i < 16; ++i) {
        UniqueFd socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!socket)
            return;
        add_connection(std::move(socket));
    }
}

void LineServer::add_connection(UniqueFd socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return;
    const Uid uid(peer.uid);
    if (connections_.size() >= limits_.all || per_user_[uid] >= limits_.of_user)
        return;
    const auto connection = std::make_shared<Connection>(std::move(socket), uid, take_buffers());
    connection->caller.process = connection;
    connection->since = parts_.clock.since_boot();
    epoll_event event{};
    event.events = EPOLLIN | EPOLLRDHUP;
    event.data.fd = connection->socket.get();
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection->socket.get(), &event) != 0)
        return;
    ++per_user_[uid];
    connections_.emplace(connection->socket.get(), connection);
    schedule_sweep();
}

Result<void> LineServer::lead_the_loop() {
    ready_ = {};
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = parts_.loop.fd();
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, event.data.fd, &event) != 0)
        return Error{Errc::Unavailable, "epoll_ctl"};
    parts_.loop.wait_in({[this](int timeout_ms) { return serve_ready(timeout_ms); }});
    leads_ = true;
    return {};
}

bool LineServer::serve_ready(int timeout_ms) {
    std::array<epoll_event, 64> events{};
    const int count =
        epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeout_ms);
    bool is_loop_ready = false;
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        const auto found = connections_.find(event.data.fd);
        if (found != connections_.end())
            on_connection(ConnectionPtr(found->second), event.events);
        else
            is_loop_ready = is_loop_ready || event.data.fd == parts_.loop.fd();
    }
    return is_loop_ready;
}

void LineServer::on_connection(const ConnectionPtr& connection, std::uint32_t events) {
    if (connection->answering) {
        // Input is not watched now, so this is a peer that is gone.
        if ((events & (EPOLLHUP | EPOLLERR)) != 0)
            close(connection);
        return;
    }
    if (connection->request.empty())
        connection->since = parts_.clock.since_boot();
    if (read_more(connection))
        serve(connection);
}

bool LineServer::read_more(const ConnectionPtr& connection) {
    SecretBuffer& request = connection->request;
    if (request.size() == request.capacity()) {
        if (request.capacity() > kFirstRequestBytes)
            return close(connection), false;
        SecretBuffer larger(limits::kLineMessageBytes + 1);
        (void)larger.append(request.expose());
        request = std::move(larger);
    }
    const std::span<char> room = request.expose_free();
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

// However serving a connection ends, no reply that was gathered for it is there for the next one.
class LineServer::Gathering {
  public:
    // A handler may answer another connection meanwhile, whose replies then go out by themselves.
    Gathering(LineServer& server, const Connection* connection)
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

void LineServer::serve(const ConnectionPtr& connection) {
    const Gathering gathering(*this, connection.get());
    connection->in_serve = true;
    for (int reads = 0; serve_read(connection) && ++reads < kReadsInARow;) {
        if (!read_more(connection))
            break;
    }
    connection->in_serve = false;
    if (connection->socket && gathering_ == connection.get() && !gathered_.empty())
        send_gathered(connection, {});
    if (connection->socket)
        watch_input(connection, !connection->answering);
}

// Every whole message of the buffer. True when more can be read at once.
bool LineServer::serve_read(const ConnectionPtr& connection) {
    while (connection->socket && !connection->answering && connection->has_unread() &&
           serve_one(connection)) {
    }
    if (!connection->socket)
        return false;
    connection->drop_taken();
    return connection->filled && !connection->answering;
}

// One message of the buffer. False when there is none, or when its answer comes later.
bool LineServer::serve_one(const ConnectionPtr& connection) {
    const Result<bool> complete = connection->message.read(
        connection->request.expose().subspan(connection->taken), false, connection->message_bytes);
    if (!complete) {
        refuse(connection, complete.error());
        return false;
    }
    if (!*complete)
        return false;
    connection->answering = true;
    parts_.handler.handle(connection->caller, connection->message, connection->reply,
                          [this, connection] { on_answered(connection); });
    return !connection->answering;
}

void LineServer::refuse(const ConnectionPtr& connection, const Error& error) {
    connection->ending = true;
    connection->answering = true;
    connection->message_bytes = connection->request.size() - connection->taken;
    write_error(connection->reply, error, Quit::No);
    on_answered(connection);
}

void LineServer::on_answered(const ConnectionPtr& connection) {
    connection->answering = false;
    if (!connection->socket)
        return;
    connection->taken += connection->message_bytes;
    connection->answered = true;
    if (!gather_reply(connection))
        send_reply(connection);
    if (connection->socket && connection->ending)
        close(connection);
    if (connection->socket && !connection->in_serve)
        serve(connection);
}

bool LineServer::gather_reply(const ConnectionPtr& connection) {
    if (gathering_ != connection.get() || connection->ending || !connection->has_unread())
        return false;
    if (gathered_.capacity() == 0)
        gathered_ = SecretBuffer(limits::kLinePipelineBytes);
    if (!gathered_.append(connection->reply.expose()))
        return false;
    connection->reply.wipe();
    return true;
}

void LineServer::send_reply(const ConnectionPtr& connection) {
    send_gathered(connection, connection->reply.expose());
    connection->reply.wipe();
}

void LineServer::send_gathered(const ConnectionPtr& connection, std::span<const char> last) {
    std::span<const char> first;
    if (gathering_ == connection.get())
        first = gathered_.expose();
    // sendmsg(2) does not write into what it sends.
    std::array<iovec, 2> parts{{{const_cast<char*>(first.data()), first.size()},
                                {const_cast<char*>(last.data()), last.size()}}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const ssize_t sent = sendmsg(connection->socket.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    const bool all = sent >= 0 && static_cast<std::size_t>(sent) == first.size() + last.size();
    connection->since = parts_.clock.since_boot();
    if (!first.empty())
        gathered_.wipe();
    // A peer that does not read its answers gets no more of them.
    if (!all)
        close(connection);
}

void LineServer::watch_input(const ConnectionPtr& connection, bool wanted) {
    if (connection->watched == wanted)
        return;
    connection->watched = wanted;
    epoll_event event{};
    event.events = wanted ? EPOLLIN | EPOLLRDHUP : 0U;
    event.data.fd = connection->socket.get();
    (void)epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, connection->socket.get(), &event);
}

void LineServer::close(const ConnectionPtr& connection) {
    // NOLINTNEXTLINE(performance-unnecessary-copy-initialization): alive until the end of this
    const ConnectionPtr held = connection;
    if (--per_user_[held->caller.uid] == 0)
        per_user_.erase(held->caller.uid);
    connections_.erase(held->socket.get());
    held->socket.reset();
    // A handler that still has to answer goes on writing into them.
    if (!held->answering)
        give_back({std::move(held->request), std::move(held->reply)});
}

LineServer::Buffers LineServer::take_buffers() {
    if (spare_.empty())
        return {SecretBuffer(kFirstRequestBytes), SecretBuffer(limits::kLineReplyBytes)};
    Buffers buffers = std::move(spare_.back());
    spare_.pop_back();
    return buffers;
}

void LineServer::give_back(Buffers buffers) {
    if (spare_.size() >= kSpareBuffers || buffers.request.capacity() != kFirstRequestBytes)
        return;
    buffers.request.wipe();
    buffers.reply.wipe();
    spare_.push_back(std::move(buffers));
}

void LineServer::schedule_sweep() {
    if (sweeping_)
        return;
    sweeping_ = true;
    sweeper_ = parts_.loop.after(kSweepEvery, [this] { sweep(); });
}

void LineServer::sweep() {
    sweeping_ = false;
    const auto now = parts_.clock.since_boot();
    std::vector<ConnectionPtr> overdue;
    for (const auto& [fd, connection] : connections_) {
        const std::chrono::milliseconds allowed =
            connection->request.empty() ? limits::kLineIdle : limits::kLineFrameDeadline;
        if (!connection->answering && now - connection->since > allowed)
            overdue.push_back(connection);
    }
    for (const ConnectionPtr& connection : overdue)
        close(connection);
    if (!connections_.empty())
        schedule_sweep();
}

Result<UniqueFd> listen_at(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        return Error{Errc::Unavailable, "socket path too long"};
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    (void)unlink(path.c_str());
    if (!socket ||
        bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        chmod(path.c_str(), 0666) != 0 || listen(socket.get(), SOMAXCONN) != 0)
        return Error{Errc::Unavailable, "listen at " + path};
    return socket;
}

}  // namespace patd
