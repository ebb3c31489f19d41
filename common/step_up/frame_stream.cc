// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/step_up/frame_stream.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace patd::step_up {
namespace {

bool is_transient(int error) {
    return error == EINTR || error == EAGAIN;
}

}  // namespace

Result<void> FrameStream::wait_for(short events, Clock::time_point deadline) const {
    while (true) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
        if (left.count() <= 0)
            return Error{Errc::Cancelled, "the other side was silent for too long"};
        pollfd entry{fd_, events, 0};
        const int ready = poll(&entry, 1, static_cast<int>(left.count()));
        if (ready > 0)
            return {};
        if (ready < 0 && errno != EINTR)
            return Error{Errc::Cancelled, "the connection failed"};
    }
}

Result<void> FrameStream::send(FrameKind kind, std::string_view payload) {
    SecretBuffer frame(kFrameBytes);
    if (!append_frame(frame, kind, payload))
        return Error{Errc::MalformedRequest, "payload too long"};
    const Clock::time_point deadline = std::min(Clock::now() + idle_, end_);
    while (!frame.empty()) {
        TRY(wait_for(POLLOUT, deadline));
        const ssize_t sent =
            ::send(fd_, frame.reveal().data(), frame.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && is_transient(errno))
            continue;
        if (sent < 0)
            return Error{Errc::Cancelled, "the other side ended the conversation"};
        frame.consume(static_cast<std::size_t>(sent));
    }
    return {};
}

Result<ReceivedFrame> FrameStream::receive() {
    const Clock::time_point deadline = std::min(Clock::now() + idle_, end_);
    while (true) {
        std::size_t consumed = 0;
        const std::optional<Frame> frame = TRY(parse_frame(received_.reveal(), consumed));
        if (frame) {
            ReceivedFrame copy{frame->kind, SecretBuffer::copy_of(frame->payload)};
            received_.consume(consumed);
            return copy;
        }
        TRY(wait_for(POLLIN, deadline));
        const std::span<char> room = received_.free_space();
        const ssize_t got = recv(fd_, room.data(), room.size(), MSG_DONTWAIT);
        if (got < 0 && is_transient(errno))
            continue;
        if (got <= 0)
            return Error{Errc::Cancelled, "the other side ended the conversation"};
        received_.grow(static_cast<std::size_t>(got));
    }
}

}  // namespace patd::step_up
