// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <chrono>

namespace patd::auth {

// The arithmetic of the lockout (docs/step-up-protocol.md): 5 attempts, one more every `spacing`;
// after 20 failures in a row one every `slow_spacing`. It slows guessing down and never locks
// anybody out for good. Pure: knows no clock and no disk.
class Lockout {
  public:
    using Milliseconds = std::chrono::milliseconds;

    static constexpr int kBurst = 5;
    static constexpr int kSlowAfter = 20;

    struct Pace {
        Milliseconds spacing;
        Milliseconds slow_spacing;
    };
    // For users who try their own passwords, and slow down nobody else.
    static constexpr Pace kOfUser{Milliseconds(60'000), Milliseconds(15 * 60'000)};
    // For a remote host, which the owner may share with an attacker.
    static constexpr Pace kOfHost{Milliseconds(10'000), Milliseconds(60'000)};

    explicit Lockout(const Pace& pace) : pace_(pace) {}
    Lockout(const Pace& pace, int tries, int failures, Milliseconds wait)
        : pace_(pace), tries_(tries), failures_(failures), wait_(wait) {}

    int tries() const { return tries_; }
    int failures() const { return failures_; }
    Milliseconds wait() const { return wait_; }  // until another attempt is allowed
    bool is_idle() const { return tries_ == kBurst && failures_ == 0; }

    void pass_time(Milliseconds elapsed);
    // After a reboot nobody knows how long it took: a running wait starts over.
    void restart_wait() { wait_ = spacing(); }
    // Counts one attempt as failed. False: none is left, wait.
    bool charge();
    // The charged attempt was right.
    void settle_right();
    // The charged attempt was never checked.
    void settle_unused();

  private:
    Milliseconds spacing() const { return is_slow() ? pace_.slow_spacing : pace_.spacing; }
    int capacity() const { return is_slow() ? 1 : kBurst; }
    bool is_slow() const { return failures_ >= kSlowAfter; }
    void give_back();

    Pace pace_;
    int tries_ = kBurst;
    int failures_ = 0;
    Milliseconds wait_{0};
};

}  // namespace patd::auth
