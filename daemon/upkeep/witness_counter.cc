// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/upkeep/witness_counter.h"

#include "common/base/log_messages.h"
#include "common/base/witness_limits.h"

#include <algorithm>

namespace patd {

std::string_view counter_name(CounterState state) {
    switch (state) {
        case CounterState::None:
            return "none";
        case CounterState::Kept:
            return "kept";
        case CounterState::Behind:
            return "behind";
        case CounterState::Unread:
            return "unread";
        case CounterState::Refused:
            return "refused";
    }
    return "";
}

void WitnessCounter::take(const Result<TpmCount>& said) {
    count_ = said;
    unsettled_ = false;
    owed_ = false;
}

WitnessCounter::Verdict WitnessCounter::compare(const std::optional<TpmCount>& witnessed) {
    if (!count_) {
        const bool is_denied = count_.error().code == Errc::AccessDenied;
        const bool is_none = count_.error().code == Errc::NotFound && !witnessed;
        const CounterState before = std::exchange(
            state_, is_none ? CounterState::None
                            : (is_denied ? CounterState::Refused : CounterState::Unread));
        if (state_ != before && !is_none)
            log(messages::kCounterUnread, count_.error());
        return Verdict::Fits;
    }
    state_ = CounterState::Kept;
    if (!witnessed)
        return Verdict::Begins;
    const bool is_this = witnessed->id == count_->id;
    if (is_this && witnessed->value < count_->value)
        return Verdict::PutBack;
    // patd ended between both.
    unsettled_ = is_this && witnessed->value == count_->value + 1;
    if (unsettled_)
        state_ = CounterState::Behind;
    return unsettled_ || *witnessed == *count_ ? Verdict::Fits : Verdict::Lost;
}

std::chrono::milliseconds WitnessCounter::full_after_one() const {
    return std::max(full_at_, clock_.since_boot()) + limits::kCounterRefill;
}

bool WitnessCounter::may_step() const {
    return full_after_one() - clock_.since_boot() <= limits::kCounterBurst * limits::kCounterRefill;
}

WitnessCounter::Step WitnessCounter::next(const std::optional<TpmCount>& named) {
    if (!count_)
        return {Step::How::Nothing, named};
    if (unsettled_)
        return remaining();
    owed_ = !may_step();
    if (owed_) {
        state_ = CounterState::Behind;
        return {Step::How::Nothing, *count_};
    }
    full_at_ = full_after_one();
    return {Step::How::Advance, TpmCount{count_->value + 1, count_->id}};
}

WitnessCounter::Step WitnessCounter::remaining() const {
    return {Step::How::Settle, TpmCount{count_->value + 1, count_->id}};
}

bool WitnessCounter::is_elsewhere(const Step& step, const CounterLink& link) {
    if (step.how != Step::How::Advance)
        return false;
    const Result<TpmCount> said = link.read();
    return said && *said != TpmCount{step.count->value - 1, step.count->id};
}

Result<void> WitnessCounter::carry_out(const Step& step, const CounterLink& link) {
    switch (step.how) {
        case Step::How::Nothing:
            break;
        case Step::How::Advance:
            return link.advance(*step.count);
        case Step::How::Settle:
            return link.settle(*step.count);
    }
    return {};
}

bool WitnessCounter::end(const Step& step, const Result<void>& done) {
    if (step.how == Step::How::Nothing)
        return true;
    if (done) {
        count_ = *step.count;
        unsettled_ = false;
        state_ = CounterState::Kept;
        return true;
    }
    if (done.error().code == Errc::OutOfOrder) {
        unsettled_ = false;
        return false;
    }
    unsettled_ = true;
    if (std::exchange(state_, CounterState::Behind) != CounterState::Behind)
        log(messages::kCounterBehind, done.error());
    return true;
}

}  // namespace patd
