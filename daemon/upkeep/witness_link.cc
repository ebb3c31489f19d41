// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/upkeep/witness_link.h"

#include "common/base/unix_socket.h"
#include "common/step_up/frame_stream.h"

#include <unistd.h>

namespace patd {
namespace {

using step_up::FrameKind;
using step_up::FrameStream;

FrameStream begin(const UniqueFd& socket, WitnessDeadline end) {
    FrameStream stream(socket.get(), limits::kWitnessWait);
    stream.end_at(end);
    return stream;
}

Error not_served(const Error& error) {
    return Error{Errc::Unavailable, "patd-auth: " + error.context};
}

// The last frame, after what it showed.
Result<void> read_verdict(FrameStream& stream, std::string& shown) {
    while (true) {
        Result<step_up::ReceivedFrame> frame = stream.receive();
        if (!frame)
            return not_served(frame.error());
        if (frame->kind == FrameKind::Granted)
            return {};
        if (frame->kind == FrameKind::Refused)
            return Error{errc_from_name(frame->text()).value_or(Errc::Unavailable),
                         "patd-auth refused"};
        shown += frame->text();
        if (frame->kind != FrameKind::Info || frame->text().empty() ||
            shown.size() > limits::kWitnessBytes)
            return Error{Errc::Unavailable, "patd-auth broke the protocol"};
    }
}

Result<void> send_frame(FrameStream& stream, FrameKind kind, std::string_view payload) {
    const Result<void> sent = stream.send(kind, payload);
    return sent ? sent : not_served(sent.error());
}

}  // namespace

Result<UniqueFd> WitnessLink::connect() const {
    // A full backlog is an answer too.
    UniqueFd socket = TRY(connect_unix(socket_, SOCK_NONBLOCK));
    const Uid peer = TRY(find_peer(socket.get())).uid;
    if (!peer.is_root() && peer != Uid(geteuid()))
        return Errc::InsecurePeer;
    return socket;
}

Result<UniqueFd> WitnessLink::ask(std::string_view question) const {
    UniqueFd socket = TRY(connect());
    FrameStream stream(socket.get(), limits::kWitnessWait);
    TRY(send_frame(stream, FrameKind::Begin, question));
    return socket;
}

Result<std::string> WitnessLink::read_answer(const UniqueFd& asked, WitnessDeadline end) {
    FrameStream stream = begin(asked, end);
    std::string text;
    TRY(read_verdict(stream, text));
    return text;
}

Result<std::string> WitnessLink::read(WitnessDeadline end) const {
    return read_answer(TRY(ask()), end);
}

Result<void> WitnessLink::write(std::string_view text, WitnessDeadline end) const {
    const UniqueFd socket = TRY(connect());
    FrameStream stream = begin(socket, end);
    TRY(send_frame(stream, FrameKind::Begin,
                   "op=witness-write\nsize=" + std::to_string(text.size()) + "\n"));
    for (std::size_t at = 0; at < text.size(); at += step_up::kFramePayloadBytes) {
        const std::string_view part = text.substr(at, step_up::kFramePayloadBytes);
        // It may refuse before it has read all.
        if (!send_frame(stream, FrameKind::Answer, part))
            break;
    }
    std::string shown;
    return read_verdict(stream, shown);
}

}  // namespace patd
