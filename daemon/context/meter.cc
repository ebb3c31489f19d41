// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/context/meter.h"

namespace patd {

void Meter::count(UnixTime now) {
    Slot& slot = slots_[static_cast<std::uint64_t>(now) % kSeconds];
    if (slot.second != now)
        slot = {now, 0};
    ++slot.count;
    ++total_;
}

std::uint32_t Meter::last_minute(UnixTime now) const {
    std::uint32_t sum = 0;
    // A clock that was set back leaves seconds in the future: they are not part of the last minute.
    for (const Slot& slot : slots_) {
        if (slot.second <= now && slot.second > now - static_cast<UnixTime>(kSeconds))
            sum += slot.count;
    }
    return sum;
}

}  // namespace patd
