// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/admission/lots.h"

#include "common/base/service_limits.h"

namespace patd {
namespace {

// How long an answer holds: accounts rarely come and go, and a first token is in no hurry.
constexpr std::chrono::milliseconds kKeepOwn{60000};
// For uids without an account: its look-up may be in progress, or it was just created.
constexpr std::chrono::seconds kKeepStranger{1};
// How long a newcomer who does not return takes up a newcomer's place.
constexpr std::chrono::seconds kKeepNewcomer{5};
constexpr std::size_t kKnownMax = 4096;

}  // namespace

Lots::Kind Lots::kind_of(Uid uid) {
    if (uid.is_root() || (parts_.is_service && parts_.is_service(uid)) ||
        parts_.accounts.has_account(uid) || parts_.owns_tokens(uid))
        return Kind::Own;
    if (parts_.accounts.has_none(uid) || (parts_.is_sub_uid && parts_.is_sub_uid(uid)))
        return Kind::Stranger;
    return take_newcomer(uid) ? Kind::Newcomer : Kind::Stranger;
}

bool Lots::take_newcomer(Uid uid) {
    const auto now = parts_.clock.since_boot();
    std::erase_if(newcomers_, [now](const auto& entry) { return entry.second <= now; });
    if (newcomers_.size() >= limits::kNewcomers && !newcomers_.contains(uid))
        return false;
    newcomers_.insert_or_assign(uid, now + kKeepNewcomer);
    return true;
}

Uid Lots::lot_of(Uid uid) {
    const auto now = parts_.clock.since_boot();
    const auto found = known_.find(uid);
    // What was unknown about it may be known by now.
    const bool is_kept =
        found != known_.end() && found->second.until > now &&
        !(found->second.kind == Kind::Stranger && parts_.accounts.has_account(uid)) &&
        !(found->second.kind == Kind::Newcomer &&
          (parts_.accounts.has_none(uid) || parts_.accounts.has_account(uid)));
    if (is_kept)
        return found->second.kind == Kind::Stranger ? kStrangers : uid;
    if (known_.size() >= kKnownMax)
        known_.clear();
    newcomers_.erase(uid);
    const Kind kind = kind_of(uid);
    known_.insert_or_assign(
        uid, Known{kind, now + (kind == Kind::Own ? kKeepOwn
                                                  : std::chrono::milliseconds(kKeepStranger))});
    return kind == Kind::Stranger ? kStrangers : uid;
}

}  // namespace patd
