// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/line/line_client.h"

#include "common/base/unix_socket.h"
#include "common/line/line_message.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace patd::line {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

// The owner of the directory that holds `path`, which must be absolute.
Result<uid_t> directory_owner(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    sockaddr_un directory{};
    if (slash == std::string_view::npos || slash >= sizeof(directory.sun_path))
        return Error{Errc::Unavailable, "bad socket path"};
    path.copy(directory.sun_path, std::max<std::size_t>(slash, 1));
    struct stat status {};
    if (stat(directory.sun_path, &status) != 0)
        return Error{Errc::Unavailable, "no socket directory"};
    return status.st_uid;
}

// A stream socket whose connect(2) waits for room in a full backlog, but not for ever.
Result<UniqueFd> make_socket(milliseconds deadline) {
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket)
        return Error{Errc::Unavailable, "socket"};
    timeval timeout{};
    timeout.tv_sec = duration_cast<std::chrono::seconds>(deadline).count();
    timeout.tv_usec = deadline.count() % 1000 * 1000;
    (void)setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
    return socket;
}

// A socket that could not connect may try another address.
Result<void> connect_socket(int socket, const sockaddr_un& address) {
    while (::connect(socket, as_sockaddr(address), sizeof(address)) != 0) {
        if (errno != EINTR)
            return Error{Errc::Unavailable, "connect"};
    }
    return {};
}

bool is_transient(int error) {
    return error == EINTR || error == EAGAIN;
}

constexpr milliseconds kFirstPause{10};
constexpr milliseconds kLongestPause{320};

}  // namespace

Result<void> LineClient::check_peer(int socket, const char* path) {
    const uid_t owner = TRY(directory_owner(path));
    const Uid peer = TRY(find_peer(socket)).uid;
    if (!peer.is_root() && peer != Uid(owner))
        return Error{Errc::InsecurePeer, "unexpected peer uid"};
    return {};
}

Result<LineClient> LineClient::connect(const char* path, Milliseconds deadline) {
    std::size_t found = 0;
    return connect_to_first({&path, 1}, found, deadline);
}

Result<LineClient> LineClient::connect_to_first(std::span<const char* const> paths,
                                                std::size_t& found, Milliseconds deadline) {
    Error why{Errc::Unavailable, "no path"};
    UniqueFd socket;
    for (found = 0; found < paths.size(); ++found) {
        const Clock::time_point end = Clock::now() + deadline;
        const sockaddr_un address = TRY(unix_address(paths[found]));
        if (!socket)
            socket = TRY(make_socket(deadline));
        Result<void> done = connect_socket(socket.get(), address);
        const bool is_connected = done.has_value();
        if (is_connected)
            done = check_peer(socket.get(), address.sun_path);
        if (done)
            return LineClient(std::move(socket), address, end);
        why = done.error();
        if (is_connected)
            socket.reset();
    }
    return why;
}

Result<void> LineClient::wait_for(short events) const {
    while (true) {
        const auto left = duration_cast<milliseconds>(deadline_ - Clock::now());
        if (left.count() <= 0)
            return Error{Errc::Unavailable, "no answer in time"};
        pollfd entry{socket_.get(), events, 0};
        const int ready = poll(&entry, 1, static_cast<int>(left.count()));
        if (ready > 0)
            return {};
        if (ready < 0 && errno != EINTR)
            return Error{Errc::Unavailable, "the connection failed"};
    }
}

Result<void> LineClient::send(std::span<const char> bytes) const {
    while (!bytes.empty()) {
        const ssize_t sent =
            ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(sent));
            continue;
        }
        // A daemon that refuses a request may answer and close before it has read it all.
        if (errno == EPIPE || errno == ECONNRESET)
            return {};
        if (!is_transient(errno))
            return Error{Errc::Unavailable, "send"};
        TRY(wait_for(POLLOUT));
    }
    return {};
}

Result<std::size_t> LineClient::receive_some(std::span<char> room) const {
    while (true) {
        TRY(wait_for(POLLIN));
        const ssize_t got = recv(socket_.get(), room.data(), room.size(), MSG_DONTWAIT);
        if (got >= 0)
            return static_cast<std::size_t>(got);
        if (!is_transient(errno))
            return 0;
    }
}

Result<void> LineClient::complete(SecretBuffer& reply) const {
    while (true) {
        std::size_t consumed = 0;
        LineMessage message;
        const bool is_whole = TRY(message.read(reply.reveal(), false, consumed));
        if (is_whole && consumed == reply.size())
            return {};
        if (is_whole || reply.size() == limits::kLineReplyBytes)
            return Error{Errc::MalformedRequest, "reply too long"};
        const std::size_t got =
            TRY(receive_some(reply.free_space().first(limits::kLineReplyBytes - reply.size())));
        if (got == 0)
            return Error{Errc::Unavailable, "connection closed"};
        reply.grow(got);
    }
}

Result<std::size_t> LineClient::ask(std::span<const char> request, std::span<char> room) {
    for (milliseconds pause = kFirstPause;; pause = std::min(2 * pause, kLongestPause)) {
        TRY(send(request));
        if (const std::size_t got = TRY(receive_some(room)); got > 0)
            return got;
        const auto left = duration_cast<milliseconds>(deadline_ - Clock::now());
        if (left <= pause)
            return Error{Errc::Unavailable, "connection closed"};
        (void)poll(nullptr, 0, static_cast<int>(pause.count()));
        socket_ = TRY(make_socket(left - pause));
        TRY(connect_socket(socket_.get(), address_));
        TRY(check_peer(socket_.get(), address_.sun_path));
    }
}

Result<SecretBuffer> LineClient::exchange(const SecretBuffer& request) {
    SecretBuffer reply(limits::kLineReplyBytes);
    reply.grow(TRY(ask(request.reveal(), reply.free_space())));
    TRY(complete(reply));
    return reply;
}

Result<void> LineClient::exchange_in_place(SecretBuffer& buffer) {
    std::span<char> room = buffer.free_space();
    if (buffer.capacity() < limits::kLineReplyBytes || room.empty())
        return Error{Errc::Internal, "no room for a reply"};
    room = room.first(std::min(room.size(), limits::kLineReplyBytes));
    const std::size_t sent = buffer.size();
    buffer.grow(TRY(ask(buffer.reveal(), room)));
    buffer.consume(sent);
    return complete(buffer);
}

}  // namespace patd::line
