// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace patd {

// Seconds since 1970, UTC. 0 means "never" where a field says so.
using UnixTime = std::int64_t;

// How far the wall clock can be trusted to decide whether something has expired.
enum class ClockTrust {
    Right,
    Ahead,    // it recently jumped forward by more than a day, which may be a mistake
    Behind,   // it is behind a time already seen
    Unknown,  // it was behind at the start too: nobody knows how long ago that time was
};
// "right", "ahead", ...: what `status` says.
std::string_view clock_trust_name(ClockTrust trust);

// The two clocks that patd reads, behind an interface so that tests can set them.
// Thread rule: implementations are safe from any thread.
class Clock {
  public:
    virtual ~Clock() = default;
    // Wall clock (CLOCK_REALTIME): expiry, audit. It may jump.
    virtual UnixTime now() const = 0;
    // CLOCK_BOOTTIME: deadlines. It only goes forward, and counts time spent suspended.
    virtual std::chrono::milliseconds since_boot() const = 0;
    virtual ClockTrust trust() const { return ClockTrust::Right; }
    // Whatever expires by this time is refused: now(), or the end of all time while the clock is
    // Unknown.
    virtual UnixTime expiry_time() const { return now(); }
};

class SystemClock final : public Clock {
  public:
    UnixTime now() const override;
    std::chrono::milliseconds since_boot() const override;
};

}  // namespace patd
