// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "common/bus/done.h"
#include "common/bus/event_loop.h"
#include "daemon/context/clock_guard.h"
#include "daemon/context/context.h"

#include <chrono>

namespace patd {

// Keeps the mark of a ClockGuard in the store from run to run, and tells the journal when the clock
// is not trusted, once each time. Thread rule: the loop's thread; the store is written on the
// writer.
class ClockKeeper {
  public:
    struct Parts {
        bus::EventLoop& loop;
        ClockGuard& guard;
        Context context;
    };
    explicit ClockKeeper(const Parts& parts) : parts_(parts) {}

    // Takes over the mark of the previous run. Call before the store has other users; Corrupt,
    // Unavailable.
    static Result<void> resume(store::TokenStore& store, ClockGuard& guard);

    // Checks now, and then every `period`. A crash can lose as much of the mark, and more if the
    // store is closed (a locked keyring): then nothing is kept, and nothing is reported about that.
    // Call it again when the store is open again.
    void begin(std::chrono::minutes period = std::chrono::minutes(10));
    void look();
    // Root says that the wall clock is right: this is recorded, trusted and kept, in this order.
    void accept(const Caller& root, const Done& done);

  private:
    void tell(ClockTrust trust);
    void keep(const Done& done);

    Parts parts_;
    std::chrono::minutes period_{};
    bus::EventLoop::Source timer_;
    ClockTrust told_ = ClockTrust::Right;
    UnixTime kept_ = 0;
};

}  // namespace patd
