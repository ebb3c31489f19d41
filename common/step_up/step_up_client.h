// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secrets.h"
#include "common/base/uid.h"
#include "common/base/unique_fd.h"
#include "common/step_up/frame_stream.h"

#include <initializer_list>
#include <string>
#include <utility>

namespace patd::step_up {

// The client's end of one conversation (docs/step-up-protocol.md), blocking: `patctl admin passwd`
// uses it with patd-enroll. Call begin once, then next until it returns Granted or Refused, and
// answer after each of the two prompts. Destroying it cancels.
class StepUpClient {
  public:
    // What the service says next; nothing of it is secret.
    struct Step {
        FrameKind kind;    // PromptSecret, PromptVisible, Info, ErrorText, Granted or Refused
        std::string text;  // the prompt or message; an errc_name for Refused
    };
    using Attributes = std::initializer_list<std::pair<std::string_view, std::string_view>>;

    // Connects and checks that the listener is root's (systemd's), or this process's own uid.
    // Unavailable, InsecurePeer.
    static Result<StepUpClient> connect(const std::string& path);

    // `attributes` are those of the Begin frame: op, caller, uid, user, ...
    Result<void> begin(Attributes attributes);
    // Unavailable: the service went away, was silent for a minute, or broke the protocol.
    Result<Step> next();
    // InvalidPassword: over 512 bytes. Unavailable.
    Result<void> answer(const PromptAnswer& answer);

  private:
    explicit StepUpClient(UniqueFd socket);

    UniqueFd socket_;
    FrameStream stream_;
};

}  // namespace patd::step_up
