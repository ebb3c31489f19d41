// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/unique_fd.h"
#include "common/bus/event_loop.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace patd::bus {

// Runs blocking work elsewhere and returns to the loop as an event.
class Executor {
  public:
    virtual ~Executor() = default;
    // `work` runs off the loop's thread, in the order of submission; then `done` runs on it.
    virtual void submit(std::function<void()> work, std::function<void()> done) = 0;
};

// One thread. Destroying it finishes what was submitted (a change is on disk or was never begun)
// without calling `done`.
class WorkerThread final : public Executor {
  public:
    explicit WorkerThread(EventLoop& loop);
    ~WorkerThread() override;

    void submit(std::function<void()> work, std::function<void()> done) override;

  private:
    struct Job {
        std::function<void()> work;
        std::function<void()> done;
    };

    void work();
    void deliver();

    UniqueFd finished_event_;
    EventLoop::Source source_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> waiting_;
    Job current_;  // the worker's; here, so that an exception destroys nothing of the loop's
    std::vector<Job> finished_;
    bool stopping_ = false;
    std::thread thread_;
};

// For rare work: the thread is made when there is work for the first time. Otherwise like
// WorkerThread.
class LazyWorker final : public Executor {
  public:
    explicit LazyWorker(EventLoop& loop) : loop_(loop) {}
    void submit(std::function<void()> work, std::function<void()> done) override {
        if (!worker_)
            worker_ = std::make_unique<WorkerThread>(loop_);
        worker_->submit(std::move(work), std::move(done));
    }

  private:
    EventLoop& loop_;
    std::unique_ptr<WorkerThread> worker_;
};

// `work` returns a value on the worker; `done` gets it on the loop.
template <typename Work, typename Done>
void run(Executor& executor, Work work, Done done) {
    using Outcome = decltype(work());
    auto value = std::make_shared<std::optional<Outcome>>();
    executor.submit([work = std::move(work), value]() mutable { value->emplace(work()); },
                    [done = std::move(done), value]() mutable { done(std::move(**value)); });
}

}  // namespace patd::bus
