// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

// What store.db had in earlier versions, and no longer has.
namespace patd::store::sql {

inline constexpr char kMetaTable1[] =  // version 1 only
    "CREATE TABLE meta ("
    "one INTEGER PRIMARY KEY, salt BLOB NOT NULL, nonce BLOB NOT NULL, sealed BLOB NOT NULL"
    ") STRICT";
inline constexpr char kTargetTable3[] =  // versions 1 to 3
    "CREATE TABLE target ("
    "owner INTEGER NOT NULL, origin TEXT NOT NULL, token INTEGER NOT NULL,"
    " PRIMARY KEY (owner, origin, token)"
    ") STRICT, WITHOUT ROWID";
inline constexpr char kTokenByOwner4[] =  // versions 1 to 4
    "CREATE INDEX token_by_owner ON token (owner)";

}  // namespace patd::store::sql
