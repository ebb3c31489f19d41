// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/tokens/token_columns.h"

// The statements of store.db (docs/store-format.md), except those of token_columns.h. Constant text
// only; values are bound.
namespace patd::store::sql {

inline constexpr char kWriterSettings[] =
    "PRAGMA secure_delete = ON; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 4194304;";
inline constexpr char kReaderSettings[] = "PRAGMA query_only = ON;";
inline constexpr char kSyncEveryChange[] = "PRAGMA synchronous = FULL;";
inline constexpr char kSyncNoChange[] = "PRAGMA synchronous = NORMAL;";
// Changes when another connection has committed; that of the reader never does.
inline constexpr char kDataVersion[] = "PRAGMA data_version";
inline constexpr char kEmptyWal[] = "PRAGMA wal_checkpoint(TRUNCATE)";  // gives (busy, ...)

inline constexpr char kSelectMeta1[] = "SELECT salt, nonce, sealed FROM meta WHERE one = 1";
inline constexpr char kDropMeta1[] = "DROP TABLE meta";

inline constexpr char kInsertKey[] =
    "INSERT INTO key (purpose, number, wrap, salt, nonce, sealed) VALUES (?, ?, ?, ?, ?, ?)";
inline constexpr char kSelectKeys[] =
    "SELECT purpose, number, salt, nonce, sealed FROM key WHERE wrap = ? ORDER BY purpose, number";
inline constexpr char kListWraps[] = "SELECT DISTINCT wrap FROM key ORDER BY wrap DESC";
inline constexpr char kDeleteWrapsBelow[] = "DELETE FROM key WHERE wrap < ?";
inline constexpr char kDeleteWrapsAbove[] = "DELETE FROM key WHERE wrap > ?";
inline constexpr char kDeleteKeysBelow[] = "DELETE FROM key WHERE purpose = ? AND number < ?";

inline constexpr char kNewestDataKey[] = "SELECT max(number) FROM key WHERE purpose = 1";
inline constexpr char kCountDataKeys[] = "SELECT count(DISTINCT number) FROM key WHERE purpose = 1";
inline constexpr char kCountSealed[] =
    "SELECT (SELECT count(*) FROM token) + (SELECT count(*) FROM owner)"
    " + (SELECT count(*) FROM tombstone)";
inline constexpr char kTokensAfter[] = "SELECT id FROM token WHERE id > ? ORDER BY id LIMIT ?";
inline constexpr char kOwnersAfter[] =
    "SELECT owner FROM owner WHERE owner > ? ORDER BY owner LIMIT ?";
inline constexpr char kTombstonesAfter[] =
    "SELECT seq FROM tombstone WHERE seq > ? ORDER BY seq LIMIT ?";
inline constexpr char kTombstoneOf[] =
    "SELECT digest, token, owner, died, mac FROM tombstone WHERE seq = ?";
inline constexpr char kUpdateTombstone[] = "UPDATE tombstone SET mac = ?2 WHERE seq = ?1";

inline constexpr char kSelectAnchor[] =
    "SELECT store, generation, witnessed, sum, mac, died FROM anchor WHERE one = 1";
inline constexpr char kReplaceAnchor[] =
    "INSERT OR REPLACE INTO anchor (one, store, generation, witnessed, sum, mac, died)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)";
inline constexpr char kSaltsOfTokens[] = "SELECT id, salt FROM token";
inline constexpr char kMacsOfOwners[] = "SELECT owner, mac FROM owner";
inline constexpr char kMacsOfTombstones[] = "SELECT digest, token, mac FROM tombstone";
inline constexpr char kAnyToken[] = "SELECT EXISTS (SELECT 1 FROM token)";

inline constexpr char kWriteNote[] = "INSERT OR REPLACE INTO note (name, at) VALUES (?, ?)";
inline constexpr char kSelectNote[] = "SELECT at FROM note WHERE name = ?";

inline constexpr char kDeleteToken[] = "DELETE FROM token WHERE id = ?";
inline constexpr char kOwnerOfToken[] = "SELECT owner FROM token WHERE id = ?";
inline constexpr char kTokensOfOwner[] = "SELECT id FROM token WHERE owner = ?";
inline constexpr char kTokenCreated[] = "SELECT created FROM token WHERE id = ?";
inline constexpr char kCountAllTokens[] = "SELECT count(*) FROM token";
inline constexpr char kCountTokens[] = "SELECT count(*) FROM token WHERE owner = ? AND state <> 3";
inline constexpr char kCountExpiring[] =
    "SELECT count(*) FROM token WHERE owner = ? AND state <> 3 AND expires > ? AND expires <= ?";
inline constexpr char kTimesAfter[] =
    "SELECT id, created, expires FROM token WHERE id > ? ORDER BY id LIMIT ?";
// What git stored by itself and a server refused, or what has expired for good.
inline constexpr char kOldestForgotten[] =
    "SELECT id FROM token WHERE owner = ?1 AND provenance = 2 AND state = 2"
    " ORDER BY created, id LIMIT 1";
inline constexpr char kHasTokens[] = "SELECT 1 FROM token WHERE owner = ? LIMIT 1";

inline constexpr char kListOwners[] =
    "SELECT owner, owner_name, count(*), sum(state = 3) FROM token GROUP BY owner, owner_name";

inline constexpr char kListTokens[] = "SELECT id FROM token ORDER BY id";
inline constexpr char kAnyRecord[] =
    "SELECT EXISTS (SELECT 1 FROM token) OR EXISTS (SELECT 1 FROM tombstone)";
inline constexpr char kListTombstones[] =
    "SELECT digest, token, owner, died, mac FROM tombstone ORDER BY seq";
inline constexpr char kCountTombstones[] = "SELECT count(*) FROM tombstone WHERE owner = ?";
inline constexpr char kDeleteTombstones[] = "DELETE FROM tombstone WHERE digest = ? AND token = ?";
inline constexpr char kSelectDeath[] =
    "SELECT died FROM tombstone WHERE digest = ? AND token = ? ORDER BY seq DESC LIMIT 1";

inline constexpr char kInsertTarget[] =
    "INSERT OR IGNORE INTO target (owner, origin, path, token) VALUES (?, ?, ?, ?)";
inline constexpr char kDeleteTarget[] =
    "DELETE FROM target WHERE owner = ? AND origin = ? AND path = ? AND token = ?";
inline constexpr char kDeleteTargets[] = "DELETE FROM target WHERE owner = ? AND token = ?";
inline constexpr char kDeleteTargetsOfNone[] =
    "DELETE FROM target WHERE owner = ?1"
    " AND token NOT IN (SELECT id FROM token WHERE owner = ?1)";
inline constexpr char kTokensAtOrigin[] =
    "SELECT path, token FROM target WHERE owner = ? AND origin = ? AND (path, token) > (?, ?)"
    " ORDER BY path, token LIMIT ?";
inline constexpr char kTokensAtPath[] =
    "SELECT token FROM target WHERE owner = ? AND origin = ? AND path = ? AND token > ?"
    " ORDER BY token LIMIT ?";
inline constexpr char kDropTargets[] = "DROP TABLE target";
inline constexpr char kDropTokenByOwner[] = "DROP INDEX token_by_owner";
inline constexpr char kTargetsAfter[] =
    "SELECT id, owner, targets FROM token WHERE id > ? ORDER BY id LIMIT ?";

inline constexpr char kSelectOwner[] = "SELECT locked, mac FROM owner WHERE owner = ?";
inline constexpr char kReplaceOwner[] =
    "INSERT INTO owner (owner, locked, mac) VALUES (?, ?, ?)"
    " ON CONFLICT (owner) DO UPDATE SET locked = excluded.locked, mac = excluded.mac";

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
