// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/tokens/token_store.h"

#include <atomic>
#include <cstdint>
#include <random>
#include <unordered_map>

namespace patd::store {

// The most recently read records, opened and checked, so that a busy service's verify takes no
// database locks. Holds verifiers (keyed hashes), never a secret. Every change of the store empties
// it: the first look-up after the call that made the change sees it.
// Thread rule: note_change from the writer's thread; everything else from the reader's.
class RecordCache {
  public:
    // The record as of the last look-up; null if it is not cached.
    StoredTokenPtr find(const TokenId& id);
    // The point from which a look-up that begins now may cache its result.
    std::uint64_t changes() const { return changes_.load(std::memory_order_acquire); }
    // Caches a record that was read since changes() returned `read_at`.
    void keep(StoredTokenPtr record, std::uint64_t read_at);
    // Call after a change was committed, before its caller learns of it.
    void note_change() { changes_.fetch_add(1, std::memory_order_release); }

  private:
    // About 512 KiB when full: as many tokens as one user may have, so that a host on which a
    // thousand take turns does not read the database for each.
    static constexpr std::size_t kRecordsMax = 1024;

    void make_room();

    std::atomic<std::uint64_t> changes_{0};
    std::uint64_t kept_at_ = 0;
    std::minstd_rand chance_;  // not security-relevant
    std::unordered_map<TokenId, StoredTokenPtr, TokenId::Hash> records_;
};

}  // namespace patd::store
