// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/database/schema.h"
#include "daemon/store/tokens/store_tables.h"

#include <array>

// What store.db was in the versions before, and what changes one into the next.
namespace patd::store::sql {

inline constexpr char kMetaTable1[] =  // version 1 only
    "CREATE TABLE meta ("
    "one INTEGER PRIMARY KEY, salt BLOB NOT NULL, nonce BLOB NOT NULL, sealed BLOB NOT NULL"
    ") STRICT";
inline constexpr char kTokenTable2[] =  // versions 1 and 2
    "CREATE TABLE token ("
    "id INTEGER PRIMARY KEY, owner INTEGER NOT NULL, owner_name TEXT NOT NULL,"
    " kind INTEGER NOT NULL, state INTEGER NOT NULL, provenance INTEGER NOT NULL,"
    " confirm INTEGER NOT NULL, description TEXT NOT NULL, permissions TEXT NOT NULL,"
    " targets TEXT NOT NULL, username TEXT NOT NULL, created INTEGER NOT NULL,"
    " expires INTEGER NOT NULL, generation INTEGER NOT NULL,"
    " salt BLOB NOT NULL, nonce BLOB NOT NULL, sealed BLOB NOT NULL"
    ") STRICT";
// What SQLite makes of that and kAddRules.
inline constexpr char kTokenTable3[] =  // versions 3 to 5
    "CREATE TABLE token ("
    "id INTEGER PRIMARY KEY, owner INTEGER NOT NULL, owner_name TEXT NOT NULL,"
    " kind INTEGER NOT NULL, state INTEGER NOT NULL, provenance INTEGER NOT NULL,"
    " confirm INTEGER NOT NULL, description TEXT NOT NULL, permissions TEXT NOT NULL,"
    " targets TEXT NOT NULL, username TEXT NOT NULL, created INTEGER NOT NULL,"
    " expires INTEGER NOT NULL, generation INTEGER NOT NULL,"
    " salt BLOB NOT NULL, nonce BLOB NOT NULL, sealed BLOB NOT NULL,"
    " rules TEXT NOT NULL DEFAULT ''"
    ") STRICT";
inline constexpr char kAddRefused[] =
    "ALTER TABLE token ADD COLUMN refused TEXT NOT NULL DEFAULT ''";
inline constexpr char kAddRefresh[] =
    "ALTER TABLE token ADD COLUMN refresh INTEGER NOT NULL DEFAULT 0";
inline constexpr char kAddRules[] = "ALTER TABLE token ADD COLUMN rules TEXT NOT NULL DEFAULT ''";
inline constexpr char kTargetTable3[] =  // versions 1 to 3
    "CREATE TABLE target ("
    "owner INTEGER NOT NULL, origin TEXT NOT NULL, token INTEGER NOT NULL,"
    " PRIMARY KEY (owner, origin, token)"
    ") STRICT, WITHOUT ROWID";
inline constexpr char kTokenByOwner4[] =  // versions 1 to 4
    "CREATE INDEX token_by_owner ON token (owner)";
inline constexpr std::array<SchemaObject, 9> kObjects1{{
    {"meta", kMetaTable1},
    {"owner", kOwnerTable},
    {"token", kTokenTable2},
    {"target", kTargetTable3},
    {"tombstone", kTombstoneTable},
    {"last_use", kLastUseTable},
    {"token_by_owner", kTokenByOwner4},
    {"tombstone_by_digest", kTombstoneByDigest},
    {"tombstone_by_owner", kTombstoneByOwner},
}};
inline constexpr std::array<SchemaObject, 10> kObjects2{{
    {"owner", kOwnerTable},
    {"token", kTokenTable2},
    {"target", kTargetTable3},
    {"tombstone", kTombstoneTable},
    {"last_use", kLastUseTable},
    {"token_by_owner", kTokenByOwner4},
    {"tombstone_by_digest", kTombstoneByDigest},
    {"tombstone_by_owner", kTombstoneByOwner},
    {"key", kKeyTable},
    {"note", kNoteTable},
}};
inline constexpr std::array<SchemaObject, 10> kObjects3{{
    {"owner", kOwnerTable},
    {"token", kTokenTable3},
    {"target", kTargetTable3},
    {"tombstone", kTombstoneTable},
    {"last_use", kLastUseTable},
    {"token_by_owner", kTokenByOwner4},
    {"tombstone_by_digest", kTombstoneByDigest},
    {"tombstone_by_owner", kTombstoneByOwner},
    {"key", kKeyTable},
    {"note", kNoteTable},
}};
inline constexpr std::array<SchemaObject, 10> kObjects4{{
    {"owner", kOwnerTable},
    {"token", kTokenTable3},
    {"tombstone", kTombstoneTable},
    {"last_use", kLastUseTable},
    {"token_by_owner", kTokenByOwner4},
    {"tombstone_by_digest", kTombstoneByDigest},
    {"tombstone_by_owner", kTombstoneByOwner},
    {"key", kKeyTable},
    {"note", kNoteTable},
    {"target", kTargetTable},
}};
inline constexpr std::array<SchemaObject, 10> kObjects5{{
    {"owner", kOwnerTable},
    {"token", kTokenTable3},
    {"tombstone", kTombstoneTable},
    {"last_use", kLastUseTable},
    {"tombstone_by_digest", kTombstoneByDigest},
    {"tombstone_by_owner", kTombstoneByOwner},
    {"key", kKeyTable},
    {"note", kNoteTable},
    {"target", kTargetTable},
    {"token_by_owner", kTokenByOwner},
}};
inline constexpr Schema kStoreSchema1{0x70617473, 1, nullptr, kObjects1};
inline constexpr Schema kStoreSchema2{0x70617473, 2, nullptr, kObjects2, &kStoreSchema1};
inline constexpr Schema kStoreSchema3{0x70617473, 3, nullptr, kObjects3, &kStoreSchema2};
inline constexpr Schema kStoreSchema4{0x70617473, 4, nullptr, kObjects4, &kStoreSchema3};
inline constexpr Schema kStoreSchema5{0x70617473, 5, nullptr, kObjects5, &kStoreSchema4};

}  // namespace patd::store::sql
