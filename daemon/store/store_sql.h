// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/schema.h"

#include <array>

// All SQL of store.db (docs/store-format.md). Constant text only; values are bound.
namespace patd::store::sql {

inline constexpr char kNumbers[] =
    "PRAGMA application_id = 0x70617473;"
    "PRAGMA user_version = 1;";

inline constexpr char kMetaTable[] =
    "CREATE TABLE meta ("
    "one INTEGER PRIMARY KEY, salt BLOB NOT NULL, nonce BLOB NOT NULL, sealed BLOB NOT NULL"
    ") STRICT";
inline constexpr char kOwnerTable[] =
    "CREATE TABLE owner ("
    "owner INTEGER PRIMARY KEY, locked INTEGER NOT NULL, mac BLOB NOT NULL"
    ") STRICT";
inline constexpr char kTokenTable[] =
    "CREATE TABLE token ("
    "id INTEGER PRIMARY KEY, owner INTEGER NOT NULL, owner_name TEXT NOT NULL,"
    " kind INTEGER NOT NULL, state INTEGER NOT NULL, provenance INTEGER NOT NULL,"
    " confirm INTEGER NOT NULL, description TEXT NOT NULL, permissions TEXT NOT NULL,"
    " targets TEXT NOT NULL, username TEXT NOT NULL, created INTEGER NOT NULL,"
    " expires INTEGER NOT NULL, generation INTEGER NOT NULL,"
    " salt BLOB NOT NULL, nonce BLOB NOT NULL, sealed BLOB NOT NULL"
    ") STRICT";
inline constexpr char kTargetTable[] =
    "CREATE TABLE target ("
    "owner INTEGER NOT NULL, origin TEXT NOT NULL, token INTEGER NOT NULL,"
    " PRIMARY KEY (owner, origin, token)"
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
inline constexpr char kTokenByOwner[] = "CREATE INDEX token_by_owner ON token (owner)";
inline constexpr char kTombstoneByDigest[] =
    "CREATE INDEX tombstone_by_digest ON tombstone (digest)";
inline constexpr char kTombstoneByOwner[] = "CREATE INDEX tombstone_by_owner ON tombstone (owner)";

inline constexpr std::array<SchemaObject, 9> kObjects{{
    {"meta", kMetaTable},
    {"owner", kOwnerTable},
    {"token", kTokenTable},
    {"target", kTargetTable},
    {"tombstone", kTombstoneTable},
    {"last_use", kLastUseTable},
    {"token_by_owner", kTokenByOwner},
    {"tombstone_by_digest", kTombstoneByDigest},
    {"tombstone_by_owner", kTombstoneByOwner},
}};

inline constexpr Schema kStoreSchema{0x70617473, 1, kNumbers, kObjects};

inline constexpr char kWriterSettings[] =
    "PRAGMA secure_delete = ON; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 4194304;";
inline constexpr char kReaderSettings[] = "PRAGMA query_only = ON;";
inline constexpr char kSyncEveryChange[] = "PRAGMA synchronous = FULL;";
inline constexpr char kSyncNoChange[] = "PRAGMA synchronous = NORMAL;";
inline constexpr char kEmptyWal[] = "PRAGMA wal_checkpoint(TRUNCATE)";  // gives (busy, ...)

inline constexpr char kInsertMeta[] =
    "INSERT INTO meta (one, salt, nonce, sealed) VALUES (1, ?, ?, ?)";
inline constexpr char kSelectMeta[] = "SELECT salt, nonce, sealed FROM meta WHERE one = 1";

inline constexpr char kSelectToken[] =
    "SELECT id, owner, owner_name, kind, state, provenance, confirm, description, permissions,"
    " targets, username, created, expires, generation, salt, nonce, sealed"
    " FROM token WHERE id = ?";
inline constexpr char kInsertToken[] =
    "INSERT INTO token (id, owner, owner_name, kind, state, provenance, confirm, description,"
    " permissions, targets, username, created, expires, generation, salt, nonce, sealed)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
inline constexpr char kUpdateToken[] =
    "UPDATE token SET id = ?1, owner = ?2, owner_name = ?3, kind = ?4, state = ?5,"
    " provenance = ?6, confirm = ?7, description = ?8, permissions = ?9, targets = ?10,"
    " username = ?11, created = ?12, expires = ?13, generation = ?14, salt = ?15, nonce = ?16,"
    " sealed = ?17 WHERE id = ?1";
inline constexpr char kDeleteToken[] = "DELETE FROM token WHERE id = ?";
inline constexpr char kOwnerOfToken[] = "SELECT owner FROM token WHERE id = ?";
inline constexpr char kTokensOfOwner[] = "SELECT id FROM token WHERE owner = ? ORDER BY id";
inline constexpr char kCountAllTokens[] = "SELECT count(*) FROM token";
inline constexpr char kCountTokens[] = "SELECT count(*) FROM token WHERE owner = ?";
inline constexpr char kHasTokens[] = "SELECT 1 FROM token WHERE owner = ? LIMIT 1";

inline constexpr char kInsertTarget[] =
    "INSERT OR IGNORE INTO target (owner, origin, token) VALUES (?, ?, ?)";
inline constexpr char kDeleteTarget[] =
    "DELETE FROM target WHERE owner = ? AND origin = ? AND token = ?";
inline constexpr char kDeleteTargets[] = "DELETE FROM target WHERE owner = ? AND token = ?";
inline constexpr char kDeleteTargetsOfOwner[] = "DELETE FROM target WHERE owner = ?";
inline constexpr char kTokensAtOrigin[] =
    "SELECT token FROM target WHERE owner = ? AND origin = ? ORDER BY token";

inline constexpr char kSelectOwner[] = "SELECT locked, mac FROM owner WHERE owner = ?";
inline constexpr char kReplaceOwner[] =
    "INSERT OR REPLACE INTO owner (owner, locked, mac) VALUES (?, ?, ?)";

inline constexpr char kInsertTombstone[] =
    "INSERT INTO tombstone (digest, token, owner, died, mac) VALUES (?, ?, ?, ?, ?)";
inline constexpr char kSelectTombstone[] =
    "SELECT digest, token, owner, died, mac FROM tombstone WHERE digest = ?"
    " ORDER BY seq DESC LIMIT 1";
inline constexpr char kPruneTombstones[] =
    "DELETE FROM tombstone WHERE owner = ?1 AND seq <="
    " (SELECT seq FROM tombstone WHERE owner = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)";

inline constexpr char kSelectLastUse[] =
    "SELECT used_at, used_by, used_how, used_where FROM last_use WHERE token = ?";
inline constexpr char kRecordUse[] =
    "INSERT INTO last_use (token, used_at, used_by, used_how, used_where)"
    " SELECT id, ?2, ?3, ?4, ?5 FROM token WHERE id = ?1"
    " ON CONFLICT (token) DO UPDATE SET used_at = excluded.used_at, used_by = excluded.used_by,"
    " used_how = excluded.used_how, used_where = excluded.used_where";
inline constexpr char kDeleteLastUse[] = "DELETE FROM last_use WHERE token = ?";

}  // namespace patd::store::sql
