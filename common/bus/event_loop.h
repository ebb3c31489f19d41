// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <sys/epoll.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

struct sd_event;
struct sd_event_source;

namespace patd::bus {

// One sd-event loop. Everything that it calls runs on the thread that calls run(). A callback that
// throws is a bug: it is logged and the loop ends with a failure, since nobody knows what was left
// half done (docs/adr/0002). Work for a single request has its own firewall below this one.
class EventLoop {
  public:
    // A watched thing; destroying it stops the watching, even inside its own callback.
    class Source {
      public:
        struct State;
        Source() = default;

      private:
        friend class EventLoop;
        explicit Source(std::shared_ptr<State> state) : state_(std::move(state)) {}
        std::shared_ptr<State> state_;
    };

    static Result<std::unique_ptr<EventLoop>> create();
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    // Calls `callback` with the epoll events of `fd` (EPOLLIN, ...) while they last. The caller
    // keeps the descriptor, which must outlive the Source.
    Source watch(int fd, std::uint32_t events, std::function<void(std::uint32_t)> callback);
    // Calls `callback` once, `delay` of CLOCK_BOOTTIME from now.
    Source after(std::chrono::milliseconds delay, std::function<void()> callback);
    // Calls `callback` once, at the next turn of the loop.
    Source soon(std::function<void()> callback);
    // Waits for many descriptors at once: `wait` serves what is ready, and waits up to `timeout_ms`
    // (-1: for ever) for the first; it returns true when the loop's own fd(), which it also waits
    // for, is ready.
    struct Poller {
        std::function<bool(int timeout_ms)> wait;
    };
    // Makes the loop wait inside `poller`, which must outlive every turn, so that waiting for its
    // descriptors costs one system call instead of two. Nothing else watches its descriptors. The
    // poller and the other sources take turns: neither starves the other.
    void wait_in(Poller poller) { poller_ = std::move(poller); }

    // For a source that has more ready than it serves at a time: `serve_more` serves one more item,
    // and is called after a turn's sources until it returns false or the turn's time is over. It
    // must outlive every turn.
    void serve_more_with(std::function<bool()> serve_more) { serve_more_ = std::move(serve_more); }

    // Calls `callback` for each signal `number`, which must be blocked in all threads.
    Result<Source> on_signal(int number, std::function<void()> callback);
    // Feeds systemd's watchdog, if the service has one (sd_event_set_watchdog(3)).
    void feed_watchdog();

    // Runs until stop(), and returns what stop() was given.
    int run();
    // Runs what is ready, waiting up to `timeout` for it; for tests.
    void run_once(std::chrono::milliseconds timeout);
    void stop(int status);

    sd_event* get() const { return event_; }
    // Readable when the loop has something to do (sd_event_get_fd(3)).
    int fd() const;

  private:
    explicit EventLoop(sd_event* event) : event_(event) {}

    // One round of sd-event's protocol for foreign loops (sd_event_wait(3)). False at the end.
    bool turn(std::chrono::milliseconds timeout);
    // Runs whatever else is ready, for as long as one turn of the other side takes.
    void dispatch_ready();
    void wait_in_poller(std::chrono::milliseconds timeout);

    sd_event* event_;
    Poller poller_;
    std::function<bool()> serve_more_;
    // A source was added or stop() was called: sd-event must prepare before the next wait.
    bool changed_ = false;
};

}  // namespace patd::bus
