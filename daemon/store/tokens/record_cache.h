// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/tokens/aside.h"
#include "daemon/store/tokens/record_changes.h"
#include "daemon/store/tokens/survey.h"

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

namespace patd::store {

// The most recently read records, opened and checked, by id and by the place that they cover, so
// that a busy service's verify and a busy owner's get ask the database nothing. Holds verifiers
// (keyed hashes), never a secret. Bounded by common/base/cache_limits.h; while all have room,
// what an owner asks for displaces only that owner's places. A change of an owner's tokens makes
// everything that was read of them before it unusable: the first look-up after the call that made
// the change sees it. Thread rule: the store's reader.
class RecordCache {
  public:
    // `changes` must outlive it.
    explicit RecordCache(const RecordChanges& changes) : changes_(changes) {}

    // The record as it is now; null if it is not cached.
    StoredTokenPtr find(const TokenId& id);
    // Keeps a record that was read since the changes' now() was `read_at`.
    void keep(const StoredTokenPtr& record, std::uint64_t read_at);

    // All of an owner's tokens that cover a place, as they are now; none if one is not cached.
    Records find_place(Uid owner, const std::string& place);
    // Keeps which those are. A place without any is not kept: anybody can name as many as they
    // like.
    void keep_place(Uid owner, const std::string& place, const Records& records,
                    std::uint64_t read_at);

    void forget(Uid owner);
    void forget_all();
    // As forget_all, but free_some frees it, because all of it would take milliseconds. True: there
    // is more. Until then it counts towards the bounds, and makes room first.
    void put_aside();
    bool free_some();

  private:
    struct Kept {
        StoredTokenPtr record;
        std::uint64_t read_at = 0;
        std::size_t bytes = 0;
    };
    struct Place {
        std::vector<TokenId> tokens;
        std::uint64_t read_at = 0;
    };
    struct Places {
        std::unordered_map<std::string, Place> of = {};
        std::size_t bytes = 0;
    };
    using KeptRecords = std::unordered_map<TokenId, Kept, TokenId::Hash>;
    using Owners = std::unordered_map<std::uint32_t, Places>;

    void drop_one_record();
    void free_one_record();
    void free_one_owner();
    void drop_place(Places& places, const std::string& place);
    void drop_owner(Owners::iterator owner);

    const RecordChanges& changes_;
    std::minstd_rand chance_;  // not security-relevant
    KeptRecords records_;
    std::size_t record_bytes_ = 0;  // with those aside
    Owners owners_;
    std::size_t place_bytes_ = 0;  // with those aside
    Aside<KeptRecords> records_aside_;
    Aside<Owners> owners_aside_;
};

}  // namespace patd::store
