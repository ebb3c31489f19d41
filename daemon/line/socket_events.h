// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>

namespace patd {

// Sets the events (EPOLLIN, ...) that `epoll` waits for at `fd`; `operation` as in epoll_ctl(2).
inline bool set_watched(int epoll, int operation, int fd, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    return epoll_ctl(epoll, operation, fd, &event) == 0;
}

// What a peek at a socket shows; the input stays unread.
enum class Input { Some, None, Ended };
inline Input look_at(int socket) {
    char first{};
    const ssize_t got = recv(socket, &first, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got > 0)
        return Input::Some;
    return got < 0 && (errno == EAGAIN || errno == EINTR) ? Input::None : Input::Ended;
}

}  // namespace patd
