// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/token_reader.h"

#include "common/base/log_messages.h"
#include "common/token/token_key.h"
#include "daemon/store/tokens/store_sql.h"

#include <array>
#include <limits>

namespace patd::store {
namespace {

bool is_hidden(const Token& token) {
    return token.state == TokenState::Quarantined;
}

// The first block of HKDF-Expand (RFC 5869), with the info id, generation, is the child's key.
Result<Digest> mac_of_child(KeyedMac& children, const ChildBody& child) {
    const std::uint32_t generation = child.generation;
    const std::array<std::uint8_t, 5> end_of_info{
        static_cast<std::uint8_t>(generation >> 24), static_cast<std::uint8_t>(generation >> 16),
        static_cast<std::uint8_t>(generation >> 8), static_cast<std::uint8_t>(generation), 1};
    Digest key = TRY(children.mac({bytes_of(child.parent.view()), end_of_info}));
    Result<Digest> mac = children.mac_with(key, bytes_of(child.body));
    wipe(std::span<char>(reinterpret_cast<char*>(key.data()), key.size()));
    return mac;
}

}  // namespace

Result<std::optional<bool>> read_locked(Connection& connection, RowMacs& rows, Uid owner) {
    Query query = TRY(connection.query(sql::kSelectOwner));
    query.bind(std::int64_t{owner.value()});
    if (!TRY(query.step()))
        return std::optional<bool>();
    const std::int64_t locked = query.integer(0);
    BoundData bound;
    bind_owner(bound, owner.value(), locked);
    const RowMacs::Match match = TRY(rows.match(bound.bytes(), query.blob(1)));
    if (match == RowMacs::Match::None || query.malformed())
        return Error{Errc::Corrupt, "an owner's row does not match its MAC"};
    return std::optional<bool>(locked != 0);
}

TokenReader::TokenReader(Connection connection, KeySet keys, SecretVault* vault)
    : connection_(std::move(connection)),
      index_(std::move(keys.now.index)),
      rows_(take_row_macs(keys)),
      children_(std::move(keys.now.children)),
      children_before_(take_before(keys, &StoreKeys::children)),
      vault_(vault),
      record_(std::move(keys.now.records), take_before(keys, &StoreKeys::records),
              vault == nullptr ? SecretPlace::Record : SecretPlace::Vault) {}

void TokenReader::adopt(KeySet keys) {
    index_ = std::move(keys.now.index);
    rows_ = take_row_macs(keys);
    children_ = std::move(keys.now.children);
    children_before_ = take_before(keys, &StoreKeys::children);
    record_.set_keys(std::move(keys.now.records), take_before(keys, &StoreKeys::records));
}

void TokenReader::forget_before() {
    rows_.forget_before();
    children_before_.reset();
    record_.forget_before();
}

Result<std::optional<StoredToken>> TokenReader::find(const TokenId& id) {
    const SealedRecord::Closing closing(record_);
    std::optional<Token> token = TRY(record_.open(connection_, token_key(id)));
    if (!token || is_hidden(*token))
        return std::optional<StoredToken>();
    std::optional<StoredToken> found(StoredToken{std::move(*token), record_.verifier()});
    return found;
}

Result<void> TokenReader::find_nothing(const TokenId& id) {
    const SealedRecord::Closing closing(record_);
    // Its neighbour would be in the same page.
    TRY(record_.open(connection_, token_key(id) ^ 1));
    return {};
}

Result<StoredTokenPtr> TokenReader::find_of(std::int64_t id, Uid owner, RecordCache& cache) {
    const std::optional<TokenId> name = token_id_of(id);
    if (const StoredTokenPtr known = name ? cache.find(*name) : nullptr)
        return known->token.owner == owner ? known : nullptr;
    const SealedRecord::Closing closing(record_);
    Result<std::optional<Token>> token = record_.open(connection_, id);
    if (!token && token.error().code == Errc::Corrupt) {
        log(messages::kRecordDamaged, token.error(),
            {{"UID", std::to_string(owner.value())}, {"TOKEN", describe_key(id)}});
        return StoredTokenPtr();
    }
    std::optional<Token> opened = TRY(std::move(token));
    if (!opened || opened->owner != owner)
        return StoredTokenPtr();
    return StoredTokenPtr(
        std::make_shared<const StoredToken>(StoredToken{std::move(*opened), record_.verifier()}));
}

Result<LastUse> TokenReader::last_use(const TokenId& id) {
    Query query = TRY(connection_.query(sql::kSelectLastUse));
    query.bind(token_key(id));
    if (!TRY(query.step()))
        return LastUse{};
    const std::int64_t by = query.integer(1);
    if (by < 0 || by > std::numeric_limits<std::uint32_t>::max())
        return LastUse{};
    return LastUse{query.integer(0), static_cast<std::uint32_t>(by), std::string(query.text(2)),
                   std::string(query.text(3))};
}

Result<OpenedSecret> TokenReader::open_secret(const TokenId& id) {
    const SealedRecord::Closing closing(record_);
    for (bool again = false;; again = true) {
        const std::optional<Token> token = TRY(record_.open(connection_, token_key(id)));
        if (!token || is_hidden(*token) || token->kind != TokenKind::Imported)
            return Errc::NotFound;
        if (vault_ == nullptr)
            return copy_of(*token, record_.secret());
        const SecretName name{id, TRY(name_in_vault(index_, record_))};
        const Result<TokenSecret> found = vault_->find(name, record_.share());
        if (found)
            return copy_of(*token, found->reveal());
        // The writer may have replaced it since the record was read.
        if (again || found.error().code != Errc::SecretLost)
            return found.error();
    }
}

Result<OpenedSecret> TokenReader::copy_of(const Token& token,
                                          std::span<const char> contents) const {
    if (contents.size() < token.refresh_bytes)
        return Error{Errc::Corrupt, "token " + token.id.text() + ": its secret is cut"};
    return OpenedSecret{token.owner, SecretBuffer::copy_of(contents), token.refresh_bytes,
                        record_.verifier()};
}

Result<std::size_t> TokenReader::count_all() {
    Query query = TRY(connection_.query(sql::kCountAllTokens));
    TRY(query.step());
    return static_cast<std::size_t>(query.integer(0));
}

Result<std::size_t> TokenReader::count(Uid owner) {
    Query query = TRY(connection_.query(sql::kCountTokens));
    query.bind(std::int64_t{owner.value()});
    TRY(query.step());
    return static_cast<std::size_t>(query.integer(0));
}

Result<std::size_t> TokenReader::count_expiring(Uid owner, UnixTime after, UnixTime until) {
    Query query = TRY(connection_.query(sql::kCountExpiring));
    query.bind(std::int64_t{owner.value()}, after, until);
    TRY(query.step());
    return static_cast<std::size_t>(query.integer(0));
}

Result<bool> TokenReader::is_locked(Uid owner) {
    std::optional<bool> locked = TRY(read_locked(connection_, rows_, owner));
    if (locked)
        return *locked;
    // Once more, in one snapshot: the writer may be creating both the row and the first token.
    const Transaction snapshot = TRY(Transaction::begin_read(connection_));
    locked = TRY(read_locked(connection_, rows_, owner));
    if (locked)
        return *locked;
    Query query = TRY(connection_.query(sql::kHasTokens));
    query.bind(std::int64_t{owner.value()});
    if (TRY(query.step()))
        return Error{Errc::Corrupt, "tokens without their owner's row"};
    return false;
}

Result<std::optional<Tombstone>> TokenReader::find_tombstone(const Digest& digest) {
    Query query = TRY(connection_.query(sql::kSelectTombstone));
    query.bind(Bytes(digest));
    if (!TRY(query.step()))
        return std::optional<Tombstone>();
    const TombstoneColumns columns{query.blob(0), query.integer(1), query.integer(2),
                                   query.integer(3)};
    bind_tombstone(bound_, columns);
    const RowMacs::Match match = TRY(rows_.match(bound_.bytes(), query.blob(4)));
    const std::optional<TokenId> id = token_id_of(columns.token);
    if (match == RowMacs::Match::None || query.malformed() || !id)
        return Error{Errc::Corrupt, "a tombstone does not match its MAC"};
    return std::optional<Tombstone>(
        Tombstone{*id, Uid(static_cast<std::uint32_t>(columns.owner)), columns.died});
}

Result<Digest> TokenReader::digest(std::span<const char> secret) {
    return index_.mac({bytes_of(secret)});
}

Result<Digest> TokenReader::child_mac(const TokenId& parent, std::uint32_t generation,
                                      std::span<const char> body) {
    return mac_of_child(children_, {parent, generation, body});
}

Result<bool> TokenReader::is_child_mac(const ChildBody& child, std::span<const char> mac) {
    if (mac.size() < kChildMacBytes || mac.size() > std::tuple_size_v<Digest>)
        return false;
    const Digest expected = TRY(mac_of_child(children_, child));
    if (constant_time_equal(Bytes(expected).first(mac.size()), bytes_of(mac)))
        return true;
    if (!children_before_)
        return false;
    const Digest older = TRY(mac_of_child(*children_before_, child));
    return constant_time_equal(Bytes(older).first(mac.size()), bytes_of(mac));
}

}  // namespace patd::store
