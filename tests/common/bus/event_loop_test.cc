// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/bus/event_loop.h"

#include "common/base/unique_fd.h"
#include "tests/support/turning.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <stdexcept>
#include <string>

namespace patd::bus {
namespace {

using std::chrono::milliseconds;

class EventLoopTest : public ::testing::Test {
  protected:
    std::unique_ptr<EventLoop> loop_ = EventLoop::create().value();
    UniqueFd event_{eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK)};
};

TEST_F(EventLoopTest, CallsAWatcherAsLongAsTheDescriptorIsReady) {
    int calls = 0;
    std::uint32_t seen = 0;
    const EventLoop::Source source = loop_->watch(event_.get(), EPOLLIN, [&](std::uint32_t events) {
        seen = events;
        if (++calls == 3) {
            eventfd_t value = 0;
            (void)eventfd_read(event_.get(), &value);
        }
    });
    support::turn_while_ready(*loop_);
    EXPECT_EQ(calls, 3);
    EXPECT_EQ(seen, static_cast<std::uint32_t>(EPOLLIN));
}

TEST_F(EventLoopTest, TellsAWatcherThatThePeerIsGone) {
    std::array<int, 2> ends{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    const UniqueFd mine(ends[0]);
    ::close(ends[1]);
    std::uint32_t seen = 0;
    EventLoop::Source source = loop_->watch(mine.get(), EPOLLIN, [&](std::uint32_t events) {
        seen = events;
        source = {};
    });
    support::turn_while_ready(*loop_);
    EXPECT_NE(seen & EPOLLHUP, 0U);
}

TEST_F(EventLoopTest, DoesNotCallADestroyedSource) {
    int calls = 0;
    EventLoop::Source reader = loop_->watch(event_.get(), EPOLLIN, [&](std::uint32_t) { ++calls; });
    EventLoop::Source timer = loop_->after(milliseconds(0), [&] { ++calls; });
    reader = {};
    timer = {};
    support::turn_while_ready(*loop_);
    EXPECT_EQ(calls, 0);
}

TEST_F(EventLoopTest, AWatcherMayDestroyItsOwnSourceAndGoesOnWithWhatItCaptured) {
    std::string seen;
    EventLoop::Source source;
    source = loop_->watch(event_.get(), EPOLLIN, [&, text = std::string(200, 'x')](std::uint32_t) {
        source = {};
        seen += text;
    });
    support::turn_while_ready(*loop_);
    EXPECT_EQ(seen, std::string(200, 'x'));
}

TEST_F(EventLoopTest, ATimerMayDestroyItsOwnSourceAndGoesOnWithWhatItCaptured) {
    std::string seen;
    EventLoop::Source source;
    source = loop_->after(milliseconds(0), [&, text = std::string(200, 'y')] {
        source = {};
        seen += text;
    });
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return !seen.empty(); }));
    EXPECT_EQ(seen, std::string(200, 'y'));
}

TEST_F(EventLoopTest, ASourceMayReplaceItselfInItsCallback) {
    int calls = 0;
    EventLoop::Source source;
    source = loop_->after(milliseconds(0), [&] {
        ++calls;
        source = loop_->after(milliseconds(0), [&] { calls += 10; });
    });
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return calls == 11; }));
}

TEST_F(EventLoopTest, ATimerFiresOnceAndNotBeforeItsTime) {
    const auto begun = std::chrono::steady_clock::now();
    int calls = 0;
    const EventLoop::Source timer = loop_->after(milliseconds(30), [&] { ++calls; });
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return calls > 0; }));
    EXPECT_GE(std::chrono::steady_clock::now() - begun, milliseconds(30));
    bool later = false;
    const EventLoop::Source second = loop_->after(milliseconds(40), [&] { later = true; });
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return later; }));
    EXPECT_EQ(calls, 1);
}

TEST_F(EventLoopTest, RunsUntilItIsStoppedAndGivesTheStatus) {
    const EventLoop::Source timer = loop_->after(milliseconds(1), [&] { loop_->stop(42); });
    EXPECT_EQ(loop_->run(), 42);
}

TEST_F(EventLoopTest, AnExceptionInAWatcherEndsTheLoopWithAFailure) {
    const EventLoop::Source source =
        loop_->watch(event_.get(), EPOLLIN, [](std::uint32_t) { throw std::logic_error("a bug"); });
    EXPECT_EQ(loop_->run(), EXIT_FAILURE);
}

TEST_F(EventLoopTest, AnExceptionInATimerEndsTheLoopWithAFailure) {
    const EventLoop::Source timer = loop_->after(milliseconds(0), [] { throw 7; });
    EXPECT_EQ(loop_->run(), EXIT_FAILURE);
}

TEST_F(EventLoopTest, ADestroyedSourceLeavesItsDescriptorOpen) {
    {
        const auto source = loop_->watch(event_.get(), EPOLLIN, [](std::uint32_t) {});
    }
    EXPECT_EQ(eventfd_write(event_.get(), 1), 0);
}

TEST_F(EventLoopTest, ASignalRunsItsCallback) {
    sigset_t signals;
    sigset_t before;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &signals, &before), 0);
    {
        auto source = loop_->on_signal(SIGTERM, [&] { loop_->stop(3); });
        ASSERT_TRUE(source);
        ASSERT_EQ(::kill(::getpid(), SIGTERM), 0);
        EXPECT_EQ(loop_->run(), 3);
    }
    loop_.reset();
    ASSERT_EQ(pthread_sigmask(SIG_SETMASK, &before, nullptr), 0);
}

TEST_F(EventLoopTest, CallsBackAtEachSignal) {
    sigset_t signals;
    sigset_t before;
    sigemptyset(&signals);
    sigaddset(&signals, SIGHUP);
    ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &signals, &before), 0);
    int calls = 0;
    {
        const EventLoop::Source source =
            loop_->on_signal(SIGHUP, [&] { loop_->stop(++calls); }).value();
        ASSERT_EQ(::kill(::getpid(), SIGHUP), 0);
        EXPECT_EQ(loop_->run(), 1);
    }
    loop_.reset();
    ASSERT_EQ(pthread_sigmask(SIG_SETMASK, &before, nullptr), 0);
}

TEST_F(EventLoopTest, WaitsInsideAPollerUntilASourceIsAdded) {
    int waits = 0;
    EventLoop::Source timer;
    loop_->wait_in({[&](int timeout_ms) {
        EXPECT_EQ(timeout_ms, -1);
        if (++waits == 3)
            timer = loop_->after(milliseconds(0), [&] { loop_->stop(7); });
        return waits > 3;
    }});
    EXPECT_EQ(loop_->run(), 7);
    EXPECT_GE(waits, 3);
}

TEST_F(EventLoopTest, ServesItsOwnSourcesWhenThePollerSaysSo) {
    const EventLoop::Source source =
        loop_->watch(event_.get(), EPOLLIN, [&](std::uint32_t) { loop_->stop(5); });
    loop_->wait_in({[&](int) { return support::is_readable(loop_->fd()); }});
    EXPECT_EQ(loop_->run(), 5);
}

// Row D2: the poller and the sources each get their turns.
TEST_F(EventLoopTest, ASourceThatIsAlwaysReadyDoesNotKeepThePollerOut) {
    const EventLoop::Source flood = loop_->watch(event_.get(), EPOLLIN, [](std::uint32_t) {});
    std::function<void()> again;
    EventLoop::Source deferred;
    again = [&] { deferred = loop_->soon(again); };
    again();
    int turns = 0;
    loop_->wait_in({[&](int) {
        if (++turns == 10)
            loop_->stop(3);
        return support::is_readable(loop_->fd());
    }});
    EXPECT_EQ(loop_->run(), 3);
}

TEST_F(EventLoopTest, APollerThatIsAlwaysBusyDoesNotKeepASourceOut) {
    const EventLoop::Source source =
        loop_->watch(event_.get(), EPOLLIN, [&](std::uint32_t) { loop_->stop(4); });
    int waits = 0;
    loop_->wait_in({[&](int) {
        EXPECT_LT(++waits, 10);
        return support::is_readable(loop_->fd());
    }});
    EXPECT_EQ(loop_->run(), 4);
}

TEST_F(EventLoopTest, CallsOnceWhatIsToComeSoon) {
    int calls = 0;
    const EventLoop::Source source = loop_->soon([&] { ++calls; });
    EXPECT_EQ(calls, 0);
    support::turn_while_ready(*loop_);
    EXPECT_EQ(calls, 1);
}

TEST_F(EventLoopTest, AnExceptionInAPollerEndsTheLoopWithAFailure) {
    loop_->wait_in({[](int) -> bool { throw std::runtime_error("bug"); }});
    EXPECT_EQ(loop_->run(), EXIT_FAILURE);
}

TEST_F(EventLoopTest, GoesOnWithWhatIsAtHandInTheSameTurn) {
    int left = 3;
    loop_->serve_more_with([&] { return left > 0 && --left > 0; });
    const EventLoop::Source source = loop_->soon([] {});
    loop_->run_once(milliseconds(0));
    EXPECT_LT(left, 3);
}

// Row D2.
TEST_F(EventLoopTest, WhatNeverEndsDoesNotKeepThePollerOut) {
    const EventLoop::Source flood = loop_->watch(event_.get(), EPOLLIN, [](std::uint32_t) {});
    loop_->serve_more_with([] { return true; });
    int turns = 0;
    loop_->wait_in({[&](int) {
        if (++turns == 10)
            loop_->stop(3);
        return support::is_readable(loop_->fd());
    }});
    EXPECT_EQ(loop_->run(), 3);
}

}  // namespace
}  // namespace patd::bus
