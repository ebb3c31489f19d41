// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/random.h"
#include "common/base/secrets.h"
#include "daemon/store/database/sqlite.h"
#include "daemon/store/keys/record_crypto.h"
#include "daemon/store/keys/row_macs.h"

#include <cstdint>
#include <optional>

namespace patd::store {

// The table `key` (docs/store-format.md): the store's own keys, each sealed under the master key,
// once per "wrap". There are two wraps while a new master key waits for its first use, and two data
// keys while one is being exchanged. Functions change nothing but that table; who calls holds the
// transaction. Errors: Corrupt, Unavailable.

// What works now, and what records that were not sealed anew yet are still under.
struct KeySet {
    StoreKeys now;
    std::optional<StoreKeys> before = std::nullopt;

    Result<KeySet> clone() const;
};

// One part of `keys.before`, moved out of it; nothing where there is none.
template <typename Part>
std::optional<Part> take_before(KeySet& keys, Part StoreKeys::*part) {
    if (!keys.before)
        return std::nullopt;
    return std::optional<Part>(std::move((*keys.before).*part));
}
inline RowMacs take_row_macs(KeySet& keys) {
    return {std::move(keys.now.rows), take_before(keys, &StoreKeys::rows)};
}

struct OpenedKeys {
    KeySet keys;
    std::int64_t newest = 0;  // number of the data key in use
    std::int64_t wrap = 0;    // which wrap the master key opened
    bool is_newest_wrap = true;
    bool has_older_wraps = false;
};

// A new store's keys: the index key follows from the master key, so that a new store of the same
// machine can take a backup of the lost one.
Result<void> make_keys(Connection& connection, const MasterKey& master, Random& random);
// From version 1 of the schema: takes over what `meta` holds and drops it.
Result<void> upgrade_keys(Connection& connection, const MasterKey& master, Random& random);

// Corrupt: this master key opens none of the wraps.
Result<OpenedKeys> open_keys(Connection& connection, const MasterKey& master);
// Forgets every wrap older than `wrap`: the master key before it opens the store no more.
Result<void> delete_older_wraps(Connection& connection, std::int64_t wrap);

// Adds data key number `number`, for the one wrap that there is.
Result<void> insert_data_key(Connection& connection, const MasterKey& master, std::int64_t number,
                             Random& random);
Result<void> delete_data_keys_below(Connection& connection, std::int64_t number);
// Seals every key once more, under `next`, in place of an earlier `next` that was never used.
Result<void> add_wrap(Connection& connection, const MasterKey& master, const MasterKey& next,
                      Random& random);
// Replaces the index key by that of another store; only for a store without tokens or tombstones.
Result<void> replace_index_key(Connection& connection, const MasterKey& master, Connection& other,
                               Random& random);

}  // namespace patd::store
