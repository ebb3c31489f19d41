// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secret_buffer.h"
#include "common/base/unique_fd.h"

#include <chrono>
#include <csignal>
#include <optional>
#include <span>
#include <string_view>

namespace patd::cli {

// Lines to and from another program, which may end it at any moment: by a signal (SIGTERM, SIGINT,
// SIGHUP) or by closing its end of the input. While one lives, these signals do nothing else.
// Thread rule: the only thread of the process.
class LineChannel {
  public:
    // Both descriptors stay the caller's. Internal: no descriptor is free.
    static Result<LineChannel> open(int input, int output);
    LineChannel(LineChannel&& other) noexcept;
    LineChannel& operator=(LineChannel&&) = delete;
    ~LineChannel() { close(); }

    // The next line without its LF, to be changed in place; it is wiped by the next call, or
    // forget().
    // Cancelled: the program ended it, whatever it wrote before; OperationGone: nothing came
    // `within` that time; LimitExceeded: more than kConverseLineBytes.
    Result<std::span<char>> read_line(std::optional<std::chrono::seconds> within);
    void forget();
    // Writes all of `line`. Cancelled as above, and then none of it is written; an output error.
    Result<void> write_line(std::string_view line);
    // Readable once the program has ended it.
    int end_fd() const { return end_.get(); }
    // From now on signals end the process again, and nothing is Cancelled any more.
    void close();

  private:
    enum class Event { Ready, End, Late };

    LineChannel(int input, int output);
    // -1: without an end.
    Event wait(int fd, short events, int milliseconds) const;
    Result<void> read_more();

    int input_;
    int output_;
    UniqueFd signals_;
    UniqueFd end_;  // of epoll(7): the signals, and the other end of the input
    sigset_t previous_{};
    bool is_open_ = true;
    SecretBuffer buffer_;
    std::span<char> bytes_;  // all of the buffer
    std::size_t read_ = 0;   // of them, the line that was given and its LF
};

}  // namespace patd::cli
