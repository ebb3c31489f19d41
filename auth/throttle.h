// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "auth/attempts.h"
#include "auth/service.h"

#include <optional>

namespace patd::auth {

// The lockout for one conversation. A user who asks for themselves uses the bucket (caller,
// target). A service that asks as root (Check) passes on what somebody typed who may sit anywhere:
// the bucket (remote host, account), so that nobody who guesses from one host keeps the owner out
// at another. Names that are not accounts have buckets like any other. If the service knows no
// remote host, people cannot be told apart, and only patd slows the checks down.
// Thread rule: one at a time.
class Throttle {
  public:
    // Borrows both. Errors: those of Attempts::open.
    static Result<Throttle> open(const Session& session, const Clock& clock);

    // As in Attempts. Throttled sets the session's `wait`.
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
    std::optional<Attempts> attempts_;  // unset: attempts are not counted
    Attempts::Bucket bucket_;
};

// A remote host as PAM_RHOST names it, as far as it tells people apart: for an IPv6 address the
// first 64 bits, which one subscriber has, and an IPv4 address in one spelling. Other text stays
// unchanged.
std::string host_of(const std::string& rhost);

}  // namespace patd::auth
