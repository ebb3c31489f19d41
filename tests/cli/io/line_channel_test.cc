// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/io/line_channel.h"

#include "cli/io/descriptor_io.h"
#include "common/base/tool_limits.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mman.h>

#include <array>
#include <csignal>
#include <string>
#include <thread>

namespace patd::cli {
namespace {

using std::chrono::seconds;

class LineChannelTest : public testing::Test {
  protected:
    void SetUp() override {
        std::array<int, 2> input{};
        std::array<int, 2> output{};
        ASSERT_EQ(pipe2(input.data(), O_CLOEXEC), 0);
        ASSERT_EQ(pipe2(output.data(), O_CLOEXEC), 0);
        input_ = UniqueFd(input[0]);
        peer_ = UniqueFd(input[1]);
        heard_ = UniqueFd(output[0]);
        output_ = UniqueFd(output[1]);
        channel_.emplace(LineChannel::open(input_.get(), output_.get()).value());
    }

    void say(const std::string& text) { ASSERT_TRUE(write_all(peer_.get(), text)); }
    // The next line, or the name of the error.
    std::string line() {
        const Result<std::span<char>> line = channel_->read_line(std::nullopt);
        return line ? std::string(line->data(), line->size())
                    : std::string(errc_name(line.error().code));
    }

    UniqueFd input_, peer_, heard_, output_;
    std::optional<LineChannel> channel_;
};

TEST_F(LineChannelTest, ReadsLinesHoweverTheyCome) {
    say("one\ntwo\n\nth");
    EXPECT_EQ(line(), "one");
    EXPECT_EQ(line(), "two");
    EXPECT_EQ(line(), "");
    std::thread later([this] {
        say("r");
        say("ee\n");
    });
    EXPECT_EQ(line(), "three");
    later.join();
}

// Row L1.
TEST_F(LineChannelTest, ForgetsALineAtOnce) {
    say("one\n");
    const std::span<char> line = channel_->read_line(std::nullopt).value();
    channel_->forget();
    EXPECT_EQ(std::string(line.data(), line.size()), std::string(3, '\0'));
    channel_->forget();
    say("two\n");
    EXPECT_EQ(this->line(), "two");
}

TEST_F(LineChannelTest, TakesALineOfTheLimitAndNoLongerOne) {
    const std::string longest(limits::kConverseLineBytes - 1, 'x');
    std::thread peer([&] { say(longest + "\n" + longest + "x\n"); });
    EXPECT_EQ(line(), longest);
    EXPECT_EQ(line(), "LimitExceeded");
    peer.join();
}

TEST_F(LineChannelTest, TheEndOfTheInputCountsMoreThanWhatIsWrittenBefore) {
    say("one\ntwo\nthree\n");
    EXPECT_EQ(line(), "one");
    peer_.reset();
    EXPECT_EQ(line(), "Cancelled");
    const Result<void> written = channel_->write_line("x\n");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, Errc::Cancelled);
    pollfd end{channel_->end_fd(), POLLIN, 0};
    EXPECT_EQ(poll(&end, 1, 0), 1);
}

TEST_F(LineChannelTest, AFileEndsWhereItEnds) {
    UniqueFd file(memfd_create("lines", MFD_CLOEXEC));
    ASSERT_TRUE(write_all(file.get(), std::string_view("one\ntw")));
    lseek(file.get(), 0, SEEK_SET);
    channel_.reset();
    channel_.emplace(LineChannel::open(file.get(), output_.get()).value());
    EXPECT_EQ(line(), "one");
    EXPECT_EQ(line(), "Cancelled");
}

TEST_F(LineChannelTest, SignalsEndItAndNothingElse) {
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        say("one\n");
        ASSERT_EQ(pthread_kill(pthread_self(), signal), 0);
        EXPECT_EQ(line(), "Cancelled");
        // What has come ends nobody afterwards.
        channel_.reset();
        channel_.emplace(LineChannel::open(input_.get(), output_.get()).value());
        EXPECT_EQ(line(), "one");
    }
}

TEST_F(LineChannelTest, WaitsNoLongerThanItMay) {
    EXPECT_EQ(channel_->read_line(seconds(0)).error().code, Errc::OperationGone);
    say("half");
    EXPECT_EQ(channel_->read_line(seconds(0)).error().code, Errc::OperationGone);
    say(" and half\n");
    EXPECT_TRUE(channel_->read_line(seconds(60)));
}

TEST_F(LineChannelTest, SaysThatNobodyReads) {
    heard_.reset();
    const auto previous = std::signal(SIGPIPE, SIG_IGN);
    const Result<void> written = channel_->write_line("x\n");
    std::signal(SIGPIPE, previous);
    ASSERT_FALSE(written);
    EXPECT_TRUE(is_output_error(written.error()));
}

TEST_F(LineChannelTest, WritesTheLastLineAfterTheEndToo) {
    peer_.reset();
    channel_->close();
    EXPECT_TRUE(channel_->write_line("last\n"));
    std::array<char, 16> bytes{};
    EXPECT_EQ(read(heard_.get(), bytes.data(), bytes.size()), 5);
}

}  // namespace
}  // namespace patd::cli
