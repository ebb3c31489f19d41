// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

// The columns of a token (docs/store-format.md). Reading, writing, sealing and upgrading a row all
// follow kTokenColumns; token_columns_test.cc compares it with the SQL below.
namespace patd::store {

// user_version of store.db, which kNumbers writes; a newer one is refused.
inline constexpr std::uint32_t kSchemaVersion = 8;

// The significant columns of a token row, as in the database: views into a row that was read, or
// into a StoredTexts and the Token to be written.
struct RecordColumns {
    std::int64_t id = 0;
    std::int64_t owner = 0;
    std::string_view owner_name;
    std::int64_t kind = 0;
    std::int64_t state = 0;
    std::int64_t provenance = 0;
    std::int64_t confirm = 0;
    std::string_view description;
    std::string_view permissions;
    std::string_view targets;
    std::string_view username;
    std::int64_t created = 0;
    std::int64_t expires = 0;
    std::int64_t generation = 0;
    std::string_view rules;
    std::string_view refused;
    std::int64_t refresh = 0;
    std::int64_t secret_kind = 0;
};

struct TokenColumn {
    const char* name;
    // One of them.
    std::int64_t RecordColumns::*number = nullptr;
    std::string_view RecordColumns::*text = nullptr;
    // The first version of the schema that has it, and how an older store gets it.
    std::uint32_t since = 1;
    const char* add = nullptr;

    // Calls `use` with the column's value.
    template <typename Columns, typename Use>
    constexpr void visit(Columns& columns, const Use& use) const {
        if (number != nullptr)
            use(columns.*number);
        else
            use(columns.*text);
    }
};

// In the order in which the seal binds them. Columns of a later version come at the end, and are
// bound only if a column of that version, or of a later one, is not empty or 0: so older seals stay
// valid.
inline constexpr std::array kTokenColumns = {
    TokenColumn{.name = "id", .number = &RecordColumns::id},
    TokenColumn{.name = "owner", .number = &RecordColumns::owner},
    TokenColumn{.name = "owner_name", .text = &RecordColumns::owner_name},
    TokenColumn{.name = "kind", .number = &RecordColumns::kind},
    TokenColumn{.name = "state", .number = &RecordColumns::state},
    TokenColumn{.name = "provenance", .number = &RecordColumns::provenance},
    TokenColumn{.name = "confirm", .number = &RecordColumns::confirm},
    TokenColumn{.name = "description", .text = &RecordColumns::description},
    TokenColumn{.name = "permissions", .text = &RecordColumns::permissions},
    TokenColumn{.name = "targets", .text = &RecordColumns::targets},
    TokenColumn{.name = "username", .text = &RecordColumns::username},
    TokenColumn{.name = "created", .number = &RecordColumns::created},
    TokenColumn{.name = "expires", .number = &RecordColumns::expires},
    TokenColumn{.name = "generation", .number = &RecordColumns::generation},
    TokenColumn{.name = "rules",
                .text = &RecordColumns::rules,
                .since = 3,
                .add = "ALTER TABLE token ADD COLUMN rules TEXT NOT NULL DEFAULT ''"},
    TokenColumn{.name = "refused",
                .text = &RecordColumns::refused,
                .since = 6,
                .add = "ALTER TABLE token ADD COLUMN refused TEXT NOT NULL DEFAULT ''"},
    TokenColumn{.name = "refresh",
                .number = &RecordColumns::refresh,
                .since = 6,
                .add = "ALTER TABLE token ADD COLUMN refresh INTEGER NOT NULL DEFAULT 0"},
    TokenColumn{.name = "secret_kind",
                .number = &RecordColumns::secret_kind,
                .since = 7,
                .add = "ALTER TABLE token ADD COLUMN secret_kind INTEGER NOT NULL DEFAULT 0"},
};
// Salt, nonce and sealed: they precede the others in each statement.
inline constexpr int kSealColumns = 3;

namespace sql {

inline constexpr char kNumbers[] =
    "PRAGMA application_id = 0x70617473;"
    "PRAGMA user_version = 8;";
// The text that SQLite makes of version 1 and the columns added since.
inline constexpr char kTokenTable[] =
    "CREATE TABLE token ("
    "id INTEGER PRIMARY KEY, owner INTEGER NOT NULL, owner_name TEXT NOT NULL,"
    " kind INTEGER NOT NULL, state INTEGER NOT NULL, provenance INTEGER NOT NULL,"
    " confirm INTEGER NOT NULL, description TEXT NOT NULL, permissions TEXT NOT NULL,"
    " targets TEXT NOT NULL, username TEXT NOT NULL, created INTEGER NOT NULL,"
    " expires INTEGER NOT NULL, generation INTEGER NOT NULL,"
    " salt BLOB NOT NULL, nonce BLOB NOT NULL, sealed BLOB NOT NULL,"
    " rules TEXT NOT NULL DEFAULT '', refused TEXT NOT NULL DEFAULT '',"
    " refresh INTEGER NOT NULL DEFAULT 0, secret_kind INTEGER NOT NULL DEFAULT 0"
    ") STRICT";
inline constexpr char kSelectToken[] =
    "SELECT salt, nonce, sealed, id, owner, owner_name, kind, state, provenance, confirm,"
    " description, permissions, targets, username, created, expires, generation, rules, refused,"
    " refresh, secret_kind FROM token WHERE id = ?";
inline constexpr char kInsertToken[] =
    "INSERT INTO token (salt, nonce, sealed, id, owner, owner_name, kind, state, provenance,"
    " confirm, description, permissions, targets, username, created, expires, generation, rules,"
    " refused, refresh, secret_kind)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
inline constexpr char kUpdateToken[] =
    "UPDATE token SET salt = ?1, nonce = ?2, sealed = ?3, id = ?4, owner = ?5, owner_name = ?6,"
    " kind = ?7, state = ?8, provenance = ?9, confirm = ?10, description = ?11,"
    " permissions = ?12, targets = ?13, username = ?14, created = ?15, expires = ?16,"
    " generation = ?17, rules = ?18, refused = ?19, refresh = ?20, secret_kind = ?21"
    " WHERE id = ?4";

}  // namespace sql
}  // namespace patd::store
