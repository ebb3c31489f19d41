// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/secret_buffer.h"
#include "common/base/unique_fd.h"
#include "common/bus/event_loop.h"
#include "common/line/line_message.h"
#include "http/sockets.h"

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <span>
#include <string>

namespace patd::web {

// The connection to the line socket (docs/line-protocol.md), for an event loop: many questions may
// be under way, and patd answers them in order. When patd closes the connection, which it does to
// idle ones and at its restart, what has no answer yet is asked again over a new one; so questions
// must be ones that may be asked twice. What has no answer after kHttpPatdDeadline has failed.
// Nothing blocks. Thread rule: the loop's thread.
class PatdLink {
  public:
    // The reply, which is only there during the call; nothing where none came in time.
    using Answer = std::function<void(const line::LineMessage*)>;

    // `path` as for LineClient. Loop and sockets must outlive this.
    PatdLink(bus::EventLoop& loop, Sockets& sockets, std::string path);

    // Sends `question`, attributes in order, as one message: at the end of the round that is under
    // way, else at once. `answer` is called once, never before
    // this returns, unless this is destroyed. MalformedRequest: something that the format cannot
    // carry; LimitExceeded: too much is asked at once. Then there will be no answer.
    Result<void> ask(std::span<const line::Attribute> question, Answer answer);

  private:
    using Time = std::chrono::steady_clock::time_point;
    struct Waiting {
        std::size_t bytes;
        Time deadline;
        Answer answer;
    };

    // Sends what was not sent, over a new connection if there is none.
    void flush();
    bool connect();
    void disconnect();
    void on_ready(std::uint32_t events);
    void send_more();
    void receive();
    // Takes the replies that are whole. False if what came is none.
    bool take_replies();
    // Fails what waited too long, and connects again if something waits.
    void tick();
    void watch(std::uint32_t events);
    void fail_late(Time now);

    bus::EventLoop& loop_;
    Sockets& sockets_;
    const std::string path_;
    UniqueFd socket_;
    Sockets::Watch watch_;
    bus::EventLoop::Source timer_;
    std::uint32_t watched_ = 0;
    bool is_ticking_ = false;
    SecretBuffer asked_;    // the questions that wait, in order
    std::size_t sent_ = 0;  // of these bytes, over this connection
    SecretBuffer received_;
    line::LineMessage reply_;  // views into it
    std::deque<Waiting> waiting_;
};

}  // namespace patd::web
