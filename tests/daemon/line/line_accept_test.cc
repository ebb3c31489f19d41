// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/line/line_server.h"
#include "tests/support/fake_clock.h"
#include "tests/support/line_server_fixture.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/turning.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <string>

namespace patd {
namespace {

using support::CountingHandler;
using support::turn_until;

TEST(ListenAt, MakesASocketForEverybodyAndReplacesADeadOne) {
    const support::TemporaryDirectory directory;
    const std::string path = directory.file("socket");
    for (int i = 0; i < 2; ++i) {
        const Result<UniqueFd> listener = listen_at(path);
        ASSERT_TRUE(listener.has_value());
        struct stat status {};
        ASSERT_EQ(stat(path.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777U, 0666U);
    }
}

TEST(ListenAt, FailsWhereNoSocketCanBe) {
    EXPECT_FALSE(listen_at("/proc/socket").has_value());
    EXPECT_FALSE(listen_at(std::string(200, 'x')).has_value());
}

UniqueFd connected_to(const std::string& path) {
    UniqueFd client(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
    return client;
}

class LineServerAt : public testing::Test {
  protected:
    const support::TemporaryDirectory directory_;
    const std::string path_ = directory_.file("s");
    const support::FakeClock clock_;
    const std::unique_ptr<bus::EventLoop> loop_ = bus::EventLoop::create().value();
    CountingHandler handler_;
    Turns turns_{*loop_};
    const std::unique_ptr<LineServer> server_ =
        LineServer::create({*loop_, handler_, clock_, turns_}, listen_at(path_).value()).value();
};

// Row D9: a listener that is ready but cannot be emptied does not spin the loop.
TEST_F(LineServerAt, RestsWhileDescriptorsAreUsedUp) {
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "UBSan looks at memory through a pipe, and needs descriptors itself";
#endif
    const UniqueFd first = connected_to(path_);
    const UniqueFd second = connected_to(path_);
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    const int next = dup(0);
    ::close(next);
    const rlimit none_left{static_cast<rlim_t>(next), before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none_left), 0);
    int turns_made = 0;
    while (turns_made < 100 && sd_event_run(loop_->get(), 0) > 0)
        ++turns_made;
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_LT(turns_made, 100);
    char byte = 0;
    EXPECT_EQ(recv(first.get(), &byte, 1, MSG_DONTWAIT), 0) << "told at once that he is not served";
    EXPECT_EQ(recv(second.get(), &byte, 1, MSG_DONTWAIT), -1);
    EXPECT_TRUE(turn_until(*loop_, [&] { return server_->connection_count() == 1; }));
}

TEST_F(LineServerAt, ServesClientsThatConnect) {
    const UniqueFd client = connected_to(path_);
    ASSERT_EQ(send(client.get(), "a=1\n\n", 5, MSG_NOSIGNAL), 5);
    EXPECT_TRUE(turn_until(*loop_, [&] { return support::is_readable(client.get()); }));
}

}  // namespace
}  // namespace patd
