// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/state/turns.h"

#include "common/base/limits.h"

#include <algorithm>
#include <utility>

namespace patd {
namespace {

std::chrono::nanoseconds steady_time() {
    return std::chrono::steady_clock::now().time_since_epoch();
}

}  // namespace

Turns::Turns(bus::EventLoop& loop, LotOf lot_of, Stopwatch stopwatch)
    : loop_(loop),
      lot_of_(std::move(lot_of)),
      stopwatch_(stopwatch ? std::move(stopwatch) : steady_time) {}

void Turns::add(Uid uid, Step step) {
    lots_[lot_of(uid)].requests.push_back(std::move(step));
    schedule();
}

void Turns::work(Uid uid, Step step) {
    for (std::size_t i = 0; i < limits::kStepsAtOnce || has_time(); ++i) {
        if (run_step(step) == Progress::Finished)
            return;
    }
    lots_[lot_of(uid)].works.push_back(std::move(step));
    schedule();
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

Turns::Progress Turns::run_step(const Step& step) {
    ++steps_;
    return step();
}

// The lot's requests and its works take turns too. A step may add to any lot, also to its own.
void Turns::run_next(Lot& lot) {
    const bool is_work = lot.requests.empty() || (lot.works_next && !lot.works.empty());
    lot.works_next = !is_work;
    if (!is_work) {
        const Step step = std::move(lot.requests.front());
        lot.requests.pop_front();
        if (run_step(step) == Progress::More)
            lot.requests.push_back(step);
        return;
    }
    const Step step = std::move(lot.works.front());
    lot.works.pop_front();
    if (run_step(step) == Progress::More)
        lot.works.push_front(step);
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
    // A whole turn that it owed and did not sit out is forgiven: nobody else was there.
    lot.debt = over + (lot.debt < limits::kTurnBudget ? lot.debt : std::chrono::nanoseconds(0));
}

void Turns::run_round() {
    const std::chrono::nanoseconds began = stopwatch_();
    for (std::size_t turns = lots_.size(); turns > 0 && !lots_.empty(); --turns) {
        auto next = lots_.upper_bound(last_);
        if (next == lots_.end())
            next = lots_.begin();
        last_ = next->first;
        // A lot stays while its steps run, so that what they add finds it.
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
