// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"

#include <mutex>
#include <optional>

namespace patd {

// The wall clock as far as it is trusted (docs/adr/0015). The highest trusted time, the mark, is
// carried forward by the time since boot, and now() never falls below it: what has expired stays
// expired if somebody sets the clock back. A step forward of more than a day is followed, but not
// trusted until it has lasted an hour: until then the clock may come back, and everything is as
// before. Thread rule: any thread.
class ClockGuard final : public Clock {
  public:
    static constexpr UnixTime kStepMax = 24L * 60 * 60;
    static constexpr std::chrono::hours kJumpLasts{1};
    // The clock and the time since boot are read one after the other, and a leap second is no step.
    static constexpr UnixTime kTolerance = 60;

    // `clock` must outlive it.
    explicit ClockGuard(const Clock& clock) : clock_(clock) {}

    // Takes the mark of the previous run; 0: there was none. Call before anything asks for the
    // time.
    void resume(UnixTime mark);
    // Root says that the wall clock is right, even if it is behind the mark.
    void accept();
    // What the next run resumes.
    UnixTime mark() const;

    UnixTime now() const override;
    std::chrono::milliseconds since_boot() const override { return clock_.since_boot(); }
    ClockTrust trust() const override;
    UnixTime expiry_time() const override;

  private:
    // A wall-clock time, and the time since boot when it was read.
    struct Moment {
        UnixTime wall = 0;
        std::chrono::milliseconds boot{};

        UnixTime carried_to(std::chrono::milliseconds later) const {
            return wall + std::chrono::floor<std::chrono::seconds>(later - boot).count();
        }
    };
    struct Seen {
        UnixTime wall;
        UnixTime mark;
        ClockTrust trust;

        UnixTime now() const { return wall < mark ? mark : wall; }
    };

    Moment read() const { return {clock_.now(), clock_.since_boot()}; }
    Seen look() const;
    // Whether a step forward to `now` is old enough to be trusted.
    bool has_lasted(const Moment& now) const;

    const Clock& clock_;
    mutable std::mutex mutex_;
    mutable std::optional<Moment> believed_;
    mutable std::optional<Moment> jump_;  // not trusted yet
    mutable bool known_ = false;  // the wall clock was near the mark at some time since the start
};

}  // namespace patd
