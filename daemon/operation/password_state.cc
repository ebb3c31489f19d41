// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/operation/password_state.h"

#include "common/base/service_limits.h"

namespace patd {

PasswordState::PasswordState(bus::EventLoop& loop, StepUpServices& services, const Clock& clock)
    : loop_(loop), services_(services), clock_(clock) {
    services_.on_password_news([this](Uid uid) { forget(uid); });
}

void PasswordState::find(Uid uid, const std::string& user, Callback callback) {
    const Who who(uid, user);
    const auto known = answers_.find(who);
    if (known != answers_.end() && clock_.since_boot() < known->second.until)
        return callback(known->second.is_set);
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
    if (!found->second.is_outdated)
        remember(who, is_set);
    finished_.push_back(std::move(found->second));
    questions_.erase(found);
    sweep_ = loop_.after(std::chrono::milliseconds(0), [this] { finished_.clear(); });
    for (const Callback& callback : callbacks)
        callback(is_set);
}

void PasswordState::remember(const Who& who, std::optional<bool> is_set) {
    const std::chrono::milliseconds now = clock_.since_boot();
    if (answers_.size() >= limits::kThrottlesKnown)
        std::erase_if(answers_, [now](const auto& known) { return known.second.until <= now; });
    if (answers_.size() >= limits::kThrottlesKnown)
        answers_.clear();
    answers_.insert_or_assign(who, Answer{is_set, now + limits::kPasswordStateKept});
}

void PasswordState::forget(Uid uid) {
    std::erase_if(answers_, [uid](const auto& known) { return known.first.first == uid; });
    for (auto& [who, question] : questions_) {
        if (who.first == uid)
            question.is_outdated = true;
    }
}

}  // namespace patd
