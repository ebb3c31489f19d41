// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "http/sockets.h"

#include "common/base/http_limits.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <vector>

namespace patd::web {
namespace {

class SocketsTest : public ::testing::Test {
  protected:
    struct Pair {
        UniqueFd near;
        UniqueFd far;
    };
    static Pair make_pair() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
        return {UniqueFd(ends[0]), UniqueFd(ends[1])};
    }
    static void send_to(const Pair& pair) { EXPECT_EQ(::send(pair.far.get(), "x", 1, 0), 1); }
    static void read_from(const Pair& pair) {
        char byte = 0;
        EXPECT_EQ(::recv(pair.near.get(), &byte, 1, MSG_DONTWAIT), 1);
    }
    void run() { loop_->run_once(std::chrono::seconds(0)); }

    const std::unique_ptr<bus::EventLoop> loop_ = bus::EventLoop::create().value();
    Sockets sockets_{*loop_};
    const Pair first_ = make_pair();
    const Pair second_ = make_pair();
    int served_ = 0;
};

TEST_F(SocketsTest, ServesAllThatAreReadyInOneRound) {
    int rounds = 0;
    sockets_.at_end_of_round([&] {
        ++rounds;
        EXPECT_FALSE(sockets_.is_in_round());
    });
    const auto serve = [&](const Pair& pair) {
        return [&](std::uint32_t events) {
            EXPECT_EQ(events, std::uint32_t{EPOLLIN});
            EXPECT_TRUE(sockets_.is_in_round());
            read_from(pair);
            ++served_;
        };
    };
    const Sockets::Watch first = sockets_.watch(first_.near.get(), EPOLLIN, serve(first_));
    const Sockets::Watch second = sockets_.watch(second_.near.get(), EPOLLIN, serve(second_));
    send_to(first_);
    send_to(second_);
    run();
    EXPECT_EQ(served_, 2);
    EXPECT_EQ(rounds, 1);
}

// Those who always have something more to say keep neither others nor signals and times waiting.
TEST_F(SocketsTest, TheLoopHasItsTurnHoweverManyAreAlwaysReady) {
    std::vector<UniqueFd> sockets;
    std::vector<Sockets::Watch> watches;
    for (std::size_t i = 0; i < 2 * limits::kHttpSocketsInARound; ++i) {
        sockets.emplace_back(::dup(first_.near.get()));
        watches.push_back(
            sockets_.watch(sockets.back().get(), EPOLLIN, [&](std::uint32_t) { ++served_; }));
    }
    bool is_other_served = false;
    const auto other = sockets_.watch(second_.near.get(), EPOLLIN, [&](std::uint32_t) {
        read_from(second_);
        is_other_served = true;
    });
    send_to(first_);
    send_to(second_);
    const auto timer = loop_->after(std::chrono::milliseconds(1), [&] { loop_->stop(0); });
    EXPECT_EQ(loop_->run(), 0);
    EXPECT_GT(served_, 0);
    EXPECT_TRUE(is_other_served);
}

TEST_F(SocketsTest, WhatTheLoopIsToldInARoundHappensSoon) {
    bus::EventLoop::Source soon;
    const Sockets::Watch watch = sockets_.watch(first_.near.get(), EPOLLIN, [&](std::uint32_t) {
        read_from(first_);
        soon = loop_->soon([&] { loop_->stop(3); });
    });
    send_to(first_);
    EXPECT_EQ(loop_->run(), 3);
}

TEST_F(SocketsTest, OneThatAnotherEndedInTheRoundIsNotServed) {
    Sockets::Watch first, second;
    first = sockets_.watch(first_.near.get(), EPOLLIN, [&](std::uint32_t) {
        ++served_;
        read_from(first_);
        second = {};
    });
    second = sockets_.watch(second_.near.get(), EPOLLIN, [&](std::uint32_t) {
        ++served_;
        read_from(second_);
        first = {};
    });
    send_to(first_);
    send_to(second_);
    run();
    EXPECT_EQ(served_, 1);
}

TEST_F(SocketsTest, AWatchMayEndItself) {
    Sockets::Watch watch;
    watch = sockets_.watch(first_.near.get(), EPOLLIN, [&](std::uint32_t) {
        ++served_;
        watch = {};
    });
    send_to(first_);
    run();
    run();
    EXPECT_EQ(served_, 1);
    EXPECT_FALSE(watch);
}

TEST_F(SocketsTest, WaitsForWhatItWasChangedTo) {
    Sockets::Watch watch =
        sockets_.watch(first_.near.get(), EPOLLOUT, [&](std::uint32_t) { ++served_; });
    run();
    EXPECT_GE(served_, 1);
    watch.change(EPOLLIN);
    served_ = 0;
    run();
    EXPECT_EQ(served_, 0);
    send_to(first_);
    run();
    EXPECT_GE(served_, 1);
}

}  // namespace
}  // namespace patd::web
