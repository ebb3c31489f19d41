// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/key_table.h"
#include "daemon/store/row_macs.h"
#include "daemon/store/sealed_record.h"
#include "daemon/store/token_store.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace patd::store {

// The reading half of TokenStore, on a connection of its own; the contract of its members is in
// token_store.h. Thread rule: the thread that opened the store.
class TokenReader {
  public:
    // `vault`: where the secrets of imported tokens are, if not in the records; must outlive it.
    TokenReader(Connection connection, KeySet keys, SecretVault* vault);

    // From now on it reads under these.
    void adopt(KeySet keys);
    // The keys before open nothing any more.
    void forget_before();
    void release_memory() { connection_.release_memory(); }

    Result<std::optional<StoredToken>> find(const TokenId& id);
    Result<void> find_nothing(const TokenId& id);
    Result<std::vector<ListedToken>> list(Uid owner, Quarantined quarantined);
    Result<std::vector<StoredToken>> find_by_origin(Uid owner, const Origin& origin);
    Result<std::vector<StoredToken>> find_covering(Uid owner, const Origin& origin,
                                                   std::string_view path);
    Result<TokenSecret> open_secret(const TokenId& id);
    Result<std::size_t> count(Uid owner);
    Result<std::size_t> count_all();
    Result<std::size_t> count_expiring(Uid owner, UnixTime after, UnixTime until);
    Result<bool> is_locked(Uid owner);
    Result<std::optional<Tombstone>> find_tombstone(const Digest& digest);
    Result<Digest> digest(std::span<const char> secret);
    Result<Digest> child_mac(const TokenId& parent, std::uint32_t generation,
                             std::span<const char> body);
    Result<bool> is_child_mac(const ChildBody& child, std::span<const char> mac);

  private:
    // The token of key `id`, if it is whole, belongs to `owner`, and `wanted` says so. A damaged
    // one is logged and left out, so that it affects nothing else.
    Result<std::optional<StoredToken>> find_of(std::int64_t id, Uid owner);
    // Those of `keys` that are whole, seen and `owner`'s, with a target at `origin`.
    Result<std::vector<StoredToken>> find_each(std::vector<std::int64_t> keys, Uid owner,
                                               const Origin& origin);
    Result<LastUse> last_use(std::int64_t id);

    Connection connection_;
    KeyedMac index_;
    RowMacs rows_;
    KeyedMac children_;
    std::optional<KeyedMac> children_before_;
    SecretVault* vault_;
    SealedRecord record_;
    BoundData bound_;
};

// Whether `owner` is locked: nothing when there is no row; Corrupt when its MAC does not match.
Result<std::optional<bool>> read_locked(Connection& connection, RowMacs& rows, Uid owner);

}  // namespace patd::store
