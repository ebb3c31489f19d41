// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace patd {

// How often something happened, in total and in the last minute. Counting needs no memory beyond
// this object. Thread rule: one thread.
class Meter {
  public:
    void count(UnixTime now);
    std::uint64_t total() const { return total_; }
    // In the sixty seconds that end with `now`.
    std::uint32_t last_minute(UnixTime now) const;

  private:
    static constexpr std::size_t kSeconds = 60;

    // One slot per second, reused after a minute.
    struct Slot {
        UnixTime second = 0;
        std::uint32_t count = 0;
    };
    std::array<Slot, kSeconds> slots_{};
    std::uint64_t total_ = 0;
};

// The activity of all users, in numbers.
struct Activity {
    Meter releases;
    Meter verifies;  // of valid tokens
    Meter refusals;  // of a release or a verify
};

}  // namespace patd
