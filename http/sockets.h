// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/unique_fd.h"
#include "common/bus/event_loop.h"

#include <cstdint>
#include <functional>
#include <unordered_map>

namespace patd::web {

// Watches sockets in rounds: all that are ready at a moment are served, then what they asked of
// patd goes out in one write. The loop waits in here, so that waiting for them costs one system
// call, and has its turn whenever it has something to do.
// Thread rule: the loop's thread.
class Sockets {
  public:
    // A watched socket, which its owner keeps open as long; destroying it stops the watching, even
    // inside its own callback.
    class Watch {
      public:
        Watch() = default;
        Watch(Watch&& other) noexcept;
        Watch& operator=(Watch&& other) noexcept;
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;
        ~Watch();

        explicit operator bool() const { return sockets_ != nullptr; }
        // Waits for these epoll events from now on.
        void change(std::uint32_t events);

      private:
        friend class Sockets;
        Watch(Sockets* sockets, std::uint64_t number, int fd)
            : sockets_(sockets), number_(number), fd_(fd) {}

        Sockets* sockets_ = nullptr;
        std::uint64_t number_ = 0;
        int fd_ = -1;
    };

    // One for each loop, which must outlive it, and it all of its Watches. Throws std::bad_alloc
    // where the kernel has no descriptor left.
    explicit Sockets(bus::EventLoop& loop);
    ~Sockets();
    Sockets(const Sockets&) = delete;
    Sockets& operator=(const Sockets&) = delete;

    // Calls `callback` with the epoll events while they last.
    Watch watch(int fd, std::uint32_t events, std::function<void(std::uint32_t)> callback);
    // Called at the end of each round.
    void at_end_of_round(std::function<void()> callback) { at_end_ = std::move(callback); }
    bool is_in_round() const { return is_in_round_; }

  private:
    // Waits for something to serve. Whether the loop has something to do.
    bool serve_round(int timeout_ms);

    bus::EventLoop& loop_;
    UniqueFd epoll_;
    std::uint64_t next_ = 0;  // 0 is the loop
    std::unordered_map<std::uint64_t, std::function<void(std::uint32_t)>> callbacks_;
    std::function<void()> at_end_;
    bool is_in_round_ = false;
};

}  // namespace patd::web
