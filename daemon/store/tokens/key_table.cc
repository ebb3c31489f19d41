// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/key_table.h"

#include "daemon/store/tokens/record_codec.h"
#include "daemon/store/tokens/store_sql.h"
#include "daemon/store/tokens/store_tables.h"

#include <vector>

namespace patd::store {
namespace {

enum Purpose : std::int64_t { kDataKey = 1, kIndexKey = 2 };
constexpr std::int64_t kFirst = 1;

// One opened row of the table.
struct RawKey {
    std::int64_t purpose;
    std::int64_t number;
    SecretBuffer bytes;
};
using RawKeys = std::vector<RawKey>;

struct RawWrap {
    RawKeys keys;
    std::int64_t wrap = 0;
    bool is_newest = true;
    bool has_older = false;
};

Result<Sealer> wrapping_sealer(const MasterKey& master) {
    if (master.size() != kKeyBytes)
        return Error{Errc::Corrupt, "the master key is not 32 bytes long"};
    const SecretBuffer wrap = TRY(derive_key(bytes_of(master.reveal()), "patd store 1 wrap"));
    return Sealer::create(bytes_of(wrap.reveal()));
}

Result<SecretBuffer> random_key(Random& random) {
    SecretBuffer key(kKeyBytes);
    const std::span<char> free = key.free_space();
    TRY(random.fill({reinterpret_cast<std::uint8_t*>(free.data()), free.size()}));
    key.grow(kKeyBytes);
    return key;
}

struct Place {
    std::int64_t purpose;
    std::int64_t number;
    std::int64_t wrap;
};

Result<void> insert_key(Connection& connection, Sealer& sealer, const Place& place,
                        const SecretBuffer& key, Random& random) {
    BoundData bound;
    bind_key(bound, place.purpose, place.number);
    const Sealed seal = TRY(sealer.seal(bound.view(), key.reveal(), random));
    Query query = TRY(connection.query(sql::kInsertKey));
    query.bind(place.purpose, place.number, place.wrap)
        .bind(Bytes(seal.salt), Bytes(seal.nonce), Bytes(seal.sealed));
    return query.run();
}

// The rows of one wrap; an error if one of them does not open.
Result<RawKeys> open_wrap(Connection& connection, Sealer& sealer, std::int64_t wrap) {
    RawKeys keys;
    Query query = TRY(connection.query(sql::kSelectKeys));
    query.bind(wrap);
    BoundData bound;
    while (TRY(query.step())) {
        RawKey key{query.integer(0), query.integer(1), SecretBuffer(kKeyBytes)};
        const SealedView seal{query.blob(2), query.blob(3), query.blob(4)};
        bind_key(bound, key.purpose, key.number);
        TRY(sealer.open(bound.view(), seal, key.bytes));
        if (query.malformed() || key.bytes.size() != kKeyBytes)
            return Error{Errc::Corrupt, "a key of impossible size"};
        keys.push_back(std::move(key));
    }
    return keys;
}

Result<std::vector<std::int64_t>> list_wraps(Connection& connection) {
    std::vector<std::int64_t> wraps;
    Query query = TRY(connection.query(sql::kListWraps));
    while (TRY(query.step()))
        wraps.push_back(query.integer(0));
    return wraps;
}

Result<RawWrap> open_raw(Connection& connection, const MasterKey& master) {
    Sealer sealer = TRY(wrapping_sealer(master));
    const std::vector<std::int64_t> wraps = TRY(list_wraps(connection));
    for (const std::int64_t wrap : wraps) {
        Result<RawKeys> keys = open_wrap(connection, sealer, wrap);
        if (keys)
            return RawWrap{std::move(*keys), wrap, wrap == wraps.front(), wrap != wraps.back()};
        if (keys.error().code != Errc::Corrupt)
            return keys.error();
    }
    return Error{Errc::Corrupt, "the master key does not open this store, or it is damaged"};
}

const RawKey* find_key(const RawKeys& keys, std::int64_t purpose, std::size_t from_the_end) {
    for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
        if (key->purpose == purpose && from_the_end-- == 0)
            return &*key;
    }
    return nullptr;
}

Result<StoreKeys> derive(const RawKey& data, const RawKey& index) {
    return StoreKeys::derive(bytes_of(data.bytes.reveal()), bytes_of(index.bytes.reveal()));
}

}  // namespace

Result<KeySet> KeySet::clone() const {
    KeySet copy{TRY(now.clone())};
    if (before)
        copy.before.emplace(TRY(before->clone()));
    return copy;
}

Result<void> make_keys(Connection& connection, const MasterKey& master, Random& random) {
    Sealer sealer = TRY(wrapping_sealer(master));
    const SecretBuffer data = TRY(random_key(random));
    const SecretBuffer index = TRY(derive_key(bytes_of(master.reveal()), "patd store 2 index"));
    TRY(insert_key(connection, sealer, {kDataKey, kFirst, kFirst}, data, random));
    return insert_key(connection, sealer, {kIndexKey, kFirst, kFirst}, index, random);
}

Result<void> upgrade_keys(Connection& connection, const MasterKey& master, Random& random) {
    Sealer sealer = TRY(wrapping_sealer(master));
    SecretBuffer data(kKeyBytes);
    {
        Query query = TRY(connection.query(sql::kSelectMeta1));
        if (!TRY(query.step()))
            return Error{Errc::Corrupt, "the store has no data key"};
        const SealedView seal{query.blob(0), query.blob(1), query.blob(2)};
        BoundData bound;
        bind_data_key_1(bound);
        const Result<void> opened = sealer.open(bound.view(), seal, data);
        if (query.malformed() || !opened || data.size() != kKeyBytes)
            return Error{Errc::Corrupt,
                         "the master key does not open this store, or it is damaged"};
    }
    const SecretBuffer index = TRY(derive_key(bytes_of(data.reveal()), "patd store 1 index"));
    TRY(connection.execute(sql::kKeyTable));
    TRY(connection.execute(sql::kNoteTable));
    TRY(insert_key(connection, sealer, {kDataKey, kFirst, kFirst}, data, random));
    TRY(insert_key(connection, sealer, {kIndexKey, kFirst, kFirst}, index, random));
    return connection.execute(sql::kDropMeta1);
}

Result<OpenedKeys> open_keys(Connection& connection, const MasterKey& master) {
    const RawWrap raw = TRY(open_raw(connection, master));
    const RawKey* index = find_key(raw.keys, kIndexKey, 0);
    const RawKey* data = find_key(raw.keys, kDataKey, 0);
    const RawKey* older = find_key(raw.keys, kDataKey, 1);
    if (index == nullptr || data == nullptr || find_key(raw.keys, kDataKey, 2) != nullptr)
        return Error{Errc::Corrupt, "a key of the store is missing, or there are too many"};
    KeySet keys{TRY(derive(*data, *index))};
    if (older != nullptr)
        keys.before.emplace(TRY(derive(*older, *index)));
    return OpenedKeys{std::move(keys), data->number, raw.wrap, raw.is_newest, raw.has_older};
}

Result<void> delete_older_wraps(Connection& connection, std::int64_t wrap) {
    Query query = TRY(connection.query(sql::kDeleteWrapsBelow));
    query.bind(wrap);
    return query.run();
}

Result<void> insert_data_key(Connection& connection, const MasterKey& master, std::int64_t number,
                             Random& random) {
    const std::vector<std::int64_t> wraps = TRY(list_wraps(connection));
    if (wraps.size() != 1)
        return Error{Errc::Busy, "a new master key waits for its first use"};
    Sealer sealer = TRY(wrapping_sealer(master));
    const SecretBuffer data = TRY(random_key(random));
    return insert_key(connection, sealer, {kDataKey, number, wraps.front()}, data, random);
}

Result<void> delete_data_keys_below(Connection& connection, std::int64_t number) {
    Query query = TRY(connection.query(sql::kDeleteKeysBelow));
    query.bind(std::int64_t{kDataKey}, number);
    return query.run();
}

Result<void> add_wrap(Connection& connection, const MasterKey& master, const MasterKey& next,
                      Random& random) {
    const RawWrap raw = TRY(open_raw(connection, master));
    Sealer sealer = TRY(wrapping_sealer(next));
    Query query = TRY(connection.query(sql::kDeleteWrapsAbove));
    query.bind(raw.wrap);
    TRY(query.run());
    for (const RawKey& key : raw.keys)
        TRY(insert_key(connection, sealer, {key.purpose, key.number, raw.wrap + 1}, key.bytes,
                       random));
    return {};
}

Result<void> replace_index_key(Connection& connection, const MasterKey& master, Connection& other,
                               Random& random) {
    const RawWrap raw = TRY(open_raw(connection, master));
    const RawWrap source = TRY(open_raw(other, master));
    const RawKey* index = find_key(source.keys, kIndexKey, 0);
    if (index == nullptr)
        return Error{Errc::Corrupt, "a key of the store is missing"};
    if (!raw.is_newest || raw.has_older)
        return Error{Errc::Busy, "a new master key waits for its first use"};
    Query query = TRY(connection.query(sql::kDeleteKeysBelow));
    query.bind(std::int64_t{kIndexKey}, kFirst + 1);
    TRY(query.run());
    Sealer sealer = TRY(wrapping_sealer(master));
    return insert_key(connection, sealer, {kIndexKey, kFirst, raw.wrap}, index->bytes, random);
}

}  // namespace patd::store
