// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secrets.h"
#include "common/base/uid.h"
#include "common/base/unique_fd.h"
#include "common/bus/event_loop.h"
#include "common/step_up/frame.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace patd {

// One step-up conversation with patd-auth or patd-enroll (docs/step-up-protocol.md) that never
// blocks the loop. patd only carries prompts and answers; they decide the outcome.
// Thread rule: the loop's thread. Destroying it ends the conversation; then only `on_left` is
// called.
class StepUp {
  public:
    struct Request {
        std::string op;  // authenticate, check, change, state, enroll
        Uid caller;
        std::optional<Uid> uid;  // unset: no owner has this name (check)
        std::string user;
        std::string service;  // text for the log; may be empty
        std::string rhost;    // where a service says the user is; may be empty
    };
    struct Handler {
        // A prompt, or a text to show; `kind` is one of PromptSecret .. ErrorText.
        std::function<void(step_up::FrameKind kind, std::string text)> on_prompt;
        // Granted, or the reason of the refusal. The last call; it may destroy the StepUp.
        std::function<void(Result<void>)> on_outcome;
        // Called before a Throttled outcome that says how long. May be unset.
        std::function<void(std::chrono::milliseconds wait)> on_throttled = {};
        // It ended before its outcome. May be unset.
        std::function<void()> on_left = {};
    };

    // Unavailable: nobody listens at `socket_path`. InsecurePeer: the listener is not root.
    static Result<std::unique_ptr<StepUp>> start(bus::EventLoop& loop,
                                                 const std::string& socket_path,
                                                 const Request& request, Handler handler);
    ~StepUp();
    // The answer to the last PromptSecret or PromptVisible.
    Result<void> answer(const PromptAnswer& answer);
    // Ends the conversation; then only `on_left` is called. May be called inside a callback, during
    // which the object itself must live on.
    void stop();

  private:
    StepUp(UniqueFd socket, Handler handler)
        : socket_(std::move(socket)), handler_(std::move(handler)) {}

    Result<void> send_frame(step_up::FrameKind kind, std::string_view payload);
    void on_readable();
    // False if the conversation is over, and this object perhaps destroyed.
    bool handle_frame(const step_up::Frame& frame);
    void refuse(std::string_view refusal);
    void leave();
    void finish(const Result<void>& outcome);

    UniqueFd socket_;
    Handler handler_;
    bus::EventLoop::Source source_;
    SecretBuffer received_{step_up::kFrameBytes};
    std::size_t prompts_ = 0;
};

}  // namespace patd
