// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "common/base/secret_buffer.h"
#include "common/base/unique_fd.h"
#include "common/bus/event_loop.h"

#include <functional>
#include <memory>

namespace patd {

// How secrets cross the bus: not in a message, but through one end of a socketpair that their
// receiver made and shut down for reading, so that a duplicate of the descriptor reads nothing
// (docs/adr/0003).

// The receiving side: makes the pair, gives one end away, reads the other until it is closed.
// Thread rule: the loop's thread.
class SinkReader {
  public:
    // Calls back once, never from inside create: with the data, LimitExceeded over `bytes_max`, or
    // Unavailable. Destroying the reader ends it without a call.
    using Callback = std::function<void(Result<SecretBuffer>)>;
    static Result<std::unique_ptr<SinkReader>> create(bus::EventLoop& loop, std::size_t bytes_max,
                                                      Callback callback);
    // The end for the sender; take it once.
    UniqueFd take_sink() { return std::move(sink_); }
    // Our end, which is no longer read.
    UniqueFd take_source() {
        source_ = {};
        return std::move(source_fd_);
    }

  private:
    explicit SinkReader(std::size_t bytes_max, Callback callback)
        : received_(bytes_max + 1), callback_(std::move(callback)) {}

    void on_readable();

    UniqueFd sink_;
    UniqueFd source_fd_;
    bus::EventLoop::Source source_;
    SecretBuffer received_;
    Callback callback_;
};

// Whether `fd` can be a sink of `caller`: a UNIX stream socket, made by the caller's uid
// (SO_PEERCRED of a socketpair names its maker). BadSink for anything else.
Result<void> check_sink(int fd, const Caller& caller);

// Writes all of `secret` without ever blocking, and ends the stream. BadSink if it does not fit or
// nobody is there.
Result<void> send_to_sink(int fd, std::span<const char> secret);

}  // namespace patd
