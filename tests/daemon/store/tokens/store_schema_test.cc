// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/store_schema.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace patd::store {
namespace {

// The tables that patd's older versions left on disks, to the byte.
TEST(StoreSchema, TheTableOfEachVersionIsWhatItWas) {
    const std::string first =
        "CREATE TABLE token (id INTEGER PRIMARY KEY, owner INTEGER NOT NULL, owner_name TEXT NOT "
        "NULL, kind INTEGER NOT NULL, state INTEGER NOT NULL, provenance INTEGER NOT NULL, confirm "
        "INTEGER NOT NULL, description TEXT NOT NULL, permissions TEXT NOT NULL, targets TEXT NOT "
        "NULL, username TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL, "
        "generation INTEGER NOT NULL, salt BLOB NOT NULL, nonce BLOB NOT NULL, sealed BLOB NOT "
        "NULL";
    const std::string rules = ", rules TEXT NOT NULL DEFAULT ''";
    const std::string git =
        ", refused TEXT NOT NULL DEFAULT '', refresh INTEGER NOT NULL DEFAULT 0";
    const std::string end = ") STRICT";
    for (const std::uint32_t version : {1U, 2U})
        EXPECT_EQ(sql::token_table_of(version), first + end) << version;
    for (const std::uint32_t version : {3U, 4U, 5U})
        EXPECT_EQ(sql::token_table_of(version), first + rules + end) << version;
    EXPECT_EQ(sql::token_table_of(6), first + rules + git + end);
}

TEST(StoreSchema, TheObjectsOfEachVersionAreWhatTheyWere) {
    const std::vector<std::string> first{"meta",
                                         "owner",
                                         "token",
                                         "target",
                                         "tombstone",
                                         "last_use",
                                         "token_by_owner",
                                         "tombstone_by_digest",
                                         "tombstone_by_owner"};
    const std::vector<std::string> second{"owner",
                                          "token",
                                          "target",
                                          "tombstone",
                                          "last_use",
                                          "token_by_owner",
                                          "tombstone_by_digest",
                                          "tombstone_by_owner",
                                          "key",
                                          "note"};
    const std::vector<std::string> fourth{"owner",
                                          "token",
                                          "tombstone",
                                          "last_use",
                                          "token_by_owner",
                                          "tombstone_by_digest",
                                          "tombstone_by_owner",
                                          "key",
                                          "note",
                                          "target"};
    const std::vector<std::string> fifth{
        "owner", "token", "tombstone", "last_use",      "tombstone_by_digest", "tombstone_by_owner",
        "key",   "note",  "target",    "token_by_owner"};
    const std::vector<std::vector<std::string>> versions{first,  second, second,
                                                         fourth, fifth,  fifth};
    for (const Schema* schema = &sql::store_schema(); schema != nullptr; schema = schema->before) {
        std::vector<std::string> names;
        for (const SchemaObject& object : schema->objects)
            names.emplace_back(object.name);
        if (schema->version <= versions.size()) {
            EXPECT_EQ(names, versions[schema->version - 1]) << schema->version;
        }
    }
}

}  // namespace
}  // namespace patd::store
