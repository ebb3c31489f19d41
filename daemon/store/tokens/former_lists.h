// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/tokens/token_traces.h"

#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

namespace patd::store {

// Issued tokens as they were before an edit that took nothing away: children made before it name
// their permissions and places by the old lists, and live on. Kept only in memory, the newest ones:
// after a restart, or after the keyring was locked, such a child is dead, some minutes too early.
// Thread rule: any.
class FormerLists {
  public:
    // Keeps `before` if its children live on and would find other lists in `after`.
    void note(const Token& before, const Token& after);
    // Newest first.
    std::vector<TokenPtr> find(const TokenId& id, std::uint32_t generation) const;

  private:
    void make_room(Uid owner);

    mutable std::mutex mutex_;
    std::deque<TokenPtr> tokens_;  // oldest first
};

}  // namespace patd::store
