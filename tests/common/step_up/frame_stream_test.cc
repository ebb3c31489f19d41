// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/step_up/frame_stream.h"

#include "tests/support/socket_pair.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace patd::step_up {
namespace {

constexpr std::chrono::milliseconds kEnough{60'000};
constexpr std::chrono::milliseconds kShort{20};

class FrameStreamTest : public testing::Test {
  protected:
    void write_raw(std::string_view bytes) const {
        EXPECT_EQ(write(sockets_.far.get(), bytes.data(), bytes.size()),
                  static_cast<ssize_t>(bytes.size()));
    }

    support::SocketPair sockets_;
};

TEST_F(FrameStreamTest, CarriesFramesInOrder) {
    FrameStream out(sockets_.far.get(), kEnough);
    FrameStream in(sockets_.near.get(), kEnough);
    ASSERT_TRUE(out.send(FrameKind::PromptSecret, "Password: "));
    ASSERT_TRUE(out.send(FrameKind::Info, ""));
    const ReceivedFrame first = in.receive().value();
    EXPECT_EQ(first.kind, FrameKind::PromptSecret);
    EXPECT_EQ(first.text(), "Password: ");
    const ReceivedFrame second = in.receive().value();
    EXPECT_EQ(second.kind, FrameKind::Info);
    EXPECT_EQ(second.text(), "");
}

TEST_F(FrameStreamTest, WaitsForTheRestOfAFrame) {
    FrameStream in(sockets_.near.get(), kEnough);
    std::thread writer([&] {
        for (const char byte : std::string("A\0\2hi", 5))
            write_raw({&byte, 1});
    });
    EXPECT_EQ(in.receive().value().text(), "hi");
    writer.join();
}

TEST_F(FrameStreamTest, EndsWhenThePeerLeavesAtAnyByte) {
    const std::string frame("A\0\2hi", 5);
    for (std::size_t length = 0; length < frame.size(); ++length) {
        sockets_ = support::SocketPair();
        write_raw(frame.substr(0, length));
        sockets_.far.reset();
        const auto received = FrameStream(sockets_.near.get(), kEnough).receive();
        ASSERT_FALSE(received);
        EXPECT_EQ(received.error().code, Errc::Cancelled);
    }
}

// Row D7.
TEST_F(FrameStreamTest, EndsWhenThePeerIsIdle) {
    write_raw("A");
    const auto received = FrameStream(sockets_.near.get(), kShort).receive();
    ASSERT_FALSE(received);
    EXPECT_EQ(received.error().code, Errc::Cancelled);
}

// Row P19.
TEST_F(FrameStreamTest, EndsWhenThePeerDoesNotRead) {
    FrameStream out(sockets_.far.get(), kShort);
    const std::string payload(kFramePayloadBytes, 'x');
    Result<void> sent;
    for (int i = 0; sent && i < 100'000; ++i)
        sent = out.send(FrameKind::Info, payload);
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, Errc::Cancelled);
}

// Row P19.
TEST_F(FrameStreamTest, DoesNotRaiseASignalWhenThePeerHasLeft) {
    sockets_.near.reset();
    EXPECT_FALSE(FrameStream(sockets_.far.get(), kEnough).send(FrameKind::Info, "x"));
}

TEST_F(FrameStreamTest, RefusesWhatIsNoFrame) {
    write_raw("?\0\0");
    const auto received = FrameStream(sockets_.near.get(), kEnough).receive();
    ASSERT_FALSE(received);
    EXPECT_EQ(received.error().code, Errc::MalformedRequest);
    EXPECT_FALSE(FrameStream(sockets_.far.get(), kEnough)
                     .send(FrameKind::Info, std::string(kFramePayloadBytes + 1, 'x')));
}

}  // namespace
}  // namespace patd::step_up
