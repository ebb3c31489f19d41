// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/operation/step_up_services.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace patd {

// Asks patd-auth whether an account has a service password, for that account alone
// (docs/step-up-protocol.md, `state`). Who has one was asked about once: nothing takes it away
// again. Thread rule: the loop's thread.
class PasswordState {
  public:
    PasswordState(bus::EventLoop& loop, StepUpServices& services)
        : loop_(loop), services_(services) {}

    // Nothing: patd-auth did not say within kPasswordStateDeadline, or the machine asks for
    // something else than a service password.
    using Callback = std::function<void(std::optional<bool> is_set)>;
    void find(Uid uid, const std::string& user, Callback callback);

  private:
    using Who = std::pair<Uid, std::string>;
    struct Question {
        std::unique_ptr<StepUp> step_up = nullptr;
        std::vector<Callback> callbacks = {};
        bus::EventLoop::Source deadline = {};
    };

    Result<void> ask(const Who& who, Question& question);
    void answer(const Who& who, std::optional<bool> is_set);

    bus::EventLoop& loop_;
    StepUpServices& services_;
    std::map<Who, Question> questions_;
    std::set<Who> with_password_;
    // Neither a StepUp nor a source may die inside its own callback: these go at the next turn.
    std::vector<Question> finished_;
    bus::EventLoop::Source sweep_;
};

}  // namespace patd
