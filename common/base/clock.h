// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <chrono>
#include <cstdint>

namespace patd {

// Seconds since 1970, UTC. 0 stands for "never" where a field says so.
using UnixTime = std::int64_t;

// The two clocks that patd reads, behind one seam so that tests set them.
// Thread rule: implementations are safe from any thread.
class Clock {
  public:
    virtual ~Clock() = default;
    // Wall clock (CLOCK_REALTIME): expiry, audit. It may jump.
    virtual UnixTime now() const = 0;
    // CLOCK_BOOTTIME: deadlines. It only goes forward, also while suspended.
    virtual std::chrono::milliseconds since_boot() const = 0;
};

class SystemClock final : public Clock {
  public:
    UnixTime now() const override;
    std::chrono::milliseconds since_boot() const override;
};

}  // namespace patd
