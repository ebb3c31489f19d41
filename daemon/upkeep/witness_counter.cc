// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/upkeep/witness_counter.h"

#include "common/base/log_messages.h"
#include "common/base/witness_limits.h"

#include <algorithm>
#include <utility>

namespace patd {
namespace {

CounterState trouble_of(Errc code, bool is_named) {
    switch (code) {
        case Errc::NotFound:
            return is_named ? CounterState::Gone : CounterState::None;
        case Errc::AccessDenied:
            return CounterState::Refused;
        case Errc::BadFile:
            return CounterState::Unusable;
        default:
            return CounterState::Unread;
    }
}

}  // namespace

std::string_view counter_name(CounterState state) {
    switch (state) {
        case CounterState::None:
            return "none";
        case CounterState::Starting:
            return "starting";
        case CounterState::Kept:
            return "kept";
        case CounterState::Behind:
            return "behind";
        case CounterState::Unread:
            return "unread";
        case CounterState::Gone:
            return "gone";
        case CounterState::Refused:
            return "refused";
        case CounterState::Unusable:
            return "unusable";
    }
    return "";
}

CountVerdict compare_counts(const std::optional<TpmCount>& named, const TpmCount& said) {
    if (!named)
        return CountVerdict::Begins;
    if (*named == said)
        return CountVerdict::Fits;
    if (named->id != said.id)
        return CountVerdict::Lost;
    if (named->value < said.value)
        return CountVerdict::PutBack;
    return named->value == said.value + 1 ? CountVerdict::Short : CountVerdict::Lost;
}

void WitnessCounter::saw(const Result<TpmCount>& said, bool is_named) {
    if (said) {
        trouble_.reset();
        return;
    }
    CounterState trouble = trouble_of(said.error().code, is_named);
    if (trouble == CounterState::Unusable && trouble_ != CounterState::Unread &&
        trouble_ != CounterState::Unusable)
        trouble = CounterState::Unread;
    if (std::exchange(trouble_, trouble) != trouble && trouble != CounterState::None)
        log(messages::kCounterUnread, said.error());
}

void WitnessCounter::ended(const CountOutcome& outcome, bool is_named) {
    if (outcome.said)
        saw(*outcome.said, is_named);
    for (int step = 0; step < outcome.steps; ++step)
        full_at_ = full_after_one();
    if (outcome.refusal && !std::exchange(refused_, true))
        log(messages::kCounterBehind, *outcome.refusal);
    if (outcome.steps > 0)
        fresh_ = false;
    if (outcome.counted)
        owed_ = refused_ = false;
}

void WitnessCounter::owe() {
    owed_ = true;
    fresh_ = false;
}

CounterState WitnessCounter::state() const {
    if (trouble_)
        return *trouble_;
    if (owed_)
        return fresh_ ? CounterState::Starting : CounterState::Behind;
    return CounterState::Kept;
}

std::chrono::milliseconds WitnessCounter::full_after_one() const {
    return std::max(full_at_, clock_.since_boot()) + limits::kCounterRefill;
}

bool WitnessCounter::is_usable() const {
    return !trouble_ || *trouble_ == CounterState::Unread || *trouble_ == CounterState::Gone;
}

bool WitnessCounter::is_within_limit() const {
    return full_after_one() - clock_.since_boot() <= limits::kCounterBurst * limits::kCounterRefill;
}

}  // namespace patd
