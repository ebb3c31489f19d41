// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/bus/event_loop.h"

#include "common/base/limits.h"
#include "common/base/log_messages.h"
#include "common/bus/firewall.h"

#include <systemd/sd-event.h>

#include <csignal>
#include <cstdlib>
#include <exception>

namespace patd::bus {

struct EventLoop::Source::State {
    ~State() { sd_event_source_disable_unref(source); }

    sd_event* event = nullptr;
    sd_event_source* source = nullptr;
    std::function<void(std::uint32_t)> on_io;
    std::function<void()> on_time;  // or on a signal
};

namespace {

using State = EventLoop::Source::State;

// The callback may destroy the Source, and with it the state that is running.
template <typename Function>
int run_guarded(const char* kind, sd_event* event, const Function& function) noexcept {
    if (!guarded(kind, function))
        sd_event_exit(event, EXIT_FAILURE);
    return 0;
}

}  // namespace

namespace detail {

int on_io(sd_event_source*, int, std::uint32_t events, void* userdata) {
    auto* state = static_cast<State*>(userdata);
    const std::function<void(std::uint32_t)> callback = state->on_io;
    return run_guarded("descriptor", state->event, [&] { callback(events); });
}

int on_time(sd_event_source*, std::uint64_t, void* userdata) {
    auto* state = static_cast<State*>(userdata);
    const std::function<void()> callback = state->on_time;
    return run_guarded("timer", state->event, [&] { callback(); });
}

int on_soon(sd_event_source*, void* userdata) {
    auto* state = static_cast<State*>(userdata);
    const std::function<void()> callback = state->on_time;
    return run_guarded("soon", state->event, [&] { callback(); });
}

int on_signal(sd_event_source*, const signalfd_siginfo*, void* userdata) {
    auto* state = static_cast<State*>(userdata);
    const std::function<void()> callback = state->on_time;
    return run_guarded("signal", state->event, [&] { callback(); });
}

}  // namespace detail

Result<std::unique_ptr<EventLoop>> EventLoop::create() {
    sd_event* event = nullptr;
    if (sd_event_new(&event) < 0)
        return Error{Errc::Internal, "sd_event_new"};
    return std::unique_ptr<EventLoop>(new EventLoop(event));
}

EventLoop::~EventLoop() {
    sd_event_unref(event_);
}

EventLoop::Source EventLoop::watch(int fd, std::uint32_t events,
                                   std::function<void(std::uint32_t)> callback) {
    changed_ = true;
    auto state = std::make_shared<Source::State>();
    state->event = event_;
    state->on_io = std::move(callback);
    if (sd_event_add_io(event_, &state->source, fd, events, detail::on_io, state.get()) < 0)
        throw std::bad_alloc();
    return Source(std::move(state));
}

EventLoop::Source EventLoop::after(std::chrono::milliseconds delay,
                                   std::function<void()> callback) {
    changed_ = true;
    auto state = std::make_shared<Source::State>();
    state->event = event_;
    state->on_time = std::move(callback);
    const auto delay_us = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(delay).count());
    if (sd_event_add_time_relative(event_, &state->source, CLOCK_BOOTTIME, delay_us, 0,
                                   detail::on_time, state.get()) < 0)
        throw std::bad_alloc();
    return Source(std::move(state));
}

EventLoop::Source EventLoop::soon(std::function<void()> callback) {
    changed_ = true;
    auto state = std::make_shared<Source::State>();
    state->event = event_;
    state->on_time = std::move(callback);
    if (sd_event_add_defer(event_, &state->source, detail::on_soon, state.get()) < 0)
        throw std::bad_alloc();
    return Source(std::move(state));
}

Result<EventLoop::Source> EventLoop::on_signal(int number, std::function<void()> callback) {
    changed_ = true;
    auto state = std::make_shared<Source::State>();
    state->event = event_;
    state->on_time = std::move(callback);
    if (sd_event_add_signal(event_, &state->source, number, detail::on_signal, state.get()) < 0)
        return Error{Errc::Internal, "sd_event_add_signal"};
    return Source(std::move(state));
}

void EventLoop::feed_watchdog() {
    (void)sd_event_set_watchdog(event_, 1);
}

void EventLoop::wait_in_poller(std::chrono::milliseconds timeout) {
    const auto wait = [&] {
        while (!poller_.wait(static_cast<int>(timeout.count())) && !changed_ &&
               timeout.count() < 0) {
        }
    };
    if (!guarded("poller", wait))
        stop(EXIT_FAILURE);
}

bool EventLoop::turn(std::chrono::milliseconds timeout) {
    const int pending = sd_event_prepare(event_);
    if (pending < 0)
        return false;
    changed_ = false;
    if (poller_.wait)
        wait_in_poller(pending > 0 ? std::chrono::milliseconds(0) : timeout);
    if (pending == 0) {
        std::uint64_t wait_us =
            timeout.count() < 0 ? UINT64_MAX : static_cast<std::uint64_t>(timeout.count()) * 1000;
        if (poller_.wait)
            wait_us = 0;
        if (sd_event_wait(event_, wait_us) <= 0)
            return sd_event_get_state(event_) != SD_EVENT_FINISHED;
    }
    (void)sd_event_dispatch(event_);
    if (poller_.wait || serve_more_)
        dispatch_ready();
    return sd_event_get_state(event_) != SD_EVENT_FINISHED;
}

void EventLoop::dispatch_ready() {
    const auto end = std::chrono::steady_clock::now() + limits::kTurnBudget;
    const auto has_time = [this, end] {
        return std::chrono::steady_clock::now() < end &&
               sd_event_get_state(event_) != SD_EVENT_FINISHED;
    };
    while (serve_more_ && serve_more_()) {
        if (!has_time())
            return;
    }
    while (poller_.wait && has_time()) {
        const int pending = sd_event_prepare(event_);
        if (pending < 0 || (pending == 0 && sd_event_wait(event_, 0) <= 0))
            return;
        (void)sd_event_dispatch(event_);
    }
}

int EventLoop::fd() const {
    return sd_event_get_fd(event_);
}

int EventLoop::run() {
    while (turn(std::chrono::milliseconds(-1))) {
    }
    int status = EXIT_FAILURE;
    (void)sd_event_get_exit_code(event_, &status);
    return status;
}

void EventLoop::run_once(std::chrono::milliseconds timeout) {
    (void)turn(timeout);
}

void EventLoop::stop(int status) {
    changed_ = true;
    (void)sd_event_exit(event_, status);
}

}  // namespace patd::bus
