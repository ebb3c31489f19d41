// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "http/sockets.h"

#include "common/base/http_limits.h"

#include <sys/epoll.h>

#include <array>
#include <new>
#include <utility>

namespace patd::web {

Sockets::Watch::Watch(Watch&& other) noexcept
    : sockets_(std::exchange(other.sockets_, nullptr)), number_(other.number_), fd_(other.fd_) {}

Sockets::Watch& Sockets::Watch::operator=(Watch&& other) noexcept {
    std::swap(sockets_, other.sockets_);
    std::swap(number_, other.number_);
    std::swap(fd_, other.fd_);
    return *this;
}

Sockets::Watch::~Watch() {
    if (sockets_ == nullptr)
        return;
    sockets_->callbacks_.erase(number_);
    (void)epoll_ctl(sockets_->epoll_.get(), EPOLL_CTL_DEL, fd_, nullptr);
}

void Sockets::Watch::change(std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = number_;
    (void)epoll_ctl(sockets_->epoll_.get(), EPOLL_CTL_MOD, fd_, &event);
}

Sockets::Sockets(bus::EventLoop& loop) : loop_(loop), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    epoll_event event{};
    event.events = EPOLLIN;
    if (!epoll_ || epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, loop.fd(), &event) != 0)
        throw std::bad_alloc();
    loop.wait_in({[this](int timeout_ms) { return serve_round(timeout_ms); }});
}

Sockets::~Sockets() {
    loop_.wait_in({});
}

Sockets::Watch Sockets::watch(int fd, std::uint32_t events,
                              std::function<void(std::uint32_t)> callback) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = ++next_;
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
        throw std::bad_alloc();
    Watch watch(this, next_, fd);
    callbacks_.emplace(next_, std::move(callback));
    return watch;
}

bool Sockets::serve_round(int timeout_ms) {
    std::array<epoll_event, limits::kHttpSocketsInARound> events;
    const int count =
        epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeout_ms);
    bool is_loop_ready = false;
    bool has_served = false;
    is_in_round_ = true;
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        is_loop_ready = is_loop_ready || event.data.u64 == 0;
        const auto found = callbacks_.find(event.data.u64);
        if (found == callbacks_.end())
            continue;  // the loop, or one that another ended in this round
        const std::function<void(std::uint32_t)> callback = found->second;
        has_served = true;
        callback(event.events);
    }
    is_in_round_ = false;
    if (has_served && at_end_)
        at_end_();
    return is_loop_ready;
}

}  // namespace patd::web
