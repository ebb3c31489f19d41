// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/database/schema.h"
#include "daemon/store/tokens/store_schema_before.h"
#include "daemon/store/tokens/store_tables.h"

#include <array>

// What store.db is now.
namespace patd::store::sql {

inline constexpr char kNumbers[] =
    "PRAGMA application_id = 0x70617473;"
    "PRAGMA user_version = 6;";
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
inline constexpr Schema kStoreSchema{0x70617473, 6, kNumbers, kObjects, &kStoreSchema5};

}  // namespace patd::store::sql
