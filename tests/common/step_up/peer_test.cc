// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/step_up/peer.h"

#include "tests/support/socket_pair.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

namespace patd::step_up {
namespace {

TEST(PeerUid, IsThatOfTheProcessAtTheOtherEnd) {
    const support::SocketPair sockets;
    EXPECT_EQ(peer_uid(sockets.near.get()).value(), Uid(geteuid()));
}

TEST(PeerUid, HasNoDefault) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const UniqueFd reader(ends[0]);
    const UniqueFd writer(ends[1]);
    const UniqueFd unconnected(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    for (const int fd : {-1, reader.get(), unconnected.get()}) {
        const Result<Uid> uid = peer_uid(fd);
        ASSERT_FALSE(uid) << fd;
        EXPECT_EQ(uid.error().code, Errc::InsecurePeer);
    }
}

}  // namespace
}  // namespace patd::step_up
