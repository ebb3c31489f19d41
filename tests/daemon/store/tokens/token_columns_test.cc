// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/token_columns.h"

#include "daemon/store/tokens/store_schema.h"
#include "tests/daemon/store/store_fixture.h"

#include <string>
#include <vector>

namespace patd::store::test {
namespace {

// In the statements' order: the seal first.
std::vector<std::string> stored_names() {
    std::vector<std::string> names{"salt", "nonce", "sealed"};
    for (const TokenColumn& column : kTokenColumns)
        names.emplace_back(column.name);
    return names;
}

// The names separated by commas, each as `write` gives it.
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
    open_database(state, sql::store_schema(), {.name = "store.db"}).value();
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

}  // namespace
}  // namespace patd::store::test
