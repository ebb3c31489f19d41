// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

// The current tables of store.db (docs/store-format.md), text by text; token_columns.h has a
// token's.
namespace patd::store::sql {

inline constexpr char kOwnerTable[] =
    "CREATE TABLE owner ("
    "owner INTEGER PRIMARY KEY, locked INTEGER NOT NULL, mac BLOB NOT NULL"
    ") STRICT";
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
inline constexpr char kAnchorTable[] =
    "CREATE TABLE anchor ("
    "one INTEGER PRIMARY KEY, store BLOB NOT NULL, generation INTEGER NOT NULL,"
    " witnessed INTEGER NOT NULL, sum BLOB NOT NULL, mac BLOB NOT NULL,"
    " died INTEGER NOT NULL"
    ") STRICT";

}  // namespace patd::store::sql
