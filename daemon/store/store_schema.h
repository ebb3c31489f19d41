// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/schema.h"

#include <array>

// The tables of store.db (docs/store-format.md), text by text.
namespace patd::store::sql {

inline constexpr char kNumbers[] =
    "PRAGMA application_id = 0x70617473;"
    "PRAGMA user_version = 5;";

inline constexpr char kMetaTable1[] =  // version 1 only
    "CREATE TABLE meta ("
    "one INTEGER PRIMARY KEY, salt BLOB NOT NULL, nonce BLOB NOT NULL, sealed BLOB NOT NULL"
    ") STRICT";
inline constexpr char kOwnerTable[] =
    "CREATE TABLE owner ("
    "owner INTEGER PRIMARY KEY, locked INTEGER NOT NULL, mac BLOB NOT NULL"
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
// What SQLite makes of the one before and kAddRules.
inline constexpr char kTokenTable[] =
    "CREATE TABLE token ("
    "id INTEGER PRIMARY KEY, owner INTEGER NOT NULL, owner_name TEXT NOT NULL,"
    " kind INTEGER NOT NULL, state INTEGER NOT NULL, provenance INTEGER NOT NULL,"
    " confirm INTEGER NOT NULL, description TEXT NOT NULL, permissions TEXT NOT NULL,"
    " targets TEXT NOT NULL, username TEXT NOT NULL, created INTEGER NOT NULL,"
    " expires INTEGER NOT NULL, generation INTEGER NOT NULL,"
    " salt BLOB NOT NULL, nonce BLOB NOT NULL, sealed BLOB NOT NULL,"
    " rules TEXT NOT NULL DEFAULT ''"
    ") STRICT";
inline constexpr char kAddRules[] = "ALTER TABLE token ADD COLUMN rules TEXT NOT NULL DEFAULT ''";
inline constexpr char kTargetTable3[] =  // versions 1 to 3
    "CREATE TABLE target ("
    "owner INTEGER NOT NULL, origin TEXT NOT NULL, token INTEGER NOT NULL,"
    " PRIMARY KEY (owner, origin, token)"
    ") STRICT, WITHOUT ROWID";
inline constexpr char kTargetTable[] =
    "CREATE TABLE target ("
    "owner INTEGER NOT NULL, origin TEXT NOT NULL, path TEXT NOT NULL, token INTEGER NOT NULL,"
    " PRIMARY KEY (owner, origin, path, token)"
    ") STRICT, WITHOUT ROWID";
inline constexpr char kTombstoneTable[] =
    "CREATE TABLE tombstone ("
    "seq INTEGER PRIMARY KEY, digest BLOB NOT NULL, token INTEGER NOT NULL,"
    " owner INTEGER NOT NULL, died INTEGER NOT NULL, mac BLOB NOT NULL"
    ") STRICT";
inline constexpr char kLastUseTable[] =
    "CREATE TABLE last_use ("
    "token INTEGER PRIMARY KEY, used_at INTEGER NOT NULL, used_by INTEGER NOT NULL,"
    " used_how TEXT NOT NULL, used_where TEXT NOT NULL"
    ") STRICT";
inline constexpr char kTokenByOwner4[] =  // versions 1 to 4
    "CREATE INDEX token_by_owner ON token (owner)";
inline constexpr char kTokenByOwner[] =
    "CREATE INDEX token_by_owner ON token (owner, owner_name, state, expires)";
inline constexpr char kTombstoneByDigest[] =
    "CREATE INDEX tombstone_by_digest ON tombstone (digest)";
inline constexpr char kTombstoneByOwner[] = "CREATE INDEX tombstone_by_owner ON tombstone (owner)";

inline constexpr char kKeyTable[] =
    "CREATE TABLE key ("
    "purpose INTEGER NOT NULL, number INTEGER NOT NULL, wrap INTEGER NOT NULL,"
    " salt BLOB NOT NULL, nonce BLOB NOT NULL, sealed BLOB NOT NULL,"
    " PRIMARY KEY (purpose, number, wrap)"
    ") STRICT, WITHOUT ROWID";
inline constexpr char kNoteTable[] =
    "CREATE TABLE note (name TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID";

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
    {"token", kTokenTable},
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
    {"token", kTokenTable},
    {"tombstone", kTombstoneTable},
    {"last_use", kLastUseTable},
    {"token_by_owner", kTokenByOwner4},
    {"tombstone_by_digest", kTombstoneByDigest},
    {"tombstone_by_owner", kTombstoneByOwner},
    {"key", kKeyTable},
    {"note", kNoteTable},
    {"target", kTargetTable},
}};
// In the order in which an upgrade makes them, too.
inline constexpr std::array<SchemaObject, 10> kObjects{{
    {"owner", kOwnerTable},
    {"token", kTokenTable},
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
inline constexpr Schema kStoreSchema{0x70617473, 5, kNumbers, kObjects, &kStoreSchema4};

}  // namespace patd::store::sql
