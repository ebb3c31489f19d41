// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/operation/sink.h"

#include "common/base/unix_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

namespace patd {
namespace {

bool is_socket_with(int fd, int option, int wanted) {
    int value = 0;
    socklen_t size = sizeof value;
    return getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 && value == wanted;
}

}  // namespace

Result<std::unique_ptr<SinkReader>> SinkReader::create(bus::EventLoop& loop, std::size_t bytes_max,
                                                       Callback callback) {
    std::array<int, 2> pair{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair.data()) != 0)
        return Error{Errc::Unavailable, "socketpair"};
    UniqueFd source(pair[0]);
    UniqueFd sink(pair[1]);
    std::unique_ptr<SinkReader> reader(new SinkReader(bytes_max, std::move(callback)));
    reader->source_fd_ = std::move(source);
    reader->sink_ = std::move(sink);
    if (shutdown(pair[1], SHUT_RD) != 0)
        return Error{Errc::Unavailable, "shutdown"};
    reader->source_ =
        loop.watch(pair[0], EPOLLIN, [self = reader.get()](std::uint32_t) { self->on_readable(); });
    return reader;
}

void SinkReader::on_readable() {
    const std::span<char> room = received_.free_space();
    const ssize_t got = read(source_fd_.get(), room.data(), room.size());
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    received_.grow(got > 0 ? static_cast<std::size_t>(got) : 0);
    const bool too_long = received_.size() == received_.capacity();
    if (got > 0 && !too_long)
        return;
    source_ = {};
    // The callback may destroy this reader.
    const Callback callback = std::move(callback_);
    if (got < 0)
        callback(Error{Errc::Unavailable, "read of a sink"});
    else if (too_long)
        callback(Errc::LimitExceeded);
    else
        callback(std::move(received_));
}

Result<void> check_sink(int fd, const Caller& caller) {
    struct stat status {};
    if (fstat(fd, &status) != 0 || !S_ISSOCK(status.st_mode) ||
        !is_socket_with(fd, SO_DOMAIN, AF_UNIX) || !is_socket_with(fd, SO_TYPE, SOCK_STREAM) ||
        !is_socket_with(fd, SO_ACCEPTCONN, 0))
        return Errc::BadSink;
    const Result<Peer> maker = find_peer(fd);
    if (!maker || maker->uid != caller.uid)
        return Errc::BadSink;
    return {};
}

Result<void> send_to_sink(int fd, std::span<const char> secret) {
    const ssize_t sent = send(fd, secret.data(), secret.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 || static_cast<std::size_t>(sent) != secret.size())
        return Errc::BadSink;
    // Signals the end even while a bus monitor holds a duplicate.
    (void)shutdown(fd, SHUT_WR);
    return {};
}

}  // namespace patd
