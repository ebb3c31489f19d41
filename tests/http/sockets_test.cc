// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "http/sockets.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>

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
    const auto serve = [&](std::uint32_t events) {
        EXPECT_EQ(events, std::uint32_t{EPOLLIN});
        EXPECT_TRUE(sockets_.is_in_round());
        ++served_;
    };
    const Sockets::Watch first = sockets_.watch(first_.near.get(), EPOLLIN, serve);
    const Sockets::Watch second = sockets_.watch(second_.near.get(), EPOLLIN, serve);
    send_to(first_);
    send_to(second_);
    run();
    EXPECT_EQ(served_, 2);
    EXPECT_EQ(rounds, 1);
}

TEST_F(SocketsTest, OneThatAnotherEndedInTheRoundIsNotServed) {
    Sockets::Watch first, second;
    first = sockets_.watch(first_.near.get(), EPOLLIN, [&](std::uint32_t) {
        ++served_;
        second = {};
    });
    second = sockets_.watch(second_.near.get(), EPOLLIN, [&](std::uint32_t) {
        ++served_;
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
    EXPECT_EQ(served_, 1);
    watch.change(EPOLLIN);
    run();
    EXPECT_EQ(served_, 1);
    send_to(first_);
    run();
    EXPECT_EQ(served_, 2);
}

}  // namespace
}  // namespace patd::web
