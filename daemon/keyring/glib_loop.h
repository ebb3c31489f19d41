// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "daemon/keyring/glib_handles.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

namespace patd::keyring {

// GLib's loop, which runs only in this object's own thread. We use GLib's asynchronous calls and
// abandon them at a deadline: the synchronous ones wait for ever.
// Thread rule: `run` and `give_up` any thread; everything else inside a job.
class GlibLoop {
  public:
    using SteadyClock = std::chrono::steady_clock;

    GlibLoop();
    ~GlibLoop();
    GlibLoop(const GlibLoop&) = delete;
    GlibLoop& operator=(const GlibLoop&) = delete;

    // Hands `job` to the thread and waits for it. One job at a time: a waiting call lets the loop
    // turn, and another job must not begin inside it.
    template <typename Job>
    auto run(Job job) -> decltype(job()) {
        const std::lock_guard turn(mutex_);
        std::packaged_task<decltype(job())()> task(std::move(job));
        auto outcome = task.get_future();
        job_ = &task;
        g_main_context_invoke(
            context_,
            [](gpointer loop) -> gboolean {
                (*static_cast<decltype(task)*>(static_cast<GlibLoop*>(loop)->job_.load()))();
                return G_SOURCE_REMOVE;
            },
            this);
        return outcome.get();
    }
    // Ends the current call and every later one at once: for the end of the process.
    void give_up();

    // Every call awaited from now on must be over by then.
    void set_deadline(SteadyClock::time_point deadline) { deadline_ = deadline; }
    // Starts a call and turns the loop until it is over. KeyringFailed: not over by the deadline.
    using Start = std::function<void(GCancellable*, GAsyncReadyCallback, gpointer)>;
    Result<Object<GAsyncResult>> await(const Start& start);
    // Turns the loop until `done` returns true: false if `end` comes first, or after give_up.
    bool turn_until(const std::function<bool()>& done, SteadyClock::time_point end);
    bool is_given_up() const { return giving_up_; }

  private:
    void turn();

    std::mutex mutex_;
    // Atomic, because ThreadSanitizer does not see the lock inside GLib that orders access to a
    // job.
    std::atomic<void*> job_{nullptr};
    std::atomic<bool> giving_up_{false};
    GMainContext* context_;
    GMainLoop* loop_;
    SteadyClock::time_point deadline_;
    std::thread thread_;
};

}  // namespace patd::keyring
