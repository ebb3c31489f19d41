// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/tokens/token_store.h"

#include <atomic>
#include <cstdint>
#include <random>
#include <unordered_map>

namespace patd::store {

// The records that were looked up last, opened and checked, so that a busy service's verify costs
// no database locks. Holds verifiers (keyed hashes), never a secret. Every change of the store
// empties it: a change is seen by the first look-up after the call that made it returned.
// Thread rule: note_change from the writer's thread; all else from the reader's.
class RecordCache {
  public:
    // The record as it was at the last look-up; null when it is not kept.
    StoredTokenPtr find(const TokenId& id);
    // What a look-up that begins now may keep later.
    std::uint64_t changes() const { return changes_.load(std::memory_order_acquire); }
    // Keeps a record that was read since changes() gave `read_at`.
    void keep(StoredTokenPtr record, std::uint64_t read_at);
    // To be called after a change was committed, before its caller learns of it.
    void note_change() { changes_.fetch_add(1, std::memory_order_release); }

  private:
    // About 512 KiB when full: as many tokens as one user may have, so that a host on which a
    // thousand take turns does not go to the database for every one.
    static constexpr std::size_t kRecordsMax = 1024;

    void make_room();

    std::atomic<std::uint64_t> changes_{0};
    std::uint64_t kept_at_ = 0;
    std::minstd_rand chance_;  // nothing secret hangs on it
    std::unordered_map<TokenId, StoredTokenPtr, TokenId::Hash> records_;
};

}  // namespace patd::store
