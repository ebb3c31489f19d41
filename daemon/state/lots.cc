// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/state/lots.h"

namespace patd {
namespace {

// So long an answer holds: accounts come and go seldom, and a first token makes no haste.
constexpr std::chrono::seconds kKeep{60};
// Of a stranger: the look-up of its account is under way, or it was just made.
constexpr std::chrono::seconds kKeepStranger{1};
constexpr std::size_t kKnownMax = 4096;

}  // namespace

bool Lots::is_stranger(Uid uid) const {
    if (uid.is_root() || (parts_.is_service && parts_.is_service(uid)) ||
        parts_.accounts.has_account(uid))
        return false;
    const Result<std::size_t> tokens = parts_.store.count(uid);
    return !tokens || *tokens == 0;
}

Uid Lots::lot_of(Uid uid) {
    const auto now = parts_.clock.since_boot();
    const auto found = known_.find(uid);
    // Who was a stranger while its account was looked up is none from then on.
    const bool is_kept = found != known_.end() && found->second.until > now &&
                         !(found->second.is_stranger && parts_.accounts.has_account(uid));
    if (is_kept)
        return found->second.is_stranger ? kStrangers : uid;
    if (known_.size() >= kKnownMax)
        known_.clear();
    const bool stranger = is_stranger(uid);
    known_.insert_or_assign(
        uid, Known{stranger, now + (stranger ? std::chrono::milliseconds(kKeepStranger) : kKeep)});
    return stranger ? kStrangers : uid;
}

}  // namespace patd
