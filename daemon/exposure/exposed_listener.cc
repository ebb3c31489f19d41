// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/exposure/exposed_listener.h"

#include "common/base/unix_socket.h"
#include "common/token/visible_text.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

namespace patd {
namespace {

bool has_socket_option(int fd, int option, int wanted) {
    int value = 0;
    socklen_t size = sizeof value;
    return getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 && value == wanted;
}

// Nothing for a socket without a path: any local user can reach an abstract name.
Result<std::string> bound_path(int fd) {
    sockaddr_un address{};
    socklen_t size = sizeof address;
    // sockaddr_un is meant to be passed as sockaddr (unix(7)).
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
        address.sun_family != AF_UNIX)
        return Errc::BadListener;
    const std::string path(address.sun_path, strnlen(address.sun_path, sizeof address.sun_path));
    if (!path.starts_with('/') || !is_visible_utf8(path))
        return Errc::BadListener;
    return path;
}

bool is_shortage(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

// Another process took the connection, or it is gone.
bool is_temporary(int error) {
    return error == EAGAIN || error == EINTR || error == ECONNABORTED;
}

// Whether the socket was shut down, after waiting a moment for that.
bool is_shut_down(int listener) {
    pollfd entry{listener, 0, 0};
    return poll(&entry, 1, 100) > 0;
}

// Empty when the socket accepts no more.
UniqueFd wait_and_accept(int listener) {
    while (true) {
        pollfd entry{listener, POLLIN | POLLRDHUP, 0};
        (void)poll(&entry, 1, -1);
        // A socket in non-blocking mode keeps returning EAGAIN after it was shut down.
        const bool is_over = (entry.revents & (POLLRDHUP | POLLHUP)) != 0;
        UniqueFd socket(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        const bool no_room = !socket && is_shortage(errno);
        if (no_room && !is_shut_down(listener))
            continue;
        if (socket || no_room || is_over || !is_temporary(errno))
            return socket;
    }
}

}  // namespace

Result<std::string> check_listener(int fd, const Caller& caller) {
    if (!has_socket_option(fd, SO_DOMAIN, AF_UNIX) ||
        !has_socket_option(fd, SO_TYPE, SOCK_STREAM) || !has_socket_option(fd, SO_ACCEPTCONN, 1))
        return Errc::BadListener;
    const Result<Peer> maker = find_peer(fd);
    if (!maker || maker->uid != caller.uid)
        return Errc::BadListener;
    return bound_path(fd);
}

Acceptor::Acceptor(bus::EventLoop& loop, UniqueFd listener, Callbacks callbacks)
    : listener_(std::move(listener)), callbacks_(std::move(callbacks)), thread_(loop) {
    accept_next();
}

Acceptor::~Acceptor() {
    (void)shutdown(listener_.get(), SHUT_RDWR);
}

void Acceptor::accept_next() {
    bus::run(
        thread_, [listener = listener_.get()] { return wait_and_accept(listener); },
        [this](UniqueFd socket) {
            if (!socket)
                return callbacks_.on_end();
            callbacks_.on_connection(std::move(socket));
            accept_next();
        });
}

}  // namespace patd
