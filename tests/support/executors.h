// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/bus/executor.h"

#include <deque>
#include <functional>
#include <new>
#include <utility>

namespace patd::support {

// Does everything at once, inside submit(). After hold(), jobs wait until a test runs them one by
// one, so that it can decide what happens between a change and its answer.
class ImmediateExecutor final : public bus::Executor {
  public:
    void submit(std::function<void()> work, std::function<void()> done) override {
        if (std::exchange(fails_once_, false))
            throw std::bad_alloc();
        waiting_.emplace_back(std::move(work), std::move(done));
        if (!held_)
            run_all();
    }

    // The next job gets no memory, or no thread.
    void fail_once() { fails_once_ = true; }
    void hold() { held_ = true; }
    void release() {
        held_ = false;
        run_all();
    }
    std::size_t waiting() const { return waiting_.size(); }
    // Only the work of the oldest job; its answer comes with run_one.
    void work_one() {
        waiting_.front().first();
        waiting_.front().first = [] {};
    }
    // The work of the oldest job, then its answer.
    void run_one() {
        const auto [work, done] = std::move(waiting_.front());
        waiting_.pop_front();
        work();
        done();
    }

  private:
    void run_all() {
        while (!waiting_.empty())
            run_one();
    }

    bool held_ = false;
    bool fails_once_ = false;
    std::deque<std::pair<std::function<void()>, std::function<void()>>> waiting_;
};

}  // namespace patd::support
