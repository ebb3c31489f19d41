// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/context/locks.h"

namespace patd {
namespace {

constexpr std::size_t kLocksMax = 4096;

}  // namespace

Result<bool> Locks::is_locked(Uid owner) {
    if (const auto found = known_.find(owner); found != known_.end())
        return found->second;
    const bool locked = TRY(store_.is_locked(owner));
    if (known_.size() >= kLocksMax)
        known_.clear();
    known_.emplace(owner, locked);
    return locked;
}

void Locks::set_locked(Uid owner, bool locked) {
    known_.insert_or_assign(owner, locked);
    if (!locked)
        return;
    std::erase_if(opened_, [&](const auto& entry) { return entry.second.owner == owner; });
    store_.forget(owner);
}

void Locks::open_for(Uid owner, const TokenId& token, std::chrono::seconds duration) {
    const auto now = clock_.since_boot();
    std::erase_if(opened_, [&](const auto& entry) { return entry.second.until <= now; });
    opened_.insert_or_assign(token, Opened{owner, now + duration});
}

bool Locks::is_open(const TokenId& token) const {
    const auto found = opened_.find(token);
    return found != opened_.end() && found->second.until > clock_.since_boot();
}

}  // namespace patd
