// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/bus/executor.h"

#include "common/bus/firewall.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdlib>

namespace patd::bus {

WorkerThread::WorkerThread(EventLoop& loop)
    : finished_event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      source_(loop.watch(finished_event_.get(), EPOLLIN, [this](std::uint32_t) { deliver(); })),
      thread_([this] {
          // The state that a bug left half changed is unknown, and another thread relies on it. So
          // nothing is tidied up; and nothing is dumped either.
          if (!guarded("worker", [this] { work(); }))
              _exit(EXIT_FAILURE);
      }) {}

WorkerThread::~WorkerThread() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void WorkerThread::submit(std::function<void()> work, std::function<void()> done) {
    {
        const std::lock_guard lock(mutex_);
        waiting_.push_back({std::move(work), std::move(done)});
    }
    wake_.notify_one();
}

void WorkerThread::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (waiting_.empty())
            return;
        current_ = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        current_.work();
        current_.work = nullptr;
        lock.lock();
        finished_.push_back(std::move(current_));
        (void)eventfd_write(finished_event_.get(), 1);
    }
}

void WorkerThread::deliver() {
    eventfd_t count = 0;
    (void)eventfd_read(finished_event_.get(), &count);
    std::vector<Job> finished;
    {
        const std::lock_guard lock(mutex_);
        finished.swap(finished_);
    }
    for (Job& job : finished)
        job.done();
}

}  // namespace patd::bus
