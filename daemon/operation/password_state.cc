// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/operation/password_state.h"

#include "common/base/service_limits.h"

namespace patd {

void PasswordState::find(Uid uid, const std::string& user, Callback callback) {
    const Who who(uid, user);
    if (with_password_.contains(who))
        return callback(true);
    const auto under_way = questions_.find(who);
    if (under_way != questions_.end()) {
        under_way->second.callbacks.push_back(std::move(callback));
        return;
    }
    if (questions_.size() >= limits::kPasswordStates)
        return callback(std::nullopt);
    Question question;
    if (!ask(who, question))
        return callback(std::nullopt);
    question.callbacks.push_back(std::move(callback));
    questions_.emplace(who, std::move(question));
}

Result<void> PasswordState::ask(const Who& who, Question& question) {
    StepUp::Handler handler;
    handler.on_prompt = [](step_up::FrameKind, const std::string&) {};
    handler.on_outcome = [this, who](const Result<void>& outcome) {
        if (outcome)
            return answer(who, true);
        const bool has_none = outcome.error().code == Errc::NoServicePassword;
        answer(who, has_none ? std::optional(false) : std::nullopt);
    };
    const StepUp::Request request{"state", who.first, who.first, who.second, {}, {}};
    question.step_up = TRY(services_.start(request, std::move(handler)));
    question.deadline =
        loop_.after(limits::kPasswordStateDeadline, [this, who] { answer(who, std::nullopt); });
    return {};
}

void PasswordState::answer(const Who& who, std::optional<bool> is_set) {
    const auto found = questions_.find(who);
    if (found == questions_.end())
        return;
    const std::vector<Callback> callbacks = std::move(found->second.callbacks);
    finished_.push_back(std::move(found->second));
    questions_.erase(found);
    if (is_set == true) {
        if (with_password_.size() >= limits::kThrottlesKnown)
            with_password_.clear();
        with_password_.insert(who);
    }
    sweep_ = loop_.after(std::chrono::milliseconds(0), [this] { finished_.clear(); });
    for (const Callback& callback : callbacks)
        callback(is_set);
}

}  // namespace patd
