// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/operation/password_check.h"

#include "common/base/limits.h"

namespace patd {

struct PasswordCheck::Conversation {
    PromptAnswer password;
    Done done;
    std::unique_ptr<StepUp> step_up;
    bool answered = false;
};

void PasswordCheck::check(const Request& request, PromptAnswer password, Done done) {
    if (conversations_.size() >= limits::kPasswordChecks)
        return done(Errc::LimitExceeded);
    const std::uint64_t number = ++last_number_;
    const auto conversation = std::make_shared<Conversation>();
    conversation->password = std::move(password);
    conversation->done = std::move(done);
    StepUp::Handler handler;
    handler.on_prompt = [this, number, conversation = std::weak_ptr<Conversation>(conversation)](
                            step_up::FrameKind kind, const std::string&) {
        const std::shared_ptr<Conversation> held = conversation.lock();
        if (!held || kind == step_up::FrameKind::Info || kind == step_up::FrameKind::ErrorText)
            return;
        // A stack that asks for more than a password cannot be answered here.
        if (held->answered || kind != step_up::FrameKind::PromptSecret)
            return finish(number, Errc::Unavailable);
        held->answered = true;
        if (const Result<void> sent = held->step_up->answer(held->password); !sent)
            finish(number, sent.error());
    };
    handler.on_verdict = [this, number](const Result<void>& verdict) { finish(number, verdict); };
    const StepUp::Request begin{"authenticate", request.caller, request.uid, request.user,
                                request.service};
    Result<std::unique_ptr<StepUp>> started =
        StepUp::start(loop_, sockets_.auth, begin, std::move(handler));
    if (!started)
        return conversation->done(started.error());
    conversation->step_up = std::move(*started);
    conversations_.emplace(number, conversation);
}

void PasswordCheck::finish(std::uint64_t number, const Result<void>& verdict) {
    const auto found = conversations_.find(number);
    if (found == conversations_.end())
        return;
    const std::shared_ptr<Conversation> conversation = std::move(found->second);
    conversations_.erase(found);
    const Done done = std::move(conversation->done);
    finished_.push_back(conversation);
    sweep_ = loop_.after(std::chrono::milliseconds(0), [this] { finished_.clear(); });
    done(verdict);
}

}  // namespace patd
