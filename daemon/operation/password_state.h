// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/operation/step_up_services.h"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace patd {

// Asks patd-auth whether an account has a service password, for that account alone
// (docs/step-up-protocol.md, `state`). An answer holds for kPasswordStateKept, or until `services`
// know better: root may remove or restore what patd-auth keeps, and a Status must not cost a
// process each time. Thread rule: the loop's thread.
class PasswordState {
  public:
    PasswordState(bus::EventLoop& loop, StepUpServices& services, const Clock& clock);
    PasswordState(const PasswordState&) = delete;
    PasswordState& operator=(const PasswordState&) = delete;
    ~PasswordState() { services_.on_password_news({}); }

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
        bool is_outdated = false;  // its answer may be older than what was learned meanwhile
    };
    struct Answer {
        std::optional<bool> is_set;
        std::chrono::milliseconds until;  // since boot
    };

    Result<void> ask(const Who& who, Question& question);
    void answer(const Who& who, std::optional<bool> is_set);
    void remember(const Who& who, std::optional<bool> is_set);
    void forget(Uid uid);

    bus::EventLoop& loop_;
    StepUpServices& services_;
    const Clock& clock_;
    std::map<Who, Question> questions_;
    std::map<Who, Answer> answers_;
    // Neither a StepUp nor a source may die inside its own callback: these go at the next turn.
    std::vector<Question> finished_;
    bus::EventLoop::Source sweep_;
};

}  // namespace patd
