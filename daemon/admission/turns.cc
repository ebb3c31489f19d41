// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/admission/turns.h"

#include "common/base/limits.h"
#include "common/bus/firewall.h"

#include <algorithm>
#include <utility>

namespace patd {
namespace {

constexpr std::chrono::minutes kTellTurnsEvery{1};

std::chrono::nanoseconds steady_time() {
    return std::chrono::steady_clock::now().time_since_epoch();
}

}  // namespace

Turns::Turns(bus::EventLoop& loop, LotOf lot_of, Stopwatch stopwatch)
    : loop_(loop),
      lot_of_(std::move(lot_of)),
      stopwatch_(stopwatch ? std::move(stopwatch) : steady_time) {}

void Turns::add(Uid uid, Step step) {
    schedule();
    lots_[lot_of(uid)].requests.push_back(std::move(step));
}

void Turns::work(Uid uid, Step step) {
    for (std::size_t i = 0; i < limits::kStepsAtOnce || has_time(); ++i) {
        if (run_step(step) == Progress::Finished)
            return;
    }
    schedule();
    lots_[lot_of(uid)].works.push_back(std::move(step));
}

void Turns::charge(Uid uid, std::chrono::nanoseconds spent) {
    const auto found = lots_.find(lot_of(uid));
    if (found == lots_.end())
        return;
    found->second.debt += spent;
    charged_ = true;
}

void Turns::schedule() {
    if (driven_ || scheduled_)
        return;
    next_round_ = loop_.soon([this] {
        scheduled_ = false;
        run_round();
    });
    scheduled_ = true;
}

// A step belongs to one request: if it throws, only that request ends (and is answered, because its
// step is dropped).
Turns::Progress Turns::run_step(const Step& step) {
    ++steps_;
    Progress progress = Progress::Finished;
    bus::guarded(
        "turn", [&] { progress = step(); }, [this] { return may_log(); });
    return progress;
}

// Limited, because a client that makes a step throw may do so repeatedly.
bool Turns::may_log() {
    const std::chrono::nanoseconds now = stopwatch_();
    if (told_ && now - *told_ < kTellTurnsEvery)
        return false;
    told_ = now;
    return true;
}

// The lot's requests and its works take turns too. A step may add to any lot, even its own, and
// stays in place until it has run: continuing must not need memory.
void Turns::run_next(Lot& lot) {
    const bool is_work = lot.requests.empty() || (lot.works_next && !lot.works.empty());
    lot.works_next = !is_work;
    std::deque<Step>& steps = is_work ? lot.works : lot.requests;
    const bool goes_on = run_step(steps.front()) == Progress::More;
    if (goes_on && is_work)
        return;
    if (goes_on && !bus::guarded("turn", [&] { steps.push_back(std::move(steps.front())); }))
        return;
    // Destroying it may add to this lot.
    const Step ended = std::move(steps.front());
    steps.pop_front();
}

void Turns::take_turn(Lot& lot) {
    if (lot.debt >= limits::kTurnBudget && (lots_.size() > 1 || charged_)) {
        lot.debt -= limits::kTurnBudget;
        return;
    }
    turn_ends_ = stopwatch_() + limits::kTurnBudget;
    in_turn_ = true;
    while (!lot.is_empty()) {
        run_next(lot);
        if (!has_time())
            break;
    }
    in_turn_ = false;
    const auto over = std::max(stopwatch_() - turn_ends_, std::chrono::nanoseconds(0));
    // A debt of a whole turn that was not sat out is forgiven: nobody else wanted a turn.
    lot.debt = over + (lot.debt < limits::kTurnBudget ? lot.debt : std::chrono::nanoseconds(0));
}

void Turns::run_round() {
    const std::chrono::nanoseconds began = stopwatch_();
    for (std::size_t turns = lots_.size(); turns > 0 && !lots_.empty(); --turns) {
        auto next = lots_.upper_bound(last_);
        if (next == lots_.end())
            next = lots_.begin();
        last_ = next->first;
        // A lot stays while its steps run, so that whatever they add finds it.
        take_turn(next->second);
        if (next->second.is_empty())
            lots_.erase(next);
        if (stopwatch_() - began >= limits::kRoundBudget)
            break;
    }
    charged_ = false;
    if (!lots_.empty())
        schedule();
}

}  // namespace patd
