// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/line/line_message.h"
#include "common/step_up/frame_stream.h"
#include "tests/support/scripted_line_server.h"
#include "tests/support/turning.h"

#include <map>
#include <memory>
#include <string>

namespace patd::support {

// The service's end of one step-up conversation (docs/step-up-protocol.md), driven by the test.
class StepUpConversation {
  public:
    StepUpConversation(bus::EventLoop& loop, UniqueFd socket)
        : loop_(loop), socket_(std::move(socket)) {}

    void send(step_up::FrameKind kind, const std::string& payload = "") {
        stream().send(kind, payload).value();
    }
    void send_raw(const std::string& bytes) {
        (void)::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }
    void close() { socket_.reset(); }
    bool peer_is_gone() {
        return turn_until(loop_, [this] {
            pollfd entry{socket_.get(), POLLIN, 0};
            return ::poll(&entry, 1, 0) > 0 && (entry.revents & POLLHUP) != 0;
        });
    }

    // The attributes of the Begin frame.
    std::map<std::string, std::string> begin() {
        const std::string payload = receive(step_up::FrameKind::Begin);
        std::size_t consumed = 0;
        const auto message = line::LineMessage::parse(payload, true, consumed).value();
        std::map<std::string, std::string> attributes;
        for (const line::Attribute& attribute : message->attributes())
            attributes[std::string(attribute.key)] = attribute.value;
        return attributes;
    }
    std::string answer() { return receive(step_up::FrameKind::Answer); }

  private:
    step_up::FrameStream& stream() {
        if (!stream_)
            stream_ = std::make_unique<step_up::FrameStream>(socket_.get(),
                                                             std::chrono::milliseconds(20000));
        return *stream_;
    }
    std::string receive(step_up::FrameKind kind) {
        if (!turn_until(loop_, [this] { return is_readable(socket_.get()); }))
            throw std::runtime_error("no frame came");
        const step_up::ReceivedFrame frame = stream().receive().value();
        if (frame.kind != kind)
            throw std::runtime_error("another frame came");
        return std::string(frame.text());
    }

    bus::EventLoop& loop_;
    UniqueFd socket_;
    std::unique_ptr<step_up::FrameStream> stream_;
};

// Listens where patd-auth would.
class ScriptedStepUp {
  public:
    ScriptedStepUp(bus::EventLoop& loop, std::string path)
        : loop_(loop), path_(std::move(path)), listener_(ScriptedLineServer::listen_at(path_)) {}

    const std::string& path() const { return path_; }
    bool has_caller() const { return is_readable(listener_.get()); }
    // Nobody listens any more.
    void stop() { listener_.reset(); }

    StepUpConversation accept() {
        if (!turn_until(loop_, [this] { return has_caller(); }))
            throw std::runtime_error("nobody connected");
        return {loop_, UniqueFd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC))};
    }

  private:
    bus::EventLoop& loop_;
    std::string path_;
    UniqueFd listener_;
};

}  // namespace patd::support
