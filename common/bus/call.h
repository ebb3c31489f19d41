// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "common/base/result.h"
#include "common/bus/handles.h"

#include <functional>
#include <memory>
#include <string>

namespace patd::bus {

// One admitted method call: who calls, what was sent, and the duty to answer exactly once, now or
// later. A Call that is dropped unanswered answers Internal, so that no client hangs.
class Call {
  public:
    // Counts this call towards its caller's, until it is answered.
    using Ticket = std::shared_ptr<const void>;

    Call(MessagePtr message, Caller caller, Ticket ticket = {})
        : message_(std::move(message)), caller_(std::move(caller)), ticket_(std::move(ticket)) {}
    Call(Call&&) = default;
    Call& operator=(Call&&) = delete;
    Call(const Call&) = delete;
    ~Call();

    // The same call, now with its caller.
    Call of(Uid uid, Ticket ticket) && {
        return {std::move(message_), {uid, caller_.connection}, std::move(ticket)};
    }

    const Caller& caller() const { return caller_; }
    // For decoding the arguments (common/bus/dict.h).
    sd_bus_message* message() const { return message_.get(); }
    // The part of the object's path after the last '/'.
    std::string object_name() const;

    // False: nobody waits for an answer, and none is made.
    bool wants_reply() const;
    // Answers with what `fill` appends; `fill` is not called if no answer is wanted.
    void reply(const std::function<Result<void>(sd_bus_message*)>& fill = {});
    // For an answer that is filled in several steps.
    Result<MessagePtr> new_reply() const;
    void reply_with(const MessagePtr& answer);
    // Answers org.patd.Tokens1.Error.<name> with its fixed sentence; the context goes to the log.
    void fail(const Error& error);

  private:
    MessagePtr message_;
    Caller caller_;
    Ticket ticket_;
};

}  // namespace patd::bus
