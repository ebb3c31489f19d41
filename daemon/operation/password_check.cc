// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/operation/password_check.h"

#include "common/base/limits.h"
#include "common/bus/firewall.h"

#include <algorithm>
#include <utility>

namespace patd {

using std::chrono::milliseconds;

struct PasswordCheck::Conversation {
    StepUp::Request begin;
    PromptAnswer password;
    Done done;
    milliseconds came{0};
    std::unique_ptr<StepUp> step_up = {};
    bool answered = false;

    Lot lot() const { return {begin.caller, begin.user}; }
};

void PasswordCheck::check(const Request& request, PromptAnswer password, Done done) {
    const char* op = request.caller.is_root() ? "check" : "authenticate";
    StepUp::Request begin{op,           request.caller,  request.uid,
                          request.user, request.service, request.rhost};
    if (const Result<void> admitted = services_.admit(begin); !admitted)
        return done(admitted);
    const auto conversation = std::make_shared<Conversation>(
        Conversation{std::move(begin), std::move(password), std::move(done), clock_.since_boot()});
    Queue& queue = queues_[conversation->lot()];
    if (queue.waiting.size() >= limits::kPasswordChecksWaiting) {
        if (note_refused_)
            note_refused_(request.caller);
        return conversation->done(Errc::LimitExceeded);
    }
    bus::Undo leave([&] { forget(conversation); });
    queue.waiting.push_back(conversation);
    begin_waiting();
    leave.keep();
}

// A check in progress ends by itself.
void PasswordCheck::forget(const ConversationPtr& conversation) {
    const auto lot = queues_.find(conversation->lot());
    if (lot == queues_.end())
        return;
    std::erase(lot->second.waiting, conversation);
    if (lot->second.under_way == 0 && lot->second.waiting.empty())
        queues_.erase(lot);
}

bool PasswordCheck::is_slowed(const Lot& lot) const {
    const auto found = refusals_.find(lot);
    return found != refusals_.end() && found->second.in_a_row >= limits::kPasswordRefusals &&
           clock_.since_boot() < found->second.last + limits::kPasswordRefusalsKept;
}

milliseconds PasswordCheck::due(const Lot& lot, const Queue& queue) const {
    if (queue.waiting.empty() || queue.under_way >= limits::kPasswordChecksPerUser)
        return milliseconds::max();
    const milliseconds came = queue.waiting.front()->came;
    if (!is_slowed(lot))
        return came;
    const milliseconds next_try = refusals_.at(lot).next_try;
    return lot.caller.is_root() ? std::min(next_try, came + limits::kPasswordCheckDelay) : next_try;
}

// Lots take turns: starts with the one after the last.
PasswordCheck::Queues::iterator PasswordCheck::next_due() {
    const milliseconds now = clock_.since_boot();
    auto next = last_ ? queues_.upper_bound(*last_) : queues_.begin();
    for (std::size_t i = 0; i < queues_.size(); ++i, ++next) {
        if (next == queues_.end())
            next = queues_.begin();
        if (due(next->first, next->second) <= now)
            return next;
    }
    return queues_.end();
}

void PasswordCheck::begin_waiting() {
    while (conversations_.size() < limits::kPasswordChecks) {
        const auto lot = next_due();
        if (lot == queues_.end())
            break;
        begin_first(lot);
    }
    milliseconds first = milliseconds::max();
    for (const auto& [lot, queue] : queues_)
        first = std::min(first, due(lot, queue));
    const milliseconds now = clock_.since_boot();
    // A check that is due but was not begun waits for another to end.
    if (first != milliseconds::max() && first > now)
        timer_ = loop_.after(first - now, [this] { begin_waiting(); });
}

void PasswordCheck::begin_first(Queues::iterator lot) {
    last_ = lot->first;
    Queue& queue = lot->second;
    const ConversationPtr conversation = queue.waiting.front();
    const milliseconds now = clock_.since_boot();
    const std::uint64_t number = ++last_number_;
    conversations_.emplace(number, conversation);
    queue.waiting.pop_front();
    ++queue.under_way;
    // Nobody waits for the answer any more.
    if (now >= conversation->came + limits::kClientDeadline)
        return finish(number, Errc::LimitExceeded);
    // Only one check per account is in progress: it must end, or no other ever begins.
    Result<void> started = Errc::Internal;
    bus::guarded("password check", [&] {
        if (is_slowed(*last_))
            refusals_[*last_].next_try = now + limits::kPasswordCheckPause;
        started = start(number, conversation);
    });
    if (!started)
        finish(number, started);
}

Result<void> PasswordCheck::start(std::uint64_t number, const ConversationPtr& conversation) {
    StepUp::Handler handler;
    handler.on_prompt = [this, number, conversation = std::weak_ptr<Conversation>(conversation)](
                            step_up::FrameKind kind, const std::string&) {
        const ConversationPtr held = conversation.lock();
        if (!held || kind == step_up::FrameKind::Info || kind == step_up::FrameKind::ErrorText)
            return;
        // A PAM stack that asks for more than a password cannot be answered here.
        if (held->answered || kind != step_up::FrameKind::PromptSecret)
            return finish(number, Errc::Unavailable);
        held->answered = true;
        if (const Result<void> sent = held->step_up->answer(held->password); !sent)
            finish(number, sent.error());
    };
    handler.on_outcome = [this, number](const Result<void>& outcome) { finish(number, outcome); };
    conversation->step_up = TRY(services_.start(conversation->begin, std::move(handler)));
    return {};
}

// Records how long the lot's next check has to wait.
void PasswordCheck::note(const Lot& lot, const Result<void>& outcome) {
    if (outcome) {
        refusals_.erase(lot);
        return;
    }
    const Errc why = outcome.error().code;
    if (why != Errc::WrongPassword && why != Errc::NoServicePassword)
        return;
    const milliseconds now = clock_.since_boot();
    const auto is_over = [now](const auto& known) {
        return known.second.last + limits::kPasswordRefusalsKept <= now;
    };
    if (refusals_.size() >= limits::kThrottlesKnown)
        std::erase_if(refusals_, is_over);
    if (refusals_.size() >= limits::kThrottlesKnown)
        refusals_.clear();
    Refusals& refusals = refusals_[lot];
    if (refusals.last + limits::kPasswordRefusalsKept <= now)
        refusals = {};
    ++refusals.in_a_row;
    refusals.last = now;
    refusals.next_try = std::max(refusals.next_try, now + limits::kPasswordCheckPause);
}

void PasswordCheck::finish(std::uint64_t number, const Result<void>& outcome) {
    const auto found = conversations_.find(number);
    if (found == conversations_.end())
        return;
    const ConversationPtr conversation = found->second;
    finished_.push_back(conversation);
    conversations_.erase(found);
    const Done done = std::move(conversation->done);
    const auto lot = queues_.find(conversation->lot());
    --lot->second.under_way;
    if (lot->second.under_way == 0 && lot->second.waiting.empty())
        queues_.erase(lot);
    note(conversation->lot(), outcome);
    sweep_ = loop_.after(milliseconds(0), [this] {
        finished_.clear();
        begin_waiting();
    });
    bus::guarded("end of a password check", [&] { done(outcome); });
}

}  // namespace patd
