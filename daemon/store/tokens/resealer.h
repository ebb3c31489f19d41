// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/tokens/key_table.h"
#include "daemon/store/tokens/token_store.h"

#include <array>
#include <cstdint>

namespace patd::store {

// Replaces the data key: seals every token, owner's row and tombstone again under a new one, a few
// per transaction, while the store is read and written. Progress is recorded only in the records,
// each of which opens under one of the two keys: after a crash it starts over, and quickly skips
// what is done.
//
//     begin (writer) -> StoreAdmin::adopt_for_reading (reader) -> adopt (writer)
//     -> step (writer) until it returns that it is done -> finish (writer)
//     -> StoreAdmin::forget_keys_before (reader)
//
// Thread rule: as named.
class Resealer {
  public:
    struct Progress {
        std::uint64_t done = 0;
        std::uint64_t total = 0;    // at the beginning; more may be added meanwhile
        std::uint64_t damaged = 0;  // open under neither key, and stay unchanged
    };

    explicit Resealer(TokenStore& store) : state_(store.state()) {}

    // Whether a replacement was begun and not finished.
    Result<bool> is_due();
    // Creates the new data key, unless it already exists. Busy: a new master key waits for its
    // first use; Corrupt: another master key.
    Result<KeySet> begin(const MasterKey& master);
    // From now on everything is written under the new key. Every reader must know both keys.
    Result<void> adopt(KeySet keys);
    // Seals some records again, in one transaction; returns whether all are done.
    Result<bool> step();
    // Forgets the old data key: on disk, and in the writing half.
    Result<void> finish();
    const Progress& progress() const { return progress_; }

  private:
    enum class Table { Token, Owner, Tombstone, End };

    Result<std::vector<std::int64_t>> next_keys();
    Result<bool> reseal(std::int64_t key);
    Result<bool> reseal_token(std::int64_t id);
    Result<bool> reseal_owner(std::int64_t owner);
    Result<bool> reseal_tombstone(std::int64_t seq);

    TokenStore::State& state_;
    Table table_ = Table::Token;
    std::int64_t last_ = -1;
    Progress progress_;
};

}  // namespace patd::store
