// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/bus/executor.h"

#include "tests/support/turning.h"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>
#include <string>

namespace patd::bus {
namespace {

class ExecutorTest : public ::testing::Test {
  protected:
    bool turn_until(const std::function<bool()>& done) { return support::turn_until(*loop_, done); }

    std::unique_ptr<EventLoop> loop_ = EventLoop::create().value();
};

TEST_F(ExecutorTest, RunsWorkAndItsEndInTheOrderOfSubmission) {
    WorkerThread worker(*loop_);
    std::vector<int> worked;
    std::vector<int> ended;
    for (int i = 0; i < 200; ++i)
        worker.submit([&worked, i] { worked.push_back(i); }, [&ended, i] { ended.push_back(i); });
    ASSERT_TRUE(turn_until([&] { return ended.size() == 200; }));
    EXPECT_EQ(worked, ended);
    EXPECT_TRUE(std::is_sorted(worked.begin(), worked.end()));
}

TEST_F(ExecutorTest, WorksElsewhereAndEndsOnTheLoopsThread) {
    WorkerThread worker(*loop_);
    std::thread::id work_thread;
    std::thread::id done_thread;
    bool done = false;
    worker.submit([&] { work_thread = std::this_thread::get_id(); },
                  [&] {
                      done_thread = std::this_thread::get_id();
                      done = true;
                  });
    ASSERT_TRUE(turn_until([&] { return done; }));
    EXPECT_NE(work_thread, std::this_thread::get_id());
    EXPECT_EQ(done_thread, std::this_thread::get_id());
}

TEST_F(ExecutorTest, NeverCallsTheEndOutsideTheLoop) {
    WorkerThread worker(*loop_);
    std::promise<void> worked;
    bool done = false;
    worker.submit([&] { worked.set_value(); }, [&] { done = true; });
    worked.get_future().wait();
    EXPECT_FALSE(done);
    EXPECT_TRUE(turn_until([&] { return done; }));
}

TEST_F(ExecutorTest, ItsDestructorFinishesWhatWasSubmittedWithoutTellingAnybody) {
    std::promise<void> gate;
    int worked = 0;
    int ended = 0;
    {
        WorkerThread worker(*loop_);
        worker.submit([&] { gate.get_future().wait(); }, [&] { ++ended; });
        for (int i = 0; i < 20; ++i)
            worker.submit([&] { ++worked; }, [&] { ++ended; });
        gate.set_value();
    }
    EXPECT_EQ(worked, 20);
    support::turn_while_ready(*loop_);
    EXPECT_EQ(ended, 0);
}

TEST_F(ExecutorTest, AnEndMaySubmitMore) {
    WorkerThread worker(*loop_);
    int rounds = 0;
    std::function<void()> again = [&] {
        if (++rounds < 5)
            worker.submit([] {}, again);
    };
    worker.submit([] {}, again);
    EXPECT_TRUE(turn_until([&] { return rounds == 5; }));
}

TEST_F(ExecutorTest, RunHandsTheValueOfTheWorkToItsEnd) {
    WorkerThread worker(*loop_);
    std::string got;
    run(
        worker, [] { return std::make_unique<std::string>("moved"); },
        [&](const std::unique_ptr<std::string>& value) { got = *value; });
    ASSERT_TRUE(turn_until([&] { return !got.empty(); }));
    EXPECT_EQ(got, "moved");
}

TEST_F(ExecutorTest, RunHandsAnErrorToItsEnd) {
    WorkerThread worker(*loop_);
    std::optional<Errc> got;
    run(
        worker, []() -> Result<int> { return Errc::Unavailable; },
        [&](const Result<int>& value) { got = value.error().code; });
    ASSERT_TRUE(turn_until([&] { return got.has_value(); }));
    EXPECT_EQ(got, Errc::Unavailable);
}

TEST_F(ExecutorTest, AnExceptionInTheEndEndsTheLoop) {
    WorkerThread worker(*loop_);
    worker.submit([] {}, [] { throw std::logic_error("a bug"); });
    EXPECT_EQ(loop_->run(), EXIT_FAILURE);
}

// Row M3: what the worker changed is unknown after a bug, so nothing may go on from there; and
// nothing ends by a signal, which would write a core where one is written.
TEST_F(ExecutorTest, AnExceptionInTheWorkEndsTheProcessWithoutASignal) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(
        {
            WorkerThread worker(*loop_);
            // What `done` holds belongs to the loop's thread.
            const std::shared_ptr<int> held(new int(0), [](const int*) { _exit(9); });
            worker.submit([] { throw std::logic_error("half done"); }, [held] { (void)held; });
            (void)loop_->run();
        },
        ::testing::ExitedWithCode(EXIT_FAILURE), "internal error .where=worker, what=half done");
}

}  // namespace
}  // namespace patd::bus
