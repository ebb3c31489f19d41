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
// keys while one is being exchanged. Functions change only that table; the caller holds the
// transaction. Errors: Corrupt, Unavailable.

// The current keys, and those that records not yet sealed again are still under.
struct KeySet {
    StoreKeys now;
    std::optional<StoreKeys> before = std::nullopt;

    Result<KeySet> clone() const;
};

// Moves one part out of `keys.before`; nothing if there is none.
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
    std::int64_t newest = 0;  // number of the current data key
    std::int64_t wrap = 0;    // the wrap that the master key opened
    bool is_newest_wrap = true;
    bool has_older_wraps = false;
};

// A new store's keys: the index key is derived from the master key, so that a new store of the same
// machine can restore a backup of the lost one.
Result<void> make_keys(Connection& connection, const MasterKey& master, Random& random);
// Upgrades from version 1 of the schema: takes over the content of `meta` and drops it.
Result<void> upgrade_keys(Connection& connection, const MasterKey& master, Random& random);

// Corrupt: this master key opens none of the wraps.
Result<OpenedKeys> open_keys(Connection& connection, const MasterKey& master);
// Forgets every wrap older than `wrap`: the previous master key no longer opens the store.
Result<void> delete_older_wraps(Connection& connection, std::int64_t wrap);

// Adds data key number `number`, for the only wrap.
Result<void> insert_data_key(Connection& connection, const MasterKey& master, std::int64_t number,
                             Random& random);
Result<void> delete_data_keys_below(Connection& connection, std::int64_t number);
// Seals every key again under `next`; replaces an earlier `next` that was never used.
Result<void> add_wrap(Connection& connection, const MasterKey& master, const MasterKey& next,
                      Random& random);
// Replaces the index key with another store's; only for a store without tokens or tombstones.
Result<void> replace_index_key(Connection& connection, const MasterKey& master, Connection& other,
                               Random& random);

}  // namespace patd::store
