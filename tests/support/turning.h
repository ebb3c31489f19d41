// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/bus/event_loop.h"

#include <poll.h>
#include <sys/socket.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>

namespace patd::support {

// Turns the loop until `done`; false if that takes longer than any machine should need.
inline bool turn_until(bus::EventLoop& loop, const std::function<bool()>& done,
                       std::chrono::seconds limit = std::chrono::seconds(30)) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!done()) {
        if (std::chrono::steady_clock::now() >= deadline)
            return false;
        loop.run_once(std::chrono::milliseconds(2));
    }
    return true;
}

// Handles everything that is currently ready.
inline void turn_while_ready(bus::EventLoop& loop) {
    while (sd_event_run(loop.get(), 0) > 0) {
    }
}

inline bool is_readable(int fd) {
    pollfd entry{fd, POLLIN, 0};
    return ::poll(&entry, 1, 0) > 0;
}

// Everything that arrives from `fd` until its other end is closed.
inline std::string read_to_end(bus::EventLoop& loop, int fd) {
    std::string text;
    char bytes[4096];
    while (true) {
        if (!turn_until(loop, [&] { return is_readable(fd); }))
            throw std::runtime_error("nothing came");
        const ssize_t got = ::recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (got <= 0)
            return text;
        text.append(bytes, static_cast<std::size_t>(got));
    }
}

}  // namespace patd::support
