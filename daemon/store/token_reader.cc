// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/token_reader.h"

#include "common/base/log_messages.h"
#include "daemon/store/store_sql.h"

#include <algorithm>
#include <array>
#include <limits>

namespace patd::store {
namespace {

bool mac_matches(const Digest& expected, Bytes stored) {
    return constant_time_equal(Bytes(expected), stored);
}

bool has_origin(const Token& token, const Origin& origin) {
    return std::any_of(token.targets.begin(), token.targets.end(),
                       [&](const Target& target) { return target.origin() == origin; });
}

bool comes_before(const ListedToken& a, const ListedToken& b) {
    if (a.token.created != b.token.created)
        return a.token.created < b.token.created;
    return a.token.id < b.token.id;
}

}  // namespace

Result<std::optional<bool>> read_locked(Connection& connection, KeyedMac& rows, Uid owner) {
    Query query = TRY(connection.query(sql::kSelectOwner));
    query.bind(std::int64_t{owner.value()});
    if (!TRY(query.step()))
        return std::optional<bool>();
    const std::int64_t locked = query.integer(0);
    BoundData bound;
    bind_owner(bound, owner.value(), locked);
    const Digest expected = TRY(rows.mac({bound.bytes()}));
    if (!mac_matches(expected, query.blob(1)) || query.malformed())
        return Error{Errc::Corrupt, "an owner's row does not match its MAC"};
    return std::optional<bool>(locked != 0);
}

TokenReader::TokenReader(Connection connection, StoreKeys keys)
    : connection_(std::move(connection)),
      index_(std::move(keys.index)),
      rows_(std::move(keys.rows)),
      children_(std::move(keys.children)),
      record_(std::move(keys.records)) {}

Result<std::optional<StoredToken>> TokenReader::find(const TokenId& id) {
    const SealedRecord::Closing closing(record_);
    std::optional<Token> token = TRY(record_.open(connection_, token_key(id)));
    if (!token)
        return std::optional<StoredToken>();
    std::optional<StoredToken> found(StoredToken{std::move(*token), record_.verifier()});
    return found;
}

Result<std::optional<StoredToken>> TokenReader::find_of(std::int64_t id, Uid owner) {
    const SealedRecord::Closing closing(record_);
    Result<std::optional<Token>> token = record_.open(connection_, id);
    if (!token && token.error().code == Errc::Corrupt) {
        log(messages::kRecordDamaged, token.error(),
            {{"UID", std::to_string(owner.value())}, {"TOKEN", describe_key(id)}});
        return std::optional<StoredToken>();
    }
    std::optional<Token> opened = TRY(std::move(token));
    if (!opened || opened->owner != owner)
        return std::optional<StoredToken>();
    std::optional<StoredToken> found(StoredToken{std::move(*opened), record_.verifier()});
    return found;
}

Result<std::vector<std::int64_t>> TokenReader::keys_of(Query& query) {
    std::vector<std::int64_t> keys;
    while (TRY(query.step()))
        keys.push_back(query.integer(0));
    return keys;
}

Result<LastUse> TokenReader::last_use(std::int64_t id) {
    Query query = TRY(connection_.query(sql::kSelectLastUse));
    query.bind(id);
    if (!TRY(query.step()))
        return LastUse{};
    const std::int64_t by = query.integer(1);
    if (by < 0 || by > std::numeric_limits<std::uint32_t>::max())
        return LastUse{};
    return LastUse{query.integer(0), static_cast<std::uint32_t>(by), std::string(query.text(2)),
                   std::string(query.text(3))};
}

Result<std::vector<ListedToken>> TokenReader::list(Uid owner) {
    const Transaction snapshot = TRY(Transaction::begin_read(connection_));
    Query query = TRY(connection_.query(sql::kTokensOfOwner));
    query.bind(std::int64_t{owner.value()});
    std::vector<ListedToken> tokens;
    for (const std::int64_t id : TRY(keys_of(query))) {
        std::optional<StoredToken> found = TRY(find_of(id, owner));
        if (found)
            tokens.push_back({std::move(found->token), TRY(last_use(id))});
    }
    std::sort(tokens.begin(), tokens.end(), comes_before);
    return tokens;
}

Result<std::vector<StoredToken>> TokenReader::find_by_origin(Uid owner, const Origin& origin) {
    const Transaction snapshot = TRY(Transaction::begin_read(connection_));
    Query query = TRY(connection_.query(sql::kTokensAtOrigin));
    query.bind(std::int64_t{owner.value()}, origin.text());
    std::vector<StoredToken> tokens;
    for (const std::int64_t id : TRY(keys_of(query))) {
        std::optional<StoredToken> found = TRY(find_of(id, owner));
        if (found && has_origin(found->token, origin))
            tokens.push_back(std::move(*found));
    }
    return tokens;
}

Result<TokenSecret> TokenReader::open_secret(const TokenId& id) {
    const SealedRecord::Closing closing(record_);
    const std::optional<Token> token = TRY(record_.open(connection_, token_key(id)));
    const std::span<const char> secret = record_.secret();
    if (!token || secret.empty()) {
        return Errc::NotFound;
    }
    TokenSecret copy(SecretBuffer::copy_of(secret));
    return copy;
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

Result<bool> TokenReader::is_locked(Uid owner) {
    std::optional<bool> locked = TRY(read_locked(connection_, rows_, owner));
    if (locked)
        return *locked;
    // Once more in one snapshot: the writer may be making both the row and the first token.
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
    const Digest expected = TRY(rows_.mac({bound_.bytes()}));
    const std::optional<TokenId> id = token_id_of(columns.token);
    if (!mac_matches(expected, query.blob(4)) || query.malformed() || !id)
        return Error{Errc::Corrupt, "a tombstone does not match its MAC"};
    return std::optional<Tombstone>(
        Tombstone{*id, Uid(static_cast<std::uint32_t>(columns.owner)), columns.died});
}

Result<Digest> TokenReader::digest(std::span<const char> secret) {
    return index_.mac({bytes_of(secret)});
}

Result<Digest> TokenReader::child_mac(const TokenId& parent, std::uint32_t generation,
                                      std::span<const char> body) {
    // The first block of HKDF-Expand (RFC 5869) with the info id, generation.
    const std::array<std::uint8_t, 5> end_of_info{
        static_cast<std::uint8_t>(generation >> 24), static_cast<std::uint8_t>(generation >> 16),
        static_cast<std::uint8_t>(generation >> 8), static_cast<std::uint8_t>(generation), 1};
    Digest key = TRY(children_.mac({bytes_of(parent.view()), end_of_info}));
    const Result<Digest> mac = children_.mac_with(key, bytes_of(body));
    wipe(std::span<char>(reinterpret_cast<char*>(key.data()), key.size()));
    return mac;
}

}  // namespace patd::store
