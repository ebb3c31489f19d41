// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/exposure/exposed_listener.h"

#include "tests/support/exposed_socket.h"
#include "tests/support/hostile_descriptors.h"
#include "tests/support/service_fixture.h"
#include "tests/support/turning.h"

#include <gtest/gtest.h>

#include <thread>

namespace patd {
namespace {

using support::caller_of;
using support::connect_to;
using support::kAlice;
using support::kBob;
using support::listen_as;
using support::turn_until;

Errc refusal_of(int fd, Uid uid = Uid(0)) {
    const Result<std::string> path = check_listener(fd, caller_of(uid));
    return path ? Errc::Internal : path.error().code;
}

TEST(CheckListener, GivesThePathOfASocketThatTheCallerListensOn) {
    const support::OpenDirectory directory;
    const std::string path = directory.file("socket");
    const UniqueFd listener = listen_as(kAlice, path);
    EXPECT_EQ(check_listener(listener.get(), caller_of(kAlice)).value(), path);
}

// Row D10: anything else is refused at once.
TEST(CheckListener, RefusesEveryOtherDescriptor) {
    const support::HostileDescriptors hostile;
    for (const support::NamedDescriptor& descriptor : hostile.all()) {
        const bool is_root_listening = descriptor.name == "listening socket";
        EXPECT_EQ(refusal_of(descriptor.fd.get(), is_root_listening ? kAlice : Uid(0)),
                  Errc::BadListener)
            << descriptor.name;
    }
    EXPECT_EQ(refusal_of(-1), Errc::BadListener);
    std::array<int, 2> pair{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
    for (const int end : pair)
        EXPECT_EQ(refusal_of(UniqueFd(end).get()), Errc::BadListener);
}

// Row D10.
TEST(CheckListener, RefusesASocketOnWhichSomebodyElseListens) {
    const support::OpenDirectory directory;
    const UniqueFd listener = listen_as(kBob, directory.file("socket"));
    EXPECT_EQ(refusal_of(listener.get(), kAlice), Errc::BadListener);
    EXPECT_EQ(refusal_of(listener.get(), Uid(0)), Errc::BadListener);
}

TEST(CheckListener, RefusesANameThatNoDirectoryGuardsOrThatCannotBeShown) {
    for (const std::string& name :
         {std::string("\0patd-test", 10), std::string("/tmp/\x1b[2J"), std::string("/tmp/\xff")}) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        name.copy(address.sun_path, sizeof address.sun_path - 1);
        const UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
        ASSERT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
        ASSERT_EQ(listen(fd.get(), 1), 0);
        EXPECT_EQ(refusal_of(fd.get()), Errc::BadListener);
        (void)unlink(name.c_str());
    }
}

class AcceptorTest : public ::testing::Test {
  protected:
    std::unique_ptr<Acceptor> start() {
        return std::make_unique<Acceptor>(
            *loop_, UniqueFd(fcntl(users_.get(), F_DUPFD_CLOEXEC, 3)),
            Acceptor::Callbacks{
                [this](UniqueFd socket) { connections_.push_back(std::move(socket)); },
                [this] { ++ended_; }});
    }

    support::OpenDirectory directory_;
    const std::string path_ = directory_.file("socket");
    std::unique_ptr<bus::EventLoop> loop_ = bus::EventLoop::create().value();
    UniqueFd users_ = listen_as(kAlice, path_);  // which the user keeps
    std::vector<UniqueFd> connections_;
    int ended_ = 0;
};

TEST_F(AcceptorTest, PassesOnWhoConnects) {
    const auto acceptor = start();
    for (std::size_t i = 1; i <= 20; ++i) {
        const UniqueFd client = connect_to(path_);
        EXPECT_TRUE(turn_until(*loop_, [&] { return connections_.size() == i; }));
    }
    EXPECT_EQ(ended_, 0);
}

// Row D10.
// The user holds the same description and accepts our connection, so that our accept(2) waits.
TEST_F(AcceptorTest, AUserWhoTakesTheConnectionsStopsNobody) {
    auto acceptor = start();
    std::vector<UniqueFd> clients;
    for (int i = 0; i < 200; ++i) {
        (void)fcntl(users_.get(), F_SETFL, i % 2 == 0 ? O_NONBLOCK : 0);
        clients.push_back(connect_to(path_));
        pollfd waiting{users_.get(), POLLIN, 0};
        if (poll(&waiting, 1, 0) > 0 && i % 2 == 0)
            (void)UniqueFd(accept(users_.get(), nullptr, nullptr));
        loop_->run_once(std::chrono::milliseconds(0));
    }
    acceptor.reset();
    EXPECT_TRUE(support::is_refused(path_));
}

TEST_F(AcceptorTest, ItsEndRefusesEvenWhileTheUserHoldsTheSocket) {
    auto acceptor = start();
    EXPECT_TRUE(connect_to(path_));
    acceptor.reset();
    EXPECT_TRUE(support::is_refused(path_));
    EXPECT_EQ(ended_, 0);
}

// For a non-blocking socket accept(2) says EAGAIN where another one's says EINVAL.
TEST_F(AcceptorTest, TellsWhenTheUserShutsTheSocketDown) {
    for (const int flags : {0, O_NONBLOCK}) {
        for (const int ways : {SHUT_RDWR, SHUT_RD}) {
            ended_ = 0;
            users_ = listen_as(kAlice, directory_.file(std::to_string(flags + ways)));
            (void)fcntl(users_.get(), F_SETFL, flags);
            const auto acceptor = start();
            shutdown(users_.get(), ways);
            ASSERT_TRUE(turn_until(*loop_, [&] { return ended_ == 1; })) << flags << " " << ways;
        }
    }
}

TEST_F(AcceptorTest, ItsEndComesWithASocketThatNeverWaits) {
    (void)fcntl(users_.get(), F_SETFL, O_NONBLOCK);
    auto acceptor = start();
    const UniqueFd client = connect_to(path_);
    EXPECT_TRUE(turn_until(*loop_, [&] { return connections_.size() == 1; }));
    acceptor.reset();
    EXPECT_TRUE(support::is_refused(path_));
}

}  // namespace
}  // namespace patd
