// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/step_up/step_up_client.h"

#include "common/base/unix_socket.h"
#include "common/line/line_message.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace patd::step_up {
namespace {

// Longer than the service's own limit of 30 s, so that the service ends a conversation first.
constexpr std::chrono::milliseconds kSilence{60'000};

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
    UniqueFd socket = TRY(connect_unix(path));
    const Uid peer = TRY(find_peer(socket.get())).uid;
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
        stream_.send(FrameKind::Begin, {payload.reveal().data(), payload.size()});
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
        stream_.send(FrameKind::Answer, {answer.reveal().data(), answer.size()});
    return sent ? sent : unavailable(sent.error());
}

}  // namespace patd::step_up
