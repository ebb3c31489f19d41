// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "common/bus/handles.h"

#include <functional>
#include <string>

namespace patd::bus {

// One method call that was admitted: who calls, what was sent, and the duty to answer exactly once,
// now or later. A Call that is dropped unanswered answers Internal, so that no client hangs.
class Call {
  public:
    Call(MessagePtr message, Caller caller)
        : message_(std::move(message)), caller_(std::move(caller)) {}
    Call(Call&&) = default;
    Call& operator=(Call&&) = delete;
    Call(const Call&) = delete;
    ~Call();

    const Caller& caller() const { return caller_; }
    // For decoding the arguments (common/bus/dict.h).
    sd_bus_message* message() const { return message_.get(); }
    // What follows the last '/' of the object's path.
    std::string object_name() const;

    // Answers with what `fill` appends; it is not called where no answer is wanted.
    void reply(const std::function<Result<void>(sd_bus_message*)>& fill = {});
    // Answers org.patd.Tokens1.Error.<name> with its fixed sentence; the context goes to the log.
    void fail(const Error& error);

  private:
    MessagePtr message_;
    Caller caller_;
};

}  // namespace patd::bus
