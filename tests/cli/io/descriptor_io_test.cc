// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/io/descriptor_io.h"

#include "tests/cli/support.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <csignal>

namespace patd::cli {
namespace {

std::string text_of(const SecretBuffer& secret) {
    const std::span<const char> bytes = secret.reveal();
    return {bytes.begin(), bytes.end()};
}

TEST(ReadSecretLine, TakesOneLineAndNotAByteMore) {
    const Scratch input("first\nsecond\n\nlast");
    EXPECT_EQ(text_of(read_secret_line(input.fd(), 100).value()), "first");
    EXPECT_EQ(lseek(input.fd(), 0, SEEK_CUR), 6);
    EXPECT_EQ(text_of(read_secret_line(input.fd(), 100).value()), "second");
    EXPECT_EQ(text_of(read_secret_line(input.fd(), 100).value()), "");
    EXPECT_EQ(text_of(read_secret_line(input.fd(), 100).value()), "last");
    EXPECT_EQ(read_secret_line(input.fd(), 100).error().code, Errc::Cancelled);
}

TEST(ReadSecretLine, RefusesALineOverTheLimitAndGoesOnAfterIt) {
    const Scratch input("12345\n1234\n");
    EXPECT_EQ(read_secret_line(input.fd(), 4).error().code, Errc::InvalidSecret);
    EXPECT_EQ(text_of(read_secret_line(input.fd(), 4).value()), "1234");
}

TEST(ReadSecretLine, ReportsADescriptorThatCannotBeRead) {
    const UniqueFd writing(open("/dev/null", O_WRONLY | O_CLOEXEC));
    EXPECT_EQ(read_secret_line(writing.get(), 4).error().code, Errc::Cancelled);
}

TEST(WriteAll, WritesAll) {
    const Scratch output;
    const std::string text(100000, 'x');
    ASSERT_TRUE(write_all(output.fd(), text));
    EXPECT_EQ(output.content(), text);
}

TEST(WriteAll, ReportsADiskThatIsFull) {
    const UniqueFd full(open("/dev/full", O_WRONLY | O_CLOEXEC));
    EXPECT_EQ(write_all(full.get(), std::string("x")).error().code, Errc::Internal);
}

TEST(WriteAll, ReportsAClosedPipe) {
    std::signal(SIGPIPE, SIG_IGN);
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    const UniqueFd writing(ends[1]);
    close(ends[0]);
    EXPECT_EQ(write_all(writing.get(), std::string("x")).error().code, Errc::Internal);
}

}  // namespace
}  // namespace patd::cli
