// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "daemon/operation/operation.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace patd {

// Asks patd-auth whether a password that a service was given is a user's service password: a
// step-up whose only prompt is answered at once.
// Thread rule: the loop's thread.
class PasswordCheck {
  public:
    PasswordCheck(bus::EventLoop& loop, const StepUpSockets& sockets)
        : loop_(loop), sockets_(sockets) {}

    struct Request {
        Uid caller;
        Uid uid;
        std::string user;
        std::string service;
    };
    // Calls back once: granted, or WrongPassword, Throttled, NoServicePassword, Busy, ...
    // LimitExceeded: too many checks are under way.
    void check(const Request& request, PromptAnswer password, Done done);

  private:
    struct Conversation;
    void finish(std::uint64_t number, const Result<void>& verdict);

    bus::EventLoop& loop_;
    const StepUpSockets& sockets_;
    std::uint64_t last_number_ = 0;
    std::map<std::uint64_t, std::shared_ptr<Conversation>> conversations_;
    // A StepUp may not die inside its own callback: these go at the next turn of the loop.
    std::vector<std::shared_ptr<Conversation>> finished_;
    bus::EventLoop::Source sweep_;
};

}  // namespace patd
