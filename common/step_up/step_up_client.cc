// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/step_up/step_up_client.h"

#include "common/line/line_message.h"
#include "common/step_up/peer.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace patd::step_up {
namespace {

// Longer than the service's own limit of 30 s, so that its verdict is what ends a conversation.
constexpr std::chrono::milliseconds kSilence{60'000};

Result<UniqueFd> connect_socket(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof(address.sun_path))
        return Error{Errc::Unavailable, "bad socket path"};
    path.copy(address.sun_path, path.size());
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    // sockaddr_un is meant to be passed as sockaddr (unix(7)).
    if (!socket ||
        ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
        return Error{Errc::Unavailable, "connect to " + path};
    return socket;
}

bool is_step(FrameKind kind) {
    return kind != FrameKind::Begin && kind != FrameKind::Answer;
}

Error unavailable(const Error& error) {
    return Error{Errc::Unavailable, error.context};
}

}  // namespace

StepUpClient::StepUpClient(UniqueFd socket)
    : socket_(std::move(socket)), stream_(socket_.get(), kSilence) {}

Result<StepUpClient> StepUpClient::connect(const std::string& path) {
    UniqueFd socket = TRY(connect_socket(path));
    const Uid peer = TRY(peer_uid(socket.get()));
    if (!peer.is_root() && peer != Uid(geteuid()))
        return Error{Errc::InsecurePeer, "listener of " + path};
    return StepUpClient(std::move(socket));
}

Result<void> StepUpClient::begin(Attributes attributes) {
    SecretBuffer payload(kFramePayloadBytes);
    line::LineWriter writer(payload);
    for (const auto& [key, value] : attributes)
        TRY(writer.add(key, value));
    const Result<void> sent =
        stream_.send(FrameKind::Begin, {payload.expose().data(), payload.size()});
    return sent ? sent : unavailable(sent.error());
}

Result<StepUpClient::Step> StepUpClient::next() {
    const Result<ReceivedFrame> frame = stream_.receive();
    if (!frame)
        return unavailable(frame.error());
    if (!is_step(frame->kind))
        return Error{Errc::Unavailable, "the service broke the protocol"};
    return Step{frame->kind, std::string(frame->text())};
}

Result<void> StepUpClient::answer(const PromptAnswer& answer) {
    if (answer.size() > limits::kServicePasswordBytes)
        return Errc::InvalidPassword;
    const Result<void> sent =
        stream_.send(FrameKind::Answer, {answer.expose().data(), answer.size()});
    return sent ? sent : unavailable(sent.error());
}

}  // namespace patd::step_up
