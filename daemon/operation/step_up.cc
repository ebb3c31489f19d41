// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/operation/step_up.h"

#include "common/base/parse_number.h"
#include "common/base/unix_socket.h"
#include "common/line/line_message.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace patd {
namespace {

// The listener is systemd's, so the peer is root; our own uid is fine if one account runs
// everything.
Result<void> check_peer(int socket) {
    const Uid peer = TRY(find_peer(socket)).uid;
    if (!peer.is_root() && peer != Uid(geteuid()))
        return Errc::InsecurePeer;
    return {};
}

// Nothing for a time longer than the lockout ever imposes.
std::optional<std::chrono::milliseconds> parse_wait(std::string_view text) {
    constexpr std::uint32_t kLongestWait = 24 * 3600 * 1000;
    const auto wait = parse_number<std::uint32_t>(text);
    if (!wait || *wait > kLongestWait)
        return std::nullopt;
    return std::chrono::milliseconds(*wait);
}

Result<SecretBuffer> begin_payload(const StepUp::Request& request) {
    SecretBuffer payload(step_up::kFramePayloadBytes);
    line::LineWriter writer(payload);
    TRY(writer.add("op", request.op));
    TRY(writer.add("caller", std::to_string(request.caller.value())));
    if (request.uid)
        TRY(writer.add("uid", std::to_string(request.uid->value())));
    TRY(writer.add("user", request.user));
    if (!request.service.empty())
        TRY(writer.add("service", request.service));
    if (!request.rhost.empty())
        TRY(writer.add("rhost", request.rhost));
    return payload;
}

}  // namespace

Result<std::unique_ptr<StepUp>> StepUp::start(bus::EventLoop& loop, const std::string& socket_path,
                                              const Request& request, Handler handler) {
    // Never waits: a full backlog is an answer too.
    UniqueFd socket = TRY(connect_unix(socket_path, SOCK_NONBLOCK));
    TRY(check_peer(socket.get()));
    std::unique_ptr<StepUp> step_up(new StepUp(std::move(socket), std::move(handler)));
    const SecretBuffer payload = TRY(begin_payload(request));
    const std::span<const char> bytes = payload.reveal();
    TRY(step_up->send_frame(step_up::FrameKind::Begin, {bytes.data(), bytes.size()}));
    step_up->source_ = loop.watch(step_up->socket_.get(), EPOLLIN,
                                  [self = step_up.get()](std::uint32_t) { self->on_readable(); });
    return step_up;
}

Result<void> StepUp::answer(const PromptAnswer& answer) {
    if (answer.size() > limits::kServicePasswordBytes)
        return Errc::InvalidPassword;
    const std::span<const char> bytes = answer.reveal();
    return send_frame(step_up::FrameKind::Answer, {bytes.data(), bytes.size()});
}

Result<void> StepUp::send_frame(step_up::FrameKind kind, std::string_view payload) {
    SecretBuffer frame(step_up::kFrameBytes);
    TRY(step_up::append_frame(frame, kind, payload));
    const std::span<const char> bytes = frame.reveal();
    if (send(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL) !=
        static_cast<ssize_t>(bytes.size()))
        return Error{Errc::Unavailable, "patd-auth does not read"};
    return {};
}

void StepUp::on_readable() {
    const std::span<char> room = received_.free_space();
    const ssize_t got = read(socket_.get(), room.data(), room.size());
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0)
        return finish(Error{Errc::Unavailable, "patd-auth went away"});
    received_.grow(static_cast<std::size_t>(got));
    while (true) {
        std::size_t consumed = 0;
        const auto frame = step_up::parse_frame(received_.reveal(), consumed);
        if (!frame)
            return finish(Error{Errc::Unavailable, "patd-auth sent a malformed frame"});
        if (!*frame)
            return;
        if (!handle_frame(**frame))
            return;
        received_.consume(consumed);
    }
}

bool StepUp::handle_frame(const step_up::Frame& frame) {
    using step_up::FrameKind;
    switch (frame.kind) {
        case FrameKind::PromptSecret:
        case FrameKind::PromptVisible:
        case FrameKind::Info:
        case FrameKind::ErrorText:
            if (++prompts_ > limits::kPromptsPerConversation)
                break;
            handler_.on_prompt(frame.kind, std::string(frame.payload));
            return true;
        case FrameKind::Granted:
            finish({});
            return false;
        case FrameKind::Refused:
            refuse(frame.payload);
            return false;
        case FrameKind::Begin:
        case FrameKind::Answer:
            break;
    }
    finish(Error{Errc::Unavailable, "patd-auth broke the protocol"});
    return false;
}

// "Throttled 9000": it will give no other answer for that many milliseconds.
void StepUp::refuse(std::string_view refusal) {
    const std::size_t space = refusal.find(' ');
    if (space == std::string_view::npos)
        return finish(errc_from_name(refusal).value_or(Errc::Internal));
    const std::optional<std::chrono::milliseconds> wait = parse_wait(refusal.substr(space + 1));
    if (errc_from_name(refusal.substr(0, space)) != Errc::Throttled || !wait)
        return finish(Errc::Internal);
    if (handler_.on_throttled)
        handler_.on_throttled(*wait);
    finish(Errc::Throttled);
}

StepUp::~StepUp() {
    leave();
}

void StepUp::leave() {
    if (handler_.on_outcome && handler_.on_left)
        std::exchange(handler_.on_left, nullptr)();
}

void StepUp::stop() {
    leave();
    source_ = {};
    socket_.reset();
    received_.wipe();
}

void StepUp::finish(const Result<void>& outcome) {
    source_ = {};
    const auto on_outcome = std::exchange(handler_.on_outcome, nullptr);
    on_outcome(outcome);
}

}  // namespace patd
