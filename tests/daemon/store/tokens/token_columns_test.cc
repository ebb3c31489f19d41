// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/token_columns.h"

#include "daemon/store/tokens/store_schema.h"
#include "tests/daemon/store/store_fixture.h"

#include <string>
#include <vector>

namespace patd::store::test {
namespace {

// As the statements have them: the seal first.
std::vector<std::string> stored_names() {
    std::vector<std::string> names{"salt", "nonce", "sealed"};
    for (const TokenColumn& column : kTokenColumns)
        names.emplace_back(column.name);
    return names;
}

// The names with commas, each as `write` has it.
template <typename Write>
std::string list(const Write& write) {
    std::string text;
    int number = 0;
    for (const std::string& name : stored_names())
        text += write(name, ++number) + ", ";
    return text.substr(0, text.size() - 2);
}

std::string plain(const std::string& name, int) {
    return name;
}

TEST(TokenColumns, AreThoseOfEachStatementInTheirOrder) {
    EXPECT_EQ(sql::kSelectToken, "SELECT " + list(plain) + " FROM token WHERE id = ?");
    EXPECT_EQ(sql::kInsertToken, "INSERT INTO token (" + list(plain) + ") VALUES (" +
                                     list([](const auto&, int) { return std::string("?"); }) + ")");
    EXPECT_EQ(sql::kUpdateToken, "UPDATE token SET " + list([](const auto& name, int number) {
                                     return name + " = ?" + std::to_string(number);
                                 }) + " WHERE id = ?4");
}

TEST(TokenColumns, AreThoseOfTheTableWithTheirTypes) {
    const support::TemporaryDirectory directory;
    const StateDirectory state = StateDirectory::open(directory.path()).value();
    open_database(state, sql::kStoreSchema, {.name = "store.db"}).value();
    RawDatabase raw(directory.file("store.db"));
    for (const TokenColumn& column : kTokenColumns) {
        const std::string type = "SELECT type FROM pragma_table_info('token') WHERE name = '" +
                                 std::string(column.name) + "'";
        EXPECT_EQ(raw.value(type.c_str()), column.number != nullptr ? "INTEGER" : "TEXT")
            << column.name;
    }
    EXPECT_EQ(raw.number("SELECT count(*) FROM pragma_table_info('token')"),
              static_cast<std::int64_t>(stored_names().size()));
}

TEST(TokenColumns, ComeInTheOrderInWhichTheyCameToBe) {
    std::uint32_t newest = 1;
    for (const TokenColumn& column : kTokenColumns) {
        EXPECT_NE(column.number == nullptr, column.text == nullptr) << column.name;
        EXPECT_GE(column.since, newest) << column.name;
        EXPECT_LE(column.since, kSchemaVersion) << column.name;
        EXPECT_EQ(column.add == nullptr, column.since == 1) << column.name;
        newest = column.since;
    }
}

// The tables that patd's older versions left on disks, to the byte.
TEST(TokenColumns, TheTableOfEachVersionIsWhatItWas) {
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
    for (const std::uint32_t version : {1, 2})
        EXPECT_EQ(sql::token_table_of(version).data(), first + end) << version;
    for (const std::uint32_t version : {3, 4, 5})
        EXPECT_EQ(sql::token_table_of(version).data(), first + rules + end) << version;
    EXPECT_EQ(sql::token_table_of(6).data(), first + rules + git + end);
}

TEST(TokenColumns, TheObjectsOfEachVersionAreWhatTheyWere) {
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
    for (const Schema* schema = &sql::kStoreSchema; schema != nullptr; schema = schema->before) {
        std::vector<std::string> names;
        for (const SchemaObject& object : schema->objects)
            names.emplace_back(object.name);
        if (schema->version <= versions.size()) {
            EXPECT_EQ(names, versions[schema->version - 1]) << schema->version;
        }
    }
}

}  // namespace
}  // namespace patd::store::test
