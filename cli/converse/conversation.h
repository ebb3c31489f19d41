// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/converse/messages.h"
#include "cli/io/line_channel.h"
#include "cli/session/answers.h"
#include "cli/session/carry_out.h"

#include <nlohmann/json.hpp>

#include <cstdint>

namespace patd::cli {

// One conversation with another program about one operation (patctl-converse(7)), from begin to
// ended. Thread rule: the only thread of the process.
class Conversation final : public Asker {
  public:
    Conversation(const Session& session, LineChannel& channel)
        : session_(session), channel_(channel) {}

    // The first message. What is wrong with it is in `faults`.
    Result<Begin> begin();
    // A connection whose calls end with Cancelled when the program ends the conversation.
    Result<client::TokensClient> connect() const;

    enum class Cancelling { Allowed, TooLate };
    // As carry_out of cli/session. With `cancelling` TooLate, what was answered takes effect before
    // commit, so that a cancellation is heard only while the program is asked.
    Result<client::Dictionary> carry_out(client::Operation operation,
                                         const SecretBuffer* secret = nullptr,
                                         Remembered* remembered = nullptr,
                                         Cancelling cancelling = Cancelling::Allowed);

    Result<SecretBuffer> answer(const client::Prompt& prompt) override;
    void show(const client::Prompt& prompt) override;
    Error failed(const Error& error) override { return error; }

    // What is wrong; where it is empty, the error that ends the conversation says it.
    Faults faults{};
    // What was done, as `ended` tells it, whatever comes then.
    nlohmann::ordered_json result = nlohmann::ordered_json::object();

    // The last message. An error that leaves open whether the change was made, such as no answer to
    // Commit, must have been noted by carry_out.
    ExitCode end(const Result<void>& done);

  private:
    using Json = nlohmann::ordered_json;

    Result<void> say(const Json& message);
    Result<Message> receive(std::optional<std::chrono::seconds> within);
    Result<void> prove(client::Operation& operation, const SecretBuffer* secret,
                       Remembered* remembered);
    Result<client::Dictionary> go_through(client::Operation& operation, const SecretBuffer* secret,
                                          Remembered* remembered, Cancelling cancelling);
    Result<void> hand_over(client::Operation& operation, const std::string& id,
                           client::SecretSink& sink);
    Result<void> say_secret(const std::string& id, const SecretBuffer& secret);
    Error note_unknown(const Error& error);
    Fault explain(const Error& error) const;

    const Session& session_;
    LineChannel& channel_;
    std::uint32_t prompts_ = 0;
    UniqueFd unanswered_;  // the sink of a prompt; closed before Cancel, it is an empty answer
    std::optional<Error> unsaid_;  // why `show` could not
    bool is_unknown_ = false;      // whether the change was made
};

}  // namespace patd::cli
