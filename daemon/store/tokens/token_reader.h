// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/keys/row_macs.h"
#include "daemon/store/tokens/key_table.h"
#include "daemon/store/tokens/opened_secrets.h"
#include "daemon/store/tokens/record_cache.h"
#include "daemon/store/tokens/sealed_record.h"
#include "daemon/store/tokens/token_store.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

namespace patd::store {

// The reading half of TokenStore, on its own connection; token_store.h has the contract of its
// members. Thread rule: the thread that opened the store.
class TokenReader {
  public:
    // `vault`: where the secrets of imported tokens are, if not in the records; must outlive it.
    TokenReader(Connection connection, KeySet keys, SecretVault* vault);

    // From now on it reads under these keys.
    void adopt(KeySet keys);
    // The previous keys no longer open anything.
    void forget_before();
    void release_memory() { connection_.release_memory(); }

    Result<std::optional<StoredToken>> find(const TokenId& id);
    Result<void> find_nothing(const TokenId& id);
    // One step (survey.cc).
    Result<bool> read_step(Survey& survey, RecordCache& cache, const Survey::Take& take);
    const ReadCounts& read_counts() const { return counts_; }
    Result<LastUse> last_use(const TokenId& id);
    // What is kept of an imported token.
    Result<OpenedSecret> open_secret(const TokenId& id);
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
    // The token of key `id`, if it is intact and belongs to `owner`. A damaged one is logged and
    // left out, so that it affects nothing else.
    Result<StoredTokenPtr> find_of(std::int64_t id, Uid owner, RecordCache& cache);
    Result<OpenedSecret> copy_of(const Token& token, std::span<const char> contents) const;
    // Parts of a step.
    Result<void> read_keys(Survey& survey);
    Result<void> read_keys_covering(Survey& survey);
    Result<void> read_keys_at_origin(Survey& survey);
    Result<void> read_keys_of_owner(Survey& survey);
    Result<void> read_dates(Survey& survey);
    Result<void> read_records(Survey& survey, RecordCache& cache, const Survey::Take& take);

    Connection connection_;
    KeyedMac index_;
    RowMacs rows_;
    KeyedMac children_;
    std::optional<KeyedMac> children_before_;
    SecretVault* vault_;
    SealedRecord record_;
    BoundData bound_;
    ReadCounts counts_;
};

// Whether `owner` is locked: nothing if there is no row; Corrupt if its MAC does not match.
Result<std::optional<bool>> read_locked(Connection& connection, RowMacs& rows, Uid owner);

}  // namespace patd::store
