// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/store_schema.h"

#include "daemon/store/tokens/store_schema_before.h"
#include "daemon/store/tokens/store_tables.h"
#include "daemon/store/tokens/token_columns.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>
#include <vector>

namespace patd::store::sql {
namespace {

struct StoreObject {
    const char* name;
    const char* sql;  // null: the token's table, in that version's form
    std::uint32_t since = 1;
    std::uint32_t until = std::numeric_limits<std::uint32_t>::max();
};

// Also the order in which an upgrade creates them.
constexpr std::array kStoreObjects = {
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
    StoreObject{"anchor", kAnchorTable, 8},
};

struct Version {
    std::string token_table;
    std::vector<SchemaObject> objects;
    Schema schema{};
};
using Versions = std::array<Version, kSchemaVersion>;

Versions make_versions() {
    Versions versions;
    for (std::uint32_t number = 1; number <= kSchemaVersion; ++number) {
        Version& version = versions.at(number - 1);
        version.token_table = token_table_of(number);
        for (const StoreObject& object : kStoreObjects) {
            if (object.since <= number && number <= object.until)
                version.objects.push_back({object.name, object.sql});
        }
    }
    return versions;
}

// Pointers into them are set once they are in their final place.
void connect(Versions& versions) {
    const Schema* before = nullptr;
    std::uint32_t number = 0;
    for (Version& version : versions) {
        ++number;
        for (SchemaObject& object : version.objects) {
            if (object.sql == nullptr)
                object.sql = version.token_table.c_str();
        }
        version.schema = {0x70617473, number, number == kSchemaVersion ? kNumbers : nullptr,
                          version.objects, before};
        before = &version.schema;
    }
}

struct AllVersions {
    AllVersions() : versions(make_versions()) { connect(versions); }

    Versions versions;
};

}  // namespace

// SQLite appends an added column at the end.
std::string token_table_of(std::uint32_t version) {
    constexpr std::string_view kNow(kTokenTable);
    constexpr std::string_view kEnd(") STRICT");
    constexpr std::string_view kAdd("ALTER TABLE token ADD COLUMN ");
    std::size_t size = kNow.size() - kEnd.size();
    for (const TokenColumn& column : kTokenColumns) {
        if (column.since > version)
            size = std::min(size, kNow.find(std::string_view(column.add).substr(kAdd.size())) - 2);
    }
    return std::string(kNow.substr(0, size)).append(kEnd);
}

const Schema& store_schema() {
    static const AllVersions all;
    return all.versions.back().schema;
}

}  // namespace patd::store::sql
