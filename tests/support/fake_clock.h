// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"

#include <atomic>
#include <chrono>

namespace patd::support {

// Both clocks stand still until a test moves them.
class FakeClock final : public Clock {
  public:
    static constexpr UnixTime kStart = 1'800'000'000;  // the first second of a minute

    UnixTime now() const override { return now_; }
    std::chrono::milliseconds since_boot() const override { return since_boot_.load(); }

    void advance(std::chrono::seconds time) {
        now_ += time.count();
        since_boot_ = since_boot_.load() + time;
    }
    // Sets the wall clock; the time since boot goes on unchanged.
    void jump_to(UnixTime now) { now_ = now; }

  private:
    std::atomic<UnixTime> now_{kStart};
    std::atomic<std::chrono::milliseconds> since_boot_{std::chrono::hours(1)};
};

inline constexpr UnixTime kNow = FakeClock::kStart;

}  // namespace patd::support
