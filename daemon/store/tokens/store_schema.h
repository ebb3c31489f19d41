// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/database/schema.h"
#include "daemon/store/tokens/store_schema_before.h"
#include "daemon/store/tokens/store_tables.h"
#include "daemon/store/tokens/token_columns.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string_view>

// What store.db is now, and was in each version before.
namespace patd::store::sql {

struct StoreObject {
    const char* name;
    const char* sql;  // null: the token's table, as it was in that version
    std::uint32_t since = 1;
    std::uint32_t until = std::numeric_limits<std::uint32_t>::max();

    constexpr bool is_in(std::uint32_t version) const {
        return since <= version && version <= until;
    }
};

// In the order in which an upgrade makes them, too.
inline constexpr std::array kStoreObjects = {
    StoreObject{"meta", kMetaTable1, 1, 1},
    StoreObject{"owner", kOwnerTable},
    StoreObject{"token", nullptr},
    StoreObject{"target", kTargetTable3, 1, 3},
    StoreObject{"tombstone", kTombstoneTable},
    StoreObject{"last_use", kLastUseTable},
    StoreObject{"token_by_owner", kTokenByOwner4, 1, 4},
    StoreObject{"tombstone_by_digest", kTombstoneByDigest},
    StoreObject{"tombstone_by_owner", kTombstoneByOwner},
    StoreObject{"key", kKeyTable, 2},
    StoreObject{"note", kNoteTable, 2},
    StoreObject{"target", kTargetTable, 4},
    StoreObject{"token_by_owner", kTokenByOwner, 5},
};

// The text of the token's table in `version`: SQLite puts a column that is added at the end.
constexpr std::array<char, sizeof(kTokenTable)> token_table_of(std::uint32_t version) {
    constexpr std::string_view now(kTokenTable);
    constexpr std::string_view end(") STRICT");
    constexpr std::string_view add("ALTER TABLE token ADD COLUMN ");
    std::size_t size = now.size() - end.size();
    for (const TokenColumn& column : kTokenColumns) {
        if (column.since > version)
            size = std::min(size, now.find(std::string_view(column.add).substr(add.size())) - 2);
    }
    std::array<char, sizeof(kTokenTable)> text{};
    char* const cut = std::copy_n(now.data(), size, text.data());
    std::copy_n(end.data(), end.size(), cut);
    return text;
}

constexpr std::size_t count_objects(std::uint32_t version) {
    return static_cast<std::size_t>(std::ranges::count_if(
        kStoreObjects, [version](const StoreObject& object) { return object.is_in(version); }));
}

template <std::uint32_t version>
inline constexpr auto kTokenTableOf = token_table_of(version);

template <std::uint32_t version>
constexpr std::array<SchemaObject, count_objects(version)> make_objects() {
    std::array<SchemaObject, count_objects(version)> objects{};
    std::size_t next = 0;
    for (const StoreObject& object : kStoreObjects) {
        if (object.is_in(version))
            objects[next++] = {object.name,
                               object.sql == nullptr ? kTokenTableOf<version>.data() : object.sql};
    }
    return objects;
}

template <std::uint32_t version>
inline constexpr auto kObjectsOf = make_objects<version>();

template <std::uint32_t version>
struct StoreSchema {
    static constexpr Schema kSchema{0x70617473, version,
                                    version == kSchemaVersion ? kNumbers : nullptr,
                                    kObjectsOf<version>, StoreSchema<version - 1>::kItself};
    static constexpr const Schema* kItself = &kSchema;
};
template <>
struct StoreSchema<0> {
    static constexpr const Schema* kItself = nullptr;
};

inline constexpr const Schema& kStoreSchema = StoreSchema<kSchemaVersion>::kSchema;

}  // namespace patd::store::sql
