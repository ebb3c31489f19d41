// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secrets.h"
#include "common/step_up/frame_stream.h"

#include <security/pam_appl.h>

#include <optional>
#include <string>

namespace patd::auth {

// The conversation with the user at the other end of the stream: sends what PAM modules ask as a
// frame, and receives the answer as one. Borrows the stream. Thread rule: one at a time.
class Conversation {
  public:
    explicit Conversation(step_up::FrameStream& stream) : stream_(stream) {}
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;

    // Asks without echo. Errors: Cancelled (the client left or was idle too long, or there were too
    // many prompts), MalformedRequest (an answer that is too long or holds a NUL byte).
    Result<PromptAnswer> ask(std::string_view prompt);
    // Shows an error text. Cancelled.
    Result<void> show_error(std::string_view text);

    // What modules ask for as `Password: ` alone is asked for under this name.
    void name_password(std::string prompt) { password_prompt_ = std::move(prompt); }
    // For pam_start(3); valid as long as this object.
    pam_conv as_pam_conv();

    // Why the conversation broke off; nothing if it did not.
    const std::optional<Error>& failure() const { return failure_; }
    // Whether any answer has come: before that, no password can have been checked.
    bool has_answer() const { return has_answer_; }

  private:
    static int converse(int count, const pam_message** messages, pam_response** responses,
                        void* self);

    Result<void> relay(std::span<const pam_message* const> messages, pam_response* responses);
    Result<PromptAnswer> prompt(step_up::FrameKind kind, std::string_view text);
    Result<void> show(step_up::FrameKind kind, std::string_view text);
    Result<PromptAnswer> exchange(step_up::FrameKind kind, std::string_view text);

    step_up::FrameStream& stream_;
    std::size_t messages_ = 0;
    bool has_answer_ = false;
    std::optional<Error> failure_;
    std::string password_prompt_ = {};
};

}  // namespace patd::auth
