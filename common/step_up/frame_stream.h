// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/step_up/frame.h"

#include <chrono>
#include <string_view>

namespace patd::step_up {

// A frame that owns its payload, which may be secret.
struct ReceivedFrame {
    FrameKind kind;
    SecretBuffer payload;

    std::string_view text() const { return {payload.reveal().data(), payload.size()}; }
};

// Blocking frames over a connected socket, for programs that have nothing else to do: patd-auth,
// patd-enroll, patctl. Borrows the descriptor. Thread rule: one at a time.
class FrameStream {
  public:
    using Clock = std::chrono::steady_clock;

    // `idle` limits each send and each receive.
    FrameStream(int fd, std::chrono::milliseconds idle) : fd_(fd), idle_(idle) {}

    // Errors of both: Cancelled (the peer left, or `idle` passed), with the reason for people;
    // MalformedRequest.
    Result<void> send(FrameKind kind, std::string_view payload);
    Result<ReceivedFrame> receive();

    // From now on nothing waits longer than until then, however often the other side sends.
    void end_at(Clock::time_point end) { end_ = end; }

  private:
    Result<void> wait_for(short events, Clock::time_point deadline) const;

    int fd_;
    std::chrono::milliseconds idle_;
    Clock::time_point end_ = Clock::time_point::max();
    SecretBuffer received_{kFrameBytes};
};

}  // namespace patd::step_up
