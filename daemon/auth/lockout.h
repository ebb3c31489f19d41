// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <chrono>

namespace patd::auth {

// The arithmetic of the lockout (docs/step-up-protocol.md): 5 tries, one more every 60 s; after 20
// failures in a row one every 15 min. It slows guessing down and never locks anybody out for good.
// Pure: knows no clock and no disk.
class Lockout {
  public:
    using Milliseconds = std::chrono::milliseconds;

    static constexpr int kBurst = 5;
    static constexpr int kSlowAfter = 20;
    static constexpr Milliseconds kSpacing{60'000};
    static constexpr Milliseconds kSlowSpacing{15 * 60'000};

    Lockout() = default;
    Lockout(int tries, int failures, Milliseconds wait)
        : tries_(tries), failures_(failures), wait_(wait) {}

    int tries() const { return tries_; }
    int failures() const { return failures_; }
    Milliseconds wait() const { return wait_; }  // until the next try comes back
    bool is_idle() const { return tries_ == kBurst && failures_ == 0; }

    void pass_time(Milliseconds elapsed);
    // After a reboot nobody knows how long it took: a running wait starts anew.
    void restart_wait() { wait_ = spacing(); }
    // Takes one try as failed. False: none is left, wait.
    bool charge();
    // The charged try was right.
    void settle_right();
    // The charged try was never looked at.
    void settle_unused();

  private:
    Milliseconds spacing() const { return failures_ >= kSlowAfter ? kSlowSpacing : kSpacing; }
    int capacity() const { return failures_ >= kSlowAfter ? 1 : kBurst; }
    void give_back();

    int tries_ = kBurst;
    int failures_ = 0;
    Milliseconds wait_{0};
};

}  // namespace patd::auth
