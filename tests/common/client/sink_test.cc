// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/client/sink.h"

#include "common/base/limits.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <string>

namespace patd::client {
namespace {

std::string text_of(const SecretBuffer& secret) {
    const std::span<const char> bytes = secret.reveal();
    return {bytes.begin(), bytes.end()};
}

// What the service holds: a duplicate, as a message carries it.
UniqueFd duplicate(const SecretSink& sink) {
    return UniqueFd(fcntl(sink.passed(), F_DUPFD_CLOEXEC, 0));
}

TEST(SecretSink, GivesWhatWasWrittenUntilTheEnd) {
    SecretSink sink = SecretSink::create().value();
    UniqueFd service = duplicate(sink);
    ASSERT_EQ(write(service.get(), "one", 3), 3);
    ASSERT_EQ(write(service.get(), "two", 3), 3);
    service.reset();
    EXPECT_EQ(text_of(sink.receive().value()), "onetwo");
}

TEST(SecretSink, IsEmptyWhenNothingWasWritten) {
    SecretSink sink = SecretSink::create().value();
    EXPECT_TRUE(sink.receive().value().empty());
}

TEST(SecretSink, CannotBeReadThroughThePassedEnd) {
    SecretSink sink = SecretSink::create().value();
    const UniqueFd thief = duplicate(sink);
    ASSERT_EQ(write(sink.passed(), "secret", 6), 6);
    char byte{};
    EXPECT_EQ(recv(thief.get(), &byte, 1, MSG_DONTWAIT), 0);
}

TEST(SecretSink, RefusesMoreThanATokenSecretCanHave) {
    SecretSink sink = SecretSink::create().value();
    const std::string longest(limits::kTokenSecretBytes + 1, 'x');
    {
        const UniqueFd service = duplicate(sink);
        ASSERT_EQ(write(service.get(), longest.data(), longest.size()),
                  static_cast<ssize_t>(longest.size()));
    }
    EXPECT_EQ(sink.receive().error().code, Errc::LimitExceeded);
}

TEST(SecretSink, TakesTheLongestTokenSecret) {
    SecretSink sink = SecretSink::create().value();
    const std::string longest(limits::kTokenSecretBytes, 'x');
    {
        const UniqueFd service = duplicate(sink);
        ASSERT_EQ(write(service.get(), longest.data(), longest.size()),
                  static_cast<ssize_t>(longest.size()));
    }
    EXPECT_EQ(text_of(sink.receive().value()), longest);
}

TEST(WriteInto, WritesAllAndCloses) {
    std::array<int, 2> ends{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    const UniqueFd service(ends[0]);
    const std::string answer = "answer";
    ASSERT_TRUE(write_into(UniqueFd(ends[1]), answer));
    std::array<char, 16> chunk{};
    EXPECT_EQ(read(service.get(), chunk.data(), chunk.size()), 6);
    EXPECT_EQ(read(service.get(), chunk.data(), chunk.size()), 0);
}

TEST(WriteInto, ReportsASinkThatTheServiceClosed) {
    std::array<int, 2> ends{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    close(ends[0]);
    const std::string answer = "answer";
    EXPECT_EQ(write_into(UniqueFd(ends[1]), answer).error().code, Errc::Unavailable);
}

}  // namespace
}  // namespace patd::client
