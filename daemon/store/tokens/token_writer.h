// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/tokens/key_table.h"
#include "daemon/store/tokens/sealed_record.h"
#include "daemon/store/tokens/token_store.h"

#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace patd::store {

// The writing half of TokenStore, on its own connection; token_store.h has the contract of its
// members. Thread rule: one writer thread.
class TokenWriter {
  public:
    // `vault`: as in TokenReader.
    TokenWriter(Connection connection, KeySet keys, SecretVault* vault, Random& random);

    Result<void> insert_many(std::span<const TokenStore::NewToken> tokens, std::size_t most);
    // `most`: how many tokens an owner may have.
    Result<void> insert(const Token& token, const NewSecret& secret, std::size_t most);
    Result<void> update(const TokenId& id, Uid owner, const TokenStore::Change& change);
    Result<void> replace_secret(const TokenId& id, Uid owner, const NewSecret& secret,
                                const TokenStore::Change& change, UnixTime now);
    Result<void> renew(const TokenId& id, Uid owner, const TokenId& next, const NewSecret& secret,
                       const TokenStore::Change& change);
    Result<void> remove(const TokenId& id, Uid owner, UnixTime now);
    Result<std::size_t> remove_all(Uid owner, const std::string& name, UnixTime now);
    Result<void> set_locked(Uid owner, bool locked);
    Result<void> record_use(const LastUses& uses);
    // Since the last call; true at the first.
    Result<bool> was_changed_by_others();

    // What a vault must hold: the secret of every imported token.
    Result<std::vector<SecretVault::Indexed>> secrets_in_vault();

    // ---- For StoreAdmin.
    Connection& connection() { return connection_; }
    Random& random() { return random_; }
    // From now on it writes under these keys.
    void adopt(KeySet keys);
    void forget_before();
    Result<std::vector<TokenId>> quarantine(Uid owner, const std::string& name);
    Result<void> reinstate(const TokenId& id, Uid owner, const std::string& name);
    // Call after a secret or a key died: its sealed bytes must not stay in the WAL.
    void empty_wal();

  private:
    friend class Restorer;
    friend class Resealer;

    // Makes room for one more than the `count` tokens of an owner who may have `most`: removes what
    // git stored and nothing releases any more, oldest first. Adds their ids to `gone`.
    struct Room {
        std::size_t most = 0;
        std::size_t count = 0;
        std::vector<SecretVault::Settled> gone = {};
    };
    Result<void> make_room(const Token& next, Room& room);
    Result<void> delete_row(std::int64_t id);
    // Call after the commit.
    void settle_gone(std::span<const SecretVault::Settled> gone);
    // How many tokens the owner has; creates the owner's row with the first.
    Result<std::size_t> prepare_owner(Uid owner);
    // Returns what must go into the vault before the commit, see SecretVault.
    Result<std::optional<SecretVault::Entry>> insert_one(Token token, const NewSecret& secret);
    // The record's contents, and what must go into the vault.
    Result<std::optional<SecretVault::Entry>> fill_record(const Token& token,
                                                          const NewSecret& secret);
    // After the commit: dead secrets leave the vault as well.
    void settle_vault(std::span<const SecretVault::Settled> tokens);
    Result<void> write_owner(Uid owner, bool locked);
    Result<std::vector<TokenId>> ids_of(Uid owner);
    // The record in any state, opened; wiped with the next one.
    Result<Token> open_any(const TokenId& id, Uid owner);
    // Seals what was opened last with `token`'s columns.
    Result<void> reseal(const Token& token);
    Result<Token> open_own(const TokenId& id, Uid owner);
    Result<Token> change_token(Token token, const TokenStore::Change& change);
    Result<void> replace_targets(const Token& before, const Token& after);
    Result<void> insert_targets(const Token& token);
    // Removes the row of key `id` and everything that depends on it; an intact one leaves its
    // tombstone.
    Result<void> bury(std::int64_t id, Uid owner, UnixTime now);
    Result<void> delete_targets(std::int64_t id, Uid owner);
    Result<void> delete_orphan_targets(Uid owner);  // of tokens that no longer exist
    // Whether the row was made under this account name, and is not quarantined.
    Result<bool> was_made_under(std::int64_t id, const std::string& name);
    Result<void> insert_tombstone(std::int64_t id, Uid owner, UnixTime now);
    Result<void> prune_tombstones(Uid owner);
    Result<void> write_uses(const LastUses& uses);

    Connection connection_;
    KeyedMac index_;
    RowMacs rows_;
    SecretVault* vault_;
    SealedRecord record_;
    BoundData bound_;
    Random& random_;
    std::int64_t version_ = 0;  // of the data, as others left it
};

}  // namespace patd::store
