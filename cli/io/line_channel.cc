// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/io/line_channel.h"

#include "cli/io/descriptor_io.h"
#include "common/base/tool_limits.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <utility>

namespace patd::cli {
namespace {

using std::chrono::milliseconds;

constexpr std::array kEndingSignals = {SIGTERM, SIGINT, SIGHUP};

bool watch(int epoll, int fd, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    // A file has no other end (EPERM); its end is read.
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0 || errno == EPERM;
}

}  // namespace

LineChannel::LineChannel(int input, int output)
    : input_(input),
      output_(output),
      end_(epoll_create1(EPOLL_CLOEXEC)),
      buffer_(limits::kConverseLineBytes),
      bytes_(buffer_.free_space()) {
    sigset_t signals{};
    sigemptyset(&signals);
    for (const int signal : kEndingSignals)
        sigaddset(&signals, signal);
    pthread_sigmask(SIG_BLOCK, &signals, &previous_);
    signals_.reset(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

LineChannel::LineChannel(LineChannel&& other) noexcept
    : input_(other.input_),
      output_(other.output_),
      signals_(std::move(other.signals_)),
      end_(std::move(other.end_)),
      previous_(other.previous_),
      is_open_(std::exchange(other.is_open_, false)),
      buffer_(std::move(other.buffer_)),
      bytes_(std::exchange(other.bytes_, {})),
      read_(std::exchange(other.read_, 0)) {}

Result<LineChannel> LineChannel::open(int input, int output) {
    LineChannel channel(input, output);
    if (!channel.signals_ || !channel.end_ ||
        !watch(channel.end_.get(), channel.signals_.get(), EPOLLIN) ||
        !watch(channel.end_.get(), input, EPOLLRDHUP))
        return Error{Errc::Internal, "no descriptor is free"};
    return channel;
}

void LineChannel::close() {
    if (!std::exchange(is_open_, false))
        return;
    // What has come is dealt with, and must not end the process now.
    signalfd_siginfo come{};
    while (read(signals_.get(), &come, sizeof come) > 0) {
    }
    pthread_sigmask(SIG_SETMASK, &previous_, nullptr);
}

LineChannel::Event LineChannel::wait(int fd, short events, int milliseconds) const {
    std::array<pollfd, 2> entries = {pollfd{is_open_ ? end_.get() : -1, POLLIN, 0},
                                     {fd, events, 0}};
    int ready = 0;
    do {
        ready = poll(entries.data(), entries.size(), milliseconds);
    } while (ready < 0 && errno == EINTR);
    if (ready <= 0)
        return Event::Late;
    return entries[0].revents != 0 ? Event::End : Event::Ready;
}

Result<std::span<char>> LineChannel::read_line(std::optional<std::chrono::seconds> within) {
    using std::chrono::steady_clock;
    const auto until = steady_clock::now() + within.value_or(std::chrono::seconds(0));
    forget();
    while (true) {
        const std::span<char> unread = bytes_.first(buffer_.size());
        const auto end = std::find(unread.begin(), unread.end(), '\n');
        const bool is_there = end != unread.end();
        const auto left =
            std::max(ceil<milliseconds>(until - steady_clock::now()), milliseconds(0));
        // Where the program has ended it, a line that is there counts no more.
        const Event event = wait(is_there ? -1 : input_, POLLIN,
                                 is_there ? 0
                                 : within ? static_cast<int>(left.count())
                                          : -1);
        if (event == Event::End)
            return Errc::Cancelled;
        if (is_there) {
            const auto length = static_cast<std::size_t>(end - unread.begin());
            read_ = length + 1;
            return bytes_.first(length);
        }
        if (event == Event::Late)
            return Errc::OperationGone;
        TRY(read_more());
    }
}

void LineChannel::forget() {
    buffer_.consume(std::exchange(read_, 0));
}

Result<void> LineChannel::read_more() {
    const std::span<char> room = buffer_.free_space();
    if (room.empty())
        return Error{Errc::LimitExceeded, "the line is too long: at most " +
                                              std::to_string(limits::kConverseLineBytes) +
                                              " bytes"};
    ssize_t count = 0;
    do {
        count = read(input_, room.data(), room.size());
    } while (count < 0 && errno == EINTR);
    if (count <= 0)
        return Errc::Cancelled;
    buffer_.grow(static_cast<std::size_t>(count));
    return {};
}

Result<void> LineChannel::write_line(std::string_view line) {
    if (wait(output_, POLLOUT, -1) == Event::End)
        return Errc::Cancelled;
    return write_all(output_, line);
}

}  // namespace patd::cli
