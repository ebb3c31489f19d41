// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/line/line_server.h"

#include "common/base/limits.h"
#include "common/base/log_messages.h"
#include "daemon/line/line_reply.h"
#include "daemon/state/lots.h"

#include <fcntl.h>
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

using State = LineConnection::State;

// Most requests are far smaller; a long one moves to a larger buffer once.
constexpr std::size_t kFirstRequestBytes = 4000;
constexpr std::chrono::milliseconds kSweepEvery{500};
constexpr std::chrono::minutes kTellEvery{1};
constexpr std::size_t kSpareBuffers = 16;  // 350 KiB of address space, two pages each in use

bool is_no_room(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

UniqueFd open_reserve() {
    return UniqueFd(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

// What a look at a socket shows, which leaves what came where it is.
enum class Input { Some, None, Ended };
Input look_at(int socket) {
    char first{};
    const ssize_t got = recv(socket, &first, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got > 0)
        return Input::Some;
    return got < 0 && (errno == EAGAIN || errno == EINTR) ? Input::None : Input::Ended;
}

bool set_watched(int epoll, int operation, int fd, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    return epoll_ctl(epoll, operation, fd, &event) == 0;
}

// Behind what is unsent already: at most one late answer, since nothing more is served meanwhile.
// False: nothing is kept of a connection that ends.
bool keep_unsent(LineConnection& connection, std::span<const char> first,
                 std::span<const char> last) {
    if (first.empty() && last.empty())
        return true;
    if (connection.ending)
        return false;
    SecretBuffer unsent(connection.unsent.size() + first.size() + last.size());
    const bool kept =
        unsent.append(connection.unsent.expose()) && unsent.append(first) && unsent.append(last);
    connection.unsent = std::move(unsent);
    return kept;
}

}  // namespace

LineServer::LineServer(const Parts& parts, UniqueFd listener, UniqueFd epoll)
    : parts_(parts),
      listener_(std::move(listener)),
      reserve_(open_reserve()),
      epoll_(std::move(epoll)) {
    ready_ =
        parts_.loop.watch(epoll_.get(), EPOLLIN, [this](std::uint32_t) { (void)serve_ready(0); });
    // A loop's first timer takes a descriptor, which is not to be had when it is needed.
    accept_again_ = parts_.loop.after(std::chrono::milliseconds(0), [] {});
    accepting_ = listener_ && set_watched(epoll_.get(), EPOLL_CTL_ADD, listener_.get(), EPOLLIN);
}

LineServer::~LineServer() {
    if (leads_) {
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

void LineServer::stop_accepting() {
    if (accepting_)
        (void)set_watched(epoll_.get(), EPOLL_CTL_DEL, listener_.get(), 0);
    accepting_ = false;
    accept_again_ = {};
}

bool LineServer::is_waited_for() const {
    return std::any_of(connections_.begin(), connections_.end(), [](const auto& entry) {
        const LineConnection& connection = *entry.second;
        return connection.state != State::Idle;
    });
}

void LineServer::accept_waiting() {
    // Some at a time, so that a flood of connections does not starve those that are there.
    for (std::size_t i = 0; i < limits::kAcceptsInARow; ++i) {
        UniqueFd socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!socket && is_no_room(errno))
            return back_off();
        if (!socket)
            return;
        add_connection(std::move(socket));
    }
}

// A listener that is ready and cannot be emptied would turn the loop without end.
void LineServer::back_off() {
    (void)set_watched(epoll_.get(), EPOLL_CTL_DEL, listener_.get(), 0);
    reserve_.reset();
    // Who comes first is told at once that he is not served, instead of waiting for nothing.
    (void)UniqueFd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    reserve_ = open_reserve();
    accept_again_ = parts_.loop.after(limits::kAcceptBackOff, [this] {
        (void)set_watched(epoll_.get(), EPOLL_CTL_ADD, listener_.get(), EPOLLIN);
    });
    const auto now = parts_.clock.since_boot();
    if (backed_off_ && now - *backed_off_ < kTellEvery)
        return;
    backed_off_ = now;
    log(messages::kDescriptorsUsedUp, {{"CONNECTIONS", std::to_string(connections_.size())}});
}

// One lot's flood takes from that lot alone.
bool LineServer::make_room(Uid uid, Uid lot) {
    const std::size_t of_lot =
        lot == kStrangers ? std::min(limits_.of_strangers, limits_.of_user) : limits_.of_user;
    const ConnectionLots::Room room = lots_.find_room(lot, {limits_.all, of_lot});
    if (room.gives_way == nullptr && !room.is_refused)
        return true;
    const Uid loser = room.is_refused ? uid : room.gives_way->caller.uid;
    if (note_refused_)
        note_refused_(loser);
    if (room.is_refused)
        return false;
    close(ConnectionPtr(connections_.at(room.gives_way->socket.get())));
    return true;
}

void LineServer::add_connection(UniqueFd socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return;
    const Uid uid(peer.uid);
    const Uid lot = parts_.turns.lot_of(parts_.on_behalf_of.value_or(uid));
    // A flood pays for it with turns of its own lot.
    parts_.turns.charge(parts_.on_behalf_of.value_or(uid), limits::kAcceptCharge);
    const Input input = look_at(socket.get());
    // Who is gone already costs nothing more.
    if (input == Input::Ended || !make_room(uid, lot) ||
        !set_watched(epoll_.get(), EPOLL_CTL_ADD, socket.get(), EPOLLIN | EPOLLRDHUP))
        return;
    const auto connection = std::make_shared<LineConnection>(std::move(socket), uid, lot);
    connection->caller.process = connection;
    connection->since = parts_.clock.since_boot();
    lots_.add(*connection);
    connections_.emplace(connection->socket.get(), connection);
    schedule_sweep();
    // Who has asked already is not looked for once more.
    if (input == Input::Some)
        queue(connection);
}

Result<void> LineServer::lead_the_loop() {
    ready_ = {};
    if (!set_watched(epoll_.get(), EPOLL_CTL_ADD, parts_.loop.fd(), EPOLLIN))
        return Error{Errc::Unavailable, "epoll_ctl"};
    parts_.loop.wait_in({[this](int timeout_ms) { return serve_ready(timeout_ms); }});
    parts_.turns.drive(true);
    leads_ = true;
    return {};
}

bool LineServer::serve_ready(int timeout_ms) {
    if (!leads_)
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
        if (found != connections_.end())
            on_connection(ConnectionPtr(found->second), event.events);
        else if (event.data.fd == listener_.get())
            accept_waiting();
        else
            is_loop_ready = is_loop_ready || event.data.fd == parts_.loop.fd();
    }
    return is_loop_ready;
}

void LineServer::on_connection(const ConnectionPtr& connection, std::uint32_t events) {
    if (connection->is_blocked())
        return send_unsent(connection);
    if (connection->answering || connection->parked) {
        // Input is not watched now, so this is a peer that is gone.
        if ((events & (EPOLLHUP | EPOLLERR)) != 0)
            close(connection);
        return;
    }
    if (connection->queued)
        return;
    // Who is gone, and left nothing, needs no turn.
    const bool is_gone = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    if (is_gone && look_at(connection->socket.get()) == Input::Ended)
        return close(connection);
    if (connection->buffers.request.empty())
        connection->since = parts_.clock.since_boot();
    queue(connection);
}

void LineServer::queue(const ConnectionPtr& connection) {
    connection->queued = true;
    lots_.set_state(*connection, State::Busy);
    parts_.turns.add(parts_.on_behalf_of.value_or(connection->caller.uid),
                     [this, waiting = std::weak_ptr(connection)] {
                         const ConnectionPtr held = waiting.lock();
                         // Without its socket it is closed, and this server is perhaps gone.
                         return held && held->socket ? serve(held) : Turns::Progress::Finished;
                     });
}

bool LineServer::take_buffers(const ConnectionPtr& connection) {
    if (connection->has_buffers())
        return true;
    if (!lots_.begin_serving(connection->lot)) {
        lots_.park(connection);
        watch(connection, 0);
        return false;
    }
    if (spare_.empty()) {
        connection->buffers = {SecretBuffer(kFirstRequestBytes),
                               SecretBuffer(limits::kLineReplyBytes)};
        return true;
    }
    connection->buffers = std::move(spare_.back());
    spare_.pop_back();
    return true;
}

void LineServer::give_buffers_back(LineConnection& connection) {
    if (!connection.has_buffers())
        return;
    const Uid lot = connection.lot;
    LineBuffers buffers = std::exchange(connection.buffers, {});
    if (spare_.size() < kSpareBuffers && buffers.request.capacity() == kFirstRequestBytes) {
        buffers.request.wipe();
        buffers.reply.wipe();
        spare_.push_back(std::move(buffers));
    }
    lots_.end_serving(lot);
    if (const ConnectionPtr next = lots_.take_parked(lot))
        queue(next);
}

bool LineServer::read_more(const ConnectionPtr& connection) {
    SecretBuffer& request = connection->buffers.request;
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

Turns::Progress LineServer::serve(const ConnectionPtr& connection) {
    connection->queued = false;
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

// The whole messages of the buffer, as long as there is time. True when there may be more of them,
// or when more can be read at once.
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
    lots_.set_state(*connection, connection->answered ? State::Idle : State::Silent);
    give_buffers_back(*connection);
}

// One message of the buffer. False when there is none, or when its answer comes later.
bool LineServer::serve_one(const ConnectionPtr& connection) {
    const Result<bool> complete =
        connection->message.read(connection->buffers.request.expose().subspan(connection->taken),
                                 false, connection->message_bytes);
    if (!complete) {
        refuse(connection, complete.error());
        return false;
    }
    if (!*complete)
        return false;
    connection->answering = true;
    parts_.handler.handle(connection->caller, connection->message, connection->buffers.reply,
                          [this, connection, alive = std::weak_ptr(alive_)] {
                              if (!alive.expired())
                                  on_answered(connection);
                          });
    return !connection->answering;
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
    go_on(connection);
}

void LineServer::go_on(const ConnectionPtr& connection) {
    connection->drop_taken();
    connection->interrupted = connection->has_unread();
    if (connection->interrupted && !connection->answering && !connection->is_blocked())
        queue(connection);
    else
        rest(connection);
}

bool LineServer::gather_reply(const ConnectionPtr& connection) {
    if (gathering_ != connection.get() || connection->ending || !connection->has_unread())
        return false;
    if (gathered_.capacity() == 0)
        gathered_ = SecretBuffer(limits::kLinePipelineBytes);
    if (!gathered_.append(connection->buffers.reply.expose()))
        return false;
    connection->buffers.reply.wipe();
    return true;
}

void LineServer::send_reply(const ConnectionPtr& connection) {
    send_gathered(connection, connection->buffers.reply.expose());
    connection->buffers.reply.wipe();
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
    // Nothing overtakes what is unsent.
    const ssize_t sent = connection->is_blocked() ? 0
                                                  : sendmsg(connection->socket.get(), &message,
                                                            MSG_DONTWAIT | MSG_NOSIGNAL);
    connection->since = parts_.clock.since_boot();
    const std::size_t taken = sent > 0 ? static_cast<std::size_t>(sent) : 0;
    const bool is_alive = sent >= 0 || errno == EAGAIN || errno == EINTR;
    const std::size_t of_first = std::min(taken, first.size());
    const bool goes_on = is_alive && keep_unsent(*connection, first.subspan(of_first),
                                                 last.subspan(taken - of_first));
    if (!first.empty())
        gathered_.wipe();
    if (!goes_on)
        close(connection);
}

void LineServer::send_unsent(const ConnectionPtr& connection) {
    const std::span<const char> bytes = connection->unsent.expose();
    const ssize_t sent =
        send(connection->socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR)
        return close(connection);
    if (sent <= 0)
        return;
    connection->since = parts_.clock.since_boot();
    connection->unsent.consume(static_cast<std::size_t>(sent));
    if (connection->is_blocked())
        return;
    connection->unsent = SecretBuffer();
    go_on(connection);
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
    lots_.remove(*held);
    connections_.erase(held->socket.get());
    held->socket.reset();
    // A handler that still has to answer goes on writing into them.
    if (!held->answering)
        give_buffers_back(*held);
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
        const bool is_idle = connection->buffers.request.empty() && !connection->is_blocked();
        const std::chrono::milliseconds allowed =
            is_idle ? limits::kLineIdle : limits::kLineFrameDeadline;
        const bool is_ours = connection->answering || connection->queued;
        if (!is_ours && now - connection->since > allowed)
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
        chmod(path.c_str(), 0666) != 0 || listen(socket.get(), int{limits::kLineBacklog}) != 0)
        return Error{Errc::Unavailable, "listen at " + path};
    return socket;
}

}  // namespace patd
