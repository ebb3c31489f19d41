// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace patd {

// Seconds since 1970, UTC. 0 stands for "never" where a field says so.
using UnixTime = std::int64_t;

// What the wall clock is worth where it decides whether something has expired.
enum class ClockTrust {
    Right,
    Ahead,    // it went forward by more than a day not long ago, which may be a mistake
    Behind,   // it stands before a time that has been
    Unknown,  // so it did at the start too: nobody knows how long ago that time was
};
// "right", "ahead", ...: what `status` says.
std::string_view clock_trust_name(ClockTrust trust);

// The two clocks that patd reads, behind one seam so that tests set them.
// Thread rule: implementations are safe from any thread.
class Clock {
  public:
    virtual ~Clock() = default;
    // Wall clock (CLOCK_REALTIME): expiry, audit. It may jump.
    virtual UnixTime now() const = 0;
    // CLOCK_BOOTTIME: deadlines. It only goes forward, also while suspended.
    virtual std::chrono::milliseconds since_boot() const = 0;
    virtual ClockTrust trust() const { return ClockTrust::Right; }
    // What has expired by this time is refused: now(), or the end of all time where the time is
    // Unknown.
    virtual UnixTime expiry_time() const { return now(); }
};

class SystemClock final : public Clock {
  public:
    UnixTime now() const override;
    std::chrono::milliseconds since_boot() const override;
};

}  // namespace patd
