// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/database/schema.h"

#include <array>

// The tables and statements of audit.db (docs/store-format.md). Constant text only; values are
// bound.
namespace patd::store::sql {

inline constexpr char kAuditNumbers[] =
    "PRAGMA application_id = 0x70617461;"
    "PRAGMA user_version = 3;";
inline constexpr char kEventTable1[] =  // version 1 only
    "CREATE TABLE event ("
    "seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, owner INTEGER NOT NULL, token INTEGER,"
    " by_uid INTEGER NOT NULL, event TEXT NOT NULL, outcome TEXT NOT NULL, place TEXT NOT NULL,"
    " count INTEGER NOT NULL"
    ") STRICT";
// The schema text after kAddUnit.
inline constexpr char kEventTable2[] =  // version 2 only
    "CREATE TABLE event ("
    "seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, owner INTEGER NOT NULL, token INTEGER,"
    " by_uid INTEGER NOT NULL, event TEXT NOT NULL, outcome TEXT NOT NULL, place TEXT NOT NULL,"
    " count INTEGER NOT NULL,"
    " unit TEXT NOT NULL DEFAULT ''"
    ") STRICT";
// The schema text after kAddShare.
inline constexpr char kEventTable[] =
    "CREATE TABLE event ("
    "seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, owner INTEGER NOT NULL, token INTEGER,"
    " by_uid INTEGER NOT NULL, event TEXT NOT NULL, outcome TEXT NOT NULL, place TEXT NOT NULL,"
    " count INTEGER NOT NULL,"
    " unit TEXT NOT NULL DEFAULT '',"
    " share INTEGER NOT NULL DEFAULT 0"
    ") STRICT";
inline constexpr char kAddUnit[] = "ALTER TABLE event ADD COLUMN unit TEXT NOT NULL DEFAULT ''";
inline constexpr char kAddShare[] =
    "ALTER TABLE event ADD COLUMN share INTEGER NOT NULL DEFAULT 0;"
    "UPDATE event SET share = 1"
    " WHERE (event = 'verify' AND outcome = 'ok') OR event = 'alarm' OR outcome = 'noted';"
    "UPDATE event SET share = 2 WHERE event = 'verify' AND outcome <> 'ok';"
    "DROP INDEX event_by_owner;";
inline constexpr char kEventByOwner2[] =  // versions 1 and 2
    "CREATE INDEX event_by_owner ON event (owner, seq, token)";
inline constexpr char kEventByOwner[] =
    "CREATE INDEX event_by_owner ON event (owner, share, seq, token)";
inline constexpr std::array<SchemaObject, 2> kAuditObjects1{{
    {"event", kEventTable1},
    {"event_by_owner", kEventByOwner2},
}};
inline constexpr std::array<SchemaObject, 2> kAuditObjects2{{
    {"event", kEventTable2},
    {"event_by_owner", kEventByOwner2},
}};
inline constexpr std::array<SchemaObject, 2> kAuditObjects{{
    {"event", kEventTable},
    {"event_by_owner", kEventByOwner},
}};
inline constexpr Schema kAuditSchema1{0x70617461, 1, nullptr, kAuditObjects1};
inline constexpr Schema kAuditSchema2{0x70617461, 2, nullptr, kAuditObjects2, &kAuditSchema1};
inline constexpr Schema kAuditSchema{0x70617461, 3, kAuditNumbers, kAuditObjects, &kAuditSchema2};

inline constexpr char kInsertEvent[] =
    "INSERT INTO event (seq, at, owner, token, by_uid, event, outcome, place, count, unit, share)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
inline constexpr char kLastSeq[] = "SELECT ifnull(max(seq), 0) FROM event";
inline constexpr char kEventAt[] =
    "SELECT seq, at, token, by_uid, event, outcome, place, count, owner, unit FROM event"
    " WHERE seq = ?";
inline constexpr char kEventsBehind[] =
    "SELECT seq, at, token, by_uid, event, outcome, place, count, owner, unit FROM event"
    " WHERE seq > ?";
// The newest events before a given one. The index has an owner's events in order within each share,
// and SQLite merges the shares. Without an owner, the table itself has that order.
inline constexpr char kEventsOfOwner[] =
    "SELECT seq, at, token, by_uid, event, outcome, place, count, owner, unit FROM event"
    " WHERE owner = ?3 AND share = 0 AND seq < ?1"
    " UNION ALL "
    "SELECT seq, at, token, by_uid, event, outcome, place, count, owner, unit FROM event"
    " WHERE owner = ?3 AND share = 1 AND seq < ?1"
    " UNION ALL "
    "SELECT seq, at, token, by_uid, event, outcome, place, count, owner, unit FROM event"
    " WHERE owner = ?3 AND share = 2 AND seq < ?1"
    " ORDER BY seq DESC LIMIT ?2";
inline constexpr char kEventsOfAll[] =
    "SELECT seq, at, token, by_uid, event, outcome, place, count, owner, unit FROM event"
    " WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2";
// Of rows that were begun, those that still exist.
inline constexpr char kEndEvents[] =
    "UPDATE event SET outcome = ?3 WHERE seq BETWEEN ?1 AND ?2 AND outcome = 'begun'";
inline constexpr char kWithdrawEvents[] =
    "DELETE FROM event WHERE seq BETWEEN ?1 AND ?2 AND outcome = 'begun'";
inline constexpr char kCountEvents[] = "SELECT count(*) FROM event WHERE owner = ? AND share = ?";
inline constexpr char kPruneEvents[] =
    "DELETE FROM event WHERE seq IN"
    " (SELECT seq FROM event WHERE owner = ? AND share = ? ORDER BY seq LIMIT ?)";

}  // namespace patd::store::sql
