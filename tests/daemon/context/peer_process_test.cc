// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/context/peer_process.h"

#include "tests/support/peer_process.h"
#include "tests/support/service_fixture.h"

#include <fcntl.h>
#include <gtest/gtest.h>

namespace patd {
namespace {

using support::kAlice;
using support::PeerProcess;
using support::ProcessAt;

TEST(PeerProcessTest, NamesWhoConnected) {
    const PeerProcess peer(kAlice);
    const Process process = open_peer(peer.server().get()).value();
    EXPECT_EQ(process.pid, peer.pid());
    EXPECT_EQ(static_cast<bool>(process.pidfd), has_peer_descriptors());
}

// Needs a kernel that gives descriptors of peers; one before 6.5 does not, and rules are advisory.
class PeerDescriptorTest : public ::testing::Test {
  protected:
    PeerDescriptorTest() {
        EXPECT_TRUE(has_peer_descriptors()) << "run this on Linux 6.5 or later";
    }
};

TEST_F(PeerDescriptorTest, KnowsThatAProcessEnded) {
    PeerProcess peer(kAlice);
    const Process process = open_peer(peer.server().get()).value();
    EXPECT_TRUE(is_alive(process));
    peer.end();
    EXPECT_FALSE(is_alive(process));
}

// Row A7.
TEST_F(PeerDescriptorTest, IsNotTakenInByAnotherProcessUnderTheSameNumber) {
    PeerProcess peer(kAlice);
    const Process before = open_peer(peer.server().get()).value();
    peer.end();
    const ProcessAt other(peer.pid());
    EXPECT_FALSE(is_alive(before));
    // If asked now, the kernel says that it is gone, or gives the process that has ended.
    const Result<Process> after = open_peer(peer.server().get());
    if (after)
        EXPECT_FALSE(is_alive(*after));
    else
        EXPECT_EQ(after.error().code, Errc::NotFound);
}

TEST(PeerProcessTest, RefusesWhatIsNoSocket) {
    const UniqueFd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    EXPECT_EQ(open_peer(file.get()).error().code, Errc::Unavailable);
    EXPECT_EQ(open_peer(-1).error().code, Errc::Unavailable);
}

}  // namespace
}  // namespace patd
