// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "auth/attempts.h"
#include "auth/service.h"

#include <optional>

namespace patd::auth {

// The lockout as it concerns one conversation. Whoever asks for himself tries on his own account:
// the bucket (caller, target). A service that asks as root (Check) passes on what somebody typed
// who may sit anywhere: the bucket (remote host, account), so that nobody who guesses from one host
// keeps the owner out at another. Names that are no account have buckets like any other. Where the
// service knows no remote host there is nobody to tell apart, and patd alone slows the checks down.
// Thread rule: one at a time.
class Throttle {
  public:
    // Borrows both. Errors: as Attempts::open.
    static Result<Throttle> open(const Session& session, const Clock& clock);

    // As those of Attempts. Throttled sets the session's `wait`.
    Result<void> charge();
    Result<void> settle_right();
    Result<void> settle_unused();

    // Root gave the account a password, so its owner need not wait for having forgotten the one
    // before. Who tried at a service still waits there.
    static Result<void> forgive(const Session& session, const Clock& clock);

  private:
    Throttle(const Session& session, std::optional<Attempts> attempts, Attempts::Bucket bucket)
        : session_(session), attempts_(std::move(attempts)), bucket_(bucket) {}

    const Session& session_;
    std::optional<Attempts> attempts_;  // nothing: no try is counted
    Attempts::Bucket bucket_;
};

// A remote host as PAM_RHOST names it, as far as it tells people apart: of an IPv6 address the
// first 64 bits, which is what one subscriber has, and an IPv4 address in one spelling. Other text
// stays as it is.
std::string host_of(const std::string& rhost);

}  // namespace patd::auth
