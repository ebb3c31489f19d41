// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/token_writer.h"

#include "common/base/limits.h"
#include "common/base/log_messages.h"
#include "daemon/store/tokens/store_sql.h"
#include "daemon/store/tokens/token_reader.h"

#include <limits>
#include <utility>

namespace patd::store {

TokenWriter::TokenWriter(Connection connection, KeySet keys, SecretVault* vault, Random& random)
    : connection_(std::move(connection)),
      index_(std::move(keys.now.index)),
      rows_(take_row_macs(keys)),
      vault_(vault),
      record_(std::move(keys.now.records), take_before(keys, &StoreKeys::records),
              vault == nullptr ? SecretPlace::Record : SecretPlace::Vault),
      random_(random) {}

Result<void> TokenWriter::insert(const Token& token, const NewSecret& secret, std::size_t most) {
    Transaction transaction = TRY(Transaction::begin_write(connection_));
    Room room{most, TRY(prepare_owner(token.owner))};
    TRY(make_room(token, room));
    const std::optional<SecretVault::Entry> entry = TRY(insert_one(token, secret));
    if (entry)
        TRY(vault_->add({&*entry, 1}));
    TRY(transaction.commit());
    settle_gone(room.gone);
    return {};
}

Result<void> TokenWriter::insert_many(std::span<const TokenStore::NewToken> tokens,
                                      std::size_t most) {
    Transaction transaction = TRY(Transaction::begin_write(connection_));
    std::optional<Uid> owner;
    Room room{most};
    std::vector<SecretVault::Entry> entries;
    for (const auto& [token, secret] : tokens) {
        if (owner != token.owner)
            room.count = TRY(prepare_owner(token.owner));
        owner = token.owner;
        TRY(make_room(token, room));
        if (std::optional<SecretVault::Entry> entry = TRY(insert_one(token, secret)))
            entries.push_back(std::move(*entry));
    }
    if (!entries.empty())
        TRY(vault_->add(entries));
    TRY(transaction.commit());
    settle_gone(room.gone);
    return {};
}

Result<void> TokenWriter::make_room(const Token& next, Room& room) {
    for (; room.count >= room.most; --room.count) {
        std::int64_t key = 0;
        {
            Query query = TRY(connection_.query(sql::kOldestForgotten));
            query.bind(std::int64_t{next.owner.value()});
            if (!TRY(query.step()))
                return Errc::LimitExceeded;
            key = query.integer(0);
        }
        // No tombstone: those are for secrets that somebody else may still try.
        TRY(delete_row(key));
        TRY(delete_targets(key, next.owner));
        if (const std::optional<TokenId> id = token_id_of(key))
            room.gone.push_back({*id, std::nullopt});
    }
    ++room.count;
    return {};
}

void TokenWriter::settle_gone(std::span<const SecretVault::Settled> gone) {
    if (gone.empty())
        return;
    empty_wal();
    settle_vault(gone);
}

Result<std::size_t> TokenWriter::prepare_owner(Uid owner) {
    Query query = TRY(connection_.query(sql::kCountTokens));
    query.bind(std::int64_t{owner.value()});
    TRY(query.step());
    const auto count = static_cast<std::size_t>(query.integer(0));
    if (TRY(read_locked(connection_, rows_, owner)))
        return count;
    if (count > 0)
        return Error{Errc::Corrupt, "tokens without their owner's row"};
    TRY(write_owner(owner, false));
    return count;
}

Result<std::optional<SecretVault::Entry>> TokenWriter::insert_one(Token token,
                                                                  const NewSecret& secret) {
    const SealedRecord::Closing closing(record_);
    token.refresh_bytes = static_cast<std::uint32_t>(secret.refresh.size());
    std::optional<SecretVault::Entry> entry = TRY(fill_record(token, secret));
    TRY(record_.write(connection_, sql::kInsertToken, token, random_));
    TRY(insert_targets(token));
    return entry;
}

Result<std::optional<SecretVault::Entry>> TokenWriter::fill_record(const Token& token,
                                                                   const NewSecret& secret) {
    const Digest verifier = TRY(index_.mac({bytes_of(secret.secret)}));
    if (vault_ == nullptr || token.kind != TokenKind::Imported) {
        TRY(record_.fill(token, verifier, secret));
        return std::optional<SecretVault::Entry>();
    }
    SecretVault::Entry entry =
        TRY(vault_->seal({token.id, verifier}, secret.secret, secret.refresh));
    // Unlike the digest, the share differs when the same secret is kept again.
    entry.name.digest = TRY(index_.mac({Bytes(entry.share)}));
    TRY(record_.fill(token, verifier, secret, entry.share));
    return std::optional<SecretVault::Entry>(std::move(entry));
}

void TokenWriter::settle_vault(std::span<const SecretVault::Settled> tokens) {
    if (vault_ == nullptr)
        return;
    // The tokens are already gone or changed. What stays behind goes at the next start.
    if (const Result<void> settled = vault_->settle(tokens); !settled)
        log(messages::kRemainsInKeyring, settled.error());
}

Result<std::vector<SecretVault::Indexed>> TokenWriter::secrets_in_vault() {
    std::vector<std::int64_t> keys;
    {
        Query query = TRY(connection_.query(sql::kListTokens));
        while (TRY(query.step()))
            keys.push_back(query.integer(0));
    }
    const SealedRecord::Closing closing(record_);
    std::vector<SecretVault::Indexed> secrets;
    for (const std::int64_t key : keys) {
        const std::optional<TokenId> id = token_id_of(key);
        const Result<std::optional<Token>> token = record_.open(connection_, key);
        if (id && !token && token.error().code == Errc::Corrupt)
            secrets.push_back({*id, std::nullopt});
        else if (!token)
            return token.error();
        else if (id && *token && (*token)->kind == TokenKind::Imported)
            secrets.push_back({*id, TRY(name_in_vault(index_, record_))});
    }
    return secrets;
}

Result<void> TokenWriter::write_owner(Uid owner, bool locked) {
    const std::int64_t flag = locked ? 1 : 0;
    bind_owner(bound_, owner.value(), flag);
    const Digest mac = TRY(rows_.make(bound_.bytes()));
    Query query = TRY(connection_.query(sql::kReplaceOwner));
    query.bind(std::int64_t{owner.value()}, flag, Bytes(mac));
    return query.run();
}

Result<std::vector<TokenId>> TokenWriter::ids_of(Uid owner) {
    std::vector<TokenId> ids;
    Query query = TRY(connection_.query(sql::kTokensOfOwner));
    query.bind(std::int64_t{owner.value()});
    while (TRY(query.step())) {
        if (const std::optional<TokenId> id = token_id_of(query.integer(0)))
            ids.push_back(*id);
    }
    return ids;
}

Result<Token> TokenWriter::open_any(const TokenId& id, Uid owner) {
    std::optional<Token> token = TRY(record_.open(connection_, token_key(id)));
    if (!token || token->owner != owner)
        return Errc::NotFound;
    return std::move(*token);
}

Result<Token> TokenWriter::open_own(const TokenId& id, Uid owner) {
    Token token = TRY(open_any(id, owner));
    if (token.state == TokenState::Quarantined)
        return Errc::NotFound;
    return token;
}

Result<void> TokenWriter::reseal(const Token& token) {
    return record_.write(connection_, sql::kUpdateToken, token, random_);
}

void TokenWriter::forget_before() {
    rows_.forget_before();
    record_.forget_before();
}

void TokenWriter::adopt(KeySet keys) {
    index_ = std::move(keys.now.index);
    rows_ = take_row_macs(keys);
    record_.set_keys(std::move(keys.now.records), take_before(keys, &StoreKeys::records));
}

Result<Token> TokenWriter::change_token(Token token, const TokenStore::Change& change) {
    if (!change)
        return token;
    const TokenId id = token.id;
    const Uid owner = token.owner;
    const TokenKind kind = token.kind;
    const std::uint32_t generation = token.generation;
    const std::uint32_t refresh_bytes = token.refresh_bytes;
    const SecretKind secret_kind = token.secret_kind;
    TRY(change(token));
    if (token.id != id || token.owner != owner || token.kind != kind ||
        token.generation < generation || token.refresh_bytes != refresh_bytes ||
        token.secret_kind != secret_kind)
        return Error{Errc::Internal, "an edit changed what must stay"};
    return token;
}

Result<void> TokenWriter::update(const TokenId& id, Uid owner, const TokenStore::Change& change) {
    const SealedRecord::Closing closing(record_);
    Transaction transaction = TRY(Transaction::begin_write(connection_));
    const Token before = TRY(open_own(id, owner));
    const Token after = TRY(change_token(before, change));
    TRY(record_.write(connection_, sql::kUpdateToken, after, random_));
    TRY(replace_targets(before, after));
    return transaction.commit();
}

Result<void> TokenWriter::replace_secret(const TokenId& id, Uid owner, const NewSecret& secret,
                                         const TokenStore::Change& change, UnixTime now) {
    const SealedRecord::Closing closing(record_);
    Transaction transaction = TRY(Transaction::begin_write(connection_));
    const Token before = TRY(open_own(id, owner));
    TRY(insert_tombstone(token_key(id), owner, now));
    TRY(prune_tombstones(owner));
    if (before.generation == std::numeric_limits<std::uint32_t>::max())
        return Errc::LimitExceeded;
    Token renewed = before;
    renewed.generation += 1;
    renewed.refresh_bytes = static_cast<std::uint32_t>(secret.refresh.size());
    patd::reinstate(renewed);
    const Token after = TRY(change_token(std::move(renewed), change));
    const std::optional<SecretVault::Entry> entry = TRY(fill_record(after, secret));
    const Digest live = entry ? entry->name.digest : record_.verifier();
    TRY(record_.write(connection_, sql::kUpdateToken, after, random_));
    TRY(replace_targets(before, after));
    if (entry)
        TRY(vault_->add({&*entry, 1}));
    TRY(transaction.commit());
    empty_wal();
    settle_vault(std::vector<SecretVault::Settled>{{id, live}});
    return {};
}

Result<void> TokenWriter::renew(const TokenId& id, Uid owner, const TokenId& next,
                                const NewSecret& secret, const TokenStore::Change& change) {
    const SealedRecord::Closing closing(record_);
    Transaction transaction = TRY(Transaction::begin_write(connection_));
    Token renewed = TRY(open_own(id, owner));
    renewed.id = next;
    renewed.generation = 1;
    renewed.refresh_bytes = static_cast<std::uint32_t>(secret.refresh.size());
    patd::reinstate(renewed);
    const Token after = TRY(change_token(std::move(renewed), change));
    TRY(delete_row(token_key(id)));
    TRY(delete_targets(token_key(id), owner));
    const std::optional<SecretVault::Entry> entry = TRY(insert_one(after, secret));
    if (entry)
        TRY(vault_->add({&*entry, 1}));
    TRY(transaction.commit());
    settle_gone(std::vector<SecretVault::Settled>{{id, std::nullopt}});
    return {};
}

Result<void> TokenWriter::insert_targets(const Token& token) {
    for (const Target& target : token.targets) {
        Query query = TRY(connection_.query(sql::kInsertTarget));
        query.bind(std::int64_t{token.owner.value()}, target.origin().text(), target.path(),
                   token_key(token.id));
        TRY(query.run());
    }
    return {};
}

Result<void> TokenWriter::replace_targets(const Token& before, const Token& after) {
    if (before.targets == after.targets)
        return {};
    for (const Target& target : before.targets) {
        Query query = TRY(connection_.query(sql::kDeleteTarget));
        query.bind(std::int64_t{before.owner.value()}, target.origin().text(), target.path(),
                   token_key(before.id));
        TRY(query.run());
    }
    return insert_targets(after);
}

Result<void> TokenWriter::insert_tombstone(std::int64_t id, Uid owner, UnixTime now) {
    const Digest digest = record_.verifier();
    bind_tombstone(bound_, {digest, id, owner.value(), now});
    const Digest mac = TRY(rows_.make(bound_.bytes()));
    Query query = TRY(connection_.query(sql::kInsertTombstone));
    query.bind(Bytes(digest), id, std::int64_t{owner.value()}, now, Bytes(mac));
    return query.run();
}

Result<void> TokenWriter::prune_tombstones(Uid owner) {
    Query query = TRY(connection_.query(sql::kPruneTombstones));
    query.bind(std::int64_t{owner.value()}, std::int64_t{limits::kTombstonesPerUser});
    return query.run();
}

Result<void> TokenWriter::bury(std::int64_t id, Uid owner, UnixTime now) {
    const SealedRecord::Closing closing(record_);
    const Result<std::optional<Token>> token = record_.open(connection_, id);
    if (!token && token.error().code != Errc::Corrupt)
        return token.error();
    if (!token)
        log(messages::kDamagedRecordRemoved, token.error(),
            {{"UID", std::to_string(owner.value())}, {"TOKEN", describe_key(id)}});
    else if (!*token || (*token)->owner != owner)
        return Error{Errc::Corrupt, "an index names a token of somebody else"};
    else
        TRY(insert_tombstone(id, owner, now));
    return delete_row(id);
}

Result<void> TokenWriter::delete_row(std::int64_t id) {
    for (const char* sql : {sql::kDeleteLastUse, sql::kDeleteToken}) {
        Query query = TRY(connection_.query(sql));
        query.bind(id);
        TRY(query.run());
    }
    return {};
}

Result<void> TokenWriter::delete_targets(std::int64_t id, Uid owner) {
    Query targets = TRY(connection_.query(sql::kDeleteTargets));
    targets.bind(std::int64_t{owner.value()}, id);
    return targets.run();
}

Result<void> TokenWriter::delete_orphan_targets(Uid owner) {
    Query targets = TRY(connection_.query(sql::kDeleteTargetsOfNone));
    targets.bind(std::int64_t{owner.value()});
    return targets.run();
}

Result<bool> TokenWriter::was_made_under(std::int64_t id, const std::string& name) {
    const SealedRecord::Closing closing(record_);
    const Result<std::optional<Token>> token = record_.open(connection_, id);
    // A damaged one says nothing about itself, and affects nobody else.
    return !token || !*token ||
           ((*token)->state != TokenState::Quarantined && (*token)->owner_name == name);
}

Result<void> TokenWriter::remove(const TokenId& id, Uid owner, UnixTime now) {
    Transaction transaction = TRY(Transaction::begin_write(connection_));
    {
        Query query = TRY(connection_.query(sql::kOwnerOfToken));
        query.bind(token_key(id));
        if (!TRY(query.step()) || query.integer(0) != owner.value())
            return Errc::NotFound;
    }
    TRY(bury(token_key(id), owner, now));
    TRY(delete_targets(token_key(id), owner));
    TRY(prune_tombstones(owner));
    TRY(transaction.commit());
    empty_wal();
    settle_vault(std::vector<SecretVault::Settled>{{id, std::nullopt}});
    return {};
}

Result<std::size_t> TokenWriter::remove_all(Uid owner, const std::string& name, UnixTime now) {
    Transaction transaction = TRY(Transaction::begin_write(connection_));
    std::vector<std::int64_t> keys;
    {
        Query query = TRY(connection_.query(sql::kTokensOfOwner));
        query.bind(std::int64_t{owner.value()});
        while (TRY(query.step()))
            keys.push_back(query.integer(0));
    }
    std::size_t removed = 0;
    std::vector<SecretVault::Settled> dead;
    for (const std::int64_t key : keys) {
        if (!TRY(was_made_under(key, name)))
            continue;
        TRY(bury(key, owner, now));
        ++removed;
        if (const std::optional<TokenId> id = token_id_of(key))
            dead.push_back({*id, std::nullopt});
    }
    TRY(delete_orphan_targets(owner));
    TRY(prune_tombstones(owner));
    TRY(transaction.commit());
    empty_wal();
    settle_vault(dead);
    return removed;
}

Result<void> TokenWriter::set_locked(Uid owner, bool locked) {
    Transaction transaction = TRY(Transaction::begin_write(connection_));
    TRY(write_owner(owner, locked));
    return transaction.commit();
}

Result<std::vector<TokenId>> TokenWriter::quarantine(Uid owner, const std::string& name) {
    const SealedRecord::Closing closing(record_);
    Transaction transaction = TRY(Transaction::begin_write(connection_));
    std::vector<TokenId> hidden;
    for (const TokenId& id : TRY(ids_of(owner))) {
        Result<Token> token = open_any(id, owner);
        // A damaged one is never shown as it is.
        if (!token || token->owner_name != name || token->state == TokenState::Quarantined)
            continue;
        token->state = TokenState::Quarantined;
        TRY(reseal(*token));
        hidden.push_back(id);
    }
    TRY(transaction.commit());
    return hidden;
}

Result<void> TokenWriter::reinstate(const TokenId& id, Uid owner, const std::string& name) {
    const SealedRecord::Closing closing(record_);
    Transaction transaction = TRY(Transaction::begin_write(connection_));
    Token token = TRY(open_any(id, owner));
    if (token.state != TokenState::Quarantined)
        return Errc::NotFound;
    token.state = TokenState::Active;
    // Services are told an issued token's name.
    if (token.kind == TokenKind::Issued)
        token.username = name;
    token.owner_name = name;
    TRY(reseal(token));
    return transaction.commit();
}

Result<void> TokenWriter::record_use(const LastUses& uses) {
    TRY(connection_.execute(sql::kSyncNoChange));
    Result<void> written = write_uses(uses);
    TRY(connection_.execute(sql::kSyncEveryChange));
    // It writes only now and then, and most of what it cached is stale by then.
    connection_.release_memory();
    return written;
}

Result<bool> TokenWriter::was_changed_by_others() {
    Query query = TRY(connection_.query(sql::kDataVersion));
    TRY(query.step());
    const std::int64_t before = std::exchange(version_, query.integer(0));
    return before != version_;
}

Result<void> TokenWriter::write_uses(const LastUses& uses) {
    Transaction transaction = TRY(Transaction::begin_write(connection_));
    Result<void> written;
    for (const auto& [id, use] : uses) {
        Query query = TRY(connection_.query(sql::kRecordUse));
        query.bind(token_key(id), use.at, std::int64_t{use.by}, use.how, use.where);
        Result<void> one = query.run();
        if (!one && !connection_.in_transaction())
            return one;  // SQLite has rolled everything back
        if (!one)
            written = one;
    }
    TRY(transaction.commit());
    return written;
}

void TokenWriter::empty_wal() {
    Result<Query> query = connection_.query(sql::kEmptyWal);
    const Result<bool> done = query ? query->step() : Result<bool>(query.error());
    if (!done)
        log(messages::kRemainsInLogFile, done.error());
    else if (query->integer(0) != 0)
        log(messages::kRemainsInLogFile, Error{Errc::Busy, "a reader holds it"});
}

}  // namespace patd::store
