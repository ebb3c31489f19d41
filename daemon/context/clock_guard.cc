// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/context/clock_guard.h"

#include <cstdlib>
#include <limits>

namespace patd {
namespace {

// A mark beyond the year 9999 is damage, not a time.
constexpr UnixTime kMarkMax = 253'402'300'799;

}  // namespace

void ClockGuard::resume(UnixTime mark) {
    const std::lock_guard lock(mutex_);
    believed_.reset();
    jump_.reset();
    known_ = false;
    if (mark > 0 && mark <= kMarkMax)
        believed_ = Moment{mark, clock_.since_boot()};
}

void ClockGuard::accept() {
    const std::lock_guard lock(mutex_);
    believed_ = read();
    jump_.reset();
    known_ = true;
}

UnixTime ClockGuard::mark() const {
    return look().mark;
}

UnixTime ClockGuard::now() const {
    return look().now();
}

ClockTrust ClockGuard::trust() const {
    return look().trust;
}

UnixTime ClockGuard::expiry_time() const {
    const Seen seen = look();
    return seen.trust == ClockTrust::Unknown ? std::numeric_limits<UnixTime>::max() : seen.now();
}

ClockGuard::Seen ClockGuard::look() const {
    const std::lock_guard lock(mutex_);
    const Moment now = read();
    if (!believed_)
        believed_ = now;
    const UnixTime step = now.wall - believed_->carried_to(now.boot);
    known_ = known_ || step >= -kStepMax;
    if (step < 0)
        jump_.reset();
    const bool is_ahead = step > kStepMax && !has_lasted(now);
    if (step >= 0 && !is_ahead) {
        believed_ = now;
        jump_.reset();
    }
    ClockTrust trust = is_ahead ? ClockTrust::Ahead : ClockTrust::Right;
    if (step < -kTolerance)
        trust = known_ ? ClockTrust::Behind : ClockTrust::Unknown;
    return {now.wall, believed_->carried_to(now.boot), trust};
}

bool ClockGuard::has_lasted(const Moment& now) const {
    if (!jump_ || std::abs(now.wall - jump_->carried_to(now.boot)) > kStepMax)
        jump_ = now;
    return now.boot - jump_->boot >= kJumpLasts;
}

}  // namespace patd
