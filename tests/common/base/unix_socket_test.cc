// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/unix_socket.h"

#include "tests/support/socket_pair.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <string>

namespace patd {
namespace {

TEST(UnixSocket, HasAPathThatFits) {
    const std::string longest(sizeof sockaddr_un::sun_path - 1, 'x');
    EXPECT_EQ(unix_address(longest).value().sun_path, longest);
    EXPECT_EQ(unix_address(longest + "x").error().code, Errc::Unavailable);
    EXPECT_EQ(unix_address("").error().code, Errc::Unavailable);
}

TEST(UnixSocket, IsConnectedToWhoListens) {
    const support::TemporaryDirectory directory;
    const std::string path = directory.path() / "socket";
    EXPECT_EQ(connect_unix(path).error().code, Errc::Unavailable);
    const sockaddr_un address = unix_address(path).value();
    const UniqueFd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(bind(listener.get(), as_sockaddr(address), sizeof address), 0);
    EXPECT_EQ(connect_unix(path).error().code, Errc::Unavailable) << "nobody listens";
    ASSERT_EQ(listen(listener.get(), 0), 0);
    const UniqueFd client = connect_unix(path).value();
    EXPECT_EQ(find_peer(client.get()).value().pid, getpid());
    EXPECT_EQ(connect_unix(path, SOCK_NONBLOCK).error().code, Errc::Unavailable)
        << "its backlog is full";
}

TEST(UnixSocket, KnowsWhoIsAtTheOtherEnd) {
    const support::SocketPair sockets;
    EXPECT_EQ(find_peer(sockets.near.get()).value().uid, Uid(geteuid()));
}

TEST(UnixSocket, KnowsNoPeerOfWhatHasNone) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const UniqueFd reader(ends[0]);
    const UniqueFd writer(ends[1]);
    const UniqueFd unconnected(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    for (const int fd : {-1, reader.get(), unconnected.get()})
        EXPECT_EQ(find_peer(fd).error().code, Errc::InsecurePeer) << fd;
}

}  // namespace
}  // namespace patd
