// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/database/sqlite.h"
#include "daemon/store/database/state_directory.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace patd::store {

// One table or index, with the exact text that created it.
struct SchemaObject {
    const char* name;
    const char* sql;
};

// What a database must look like (docs/store-format.md).
struct Schema {
    std::uint32_t application_id;
    std::uint32_t version;
    const char* numbers;  // the pragmas that write both
    std::span<const SchemaObject> objects;
    const Schema* before = nullptr;  // the previous version, which can be upgraded to this one
};

// A database file of the directory, and what to do if it does not exist.
struct DatabaseFile {
    std::string name;
    bool create = true;
    // Fills the first rows of a new database.
    std::function<Result<void>(Connection&)> fill = nullptr;
    // Upgrades from version `from`, one of those before, within one transaction (which also writes
    // the version numbers).
    std::function<Result<void>(Connection&, std::uint32_t from)> upgrade = nullptr;
};

// Opens a database after checking everything about it: owner and mode of its files, header, and the
// schema, compared text by text. A new one is made under another name and renamed when complete.
// Closing does not write the WAL back until the caller is satisfied and calls
// set_checkpoint_on_close(true). Not twice for one file in one process at a time (POSIX locks).
// Errors: AccessDenied; Corrupt, with the file unchanged; Unavailable (also: missing, not created).
Result<Connection> open_database(const StateDirectory& directory, const Schema& schema,
                                 const DatabaseFile& file);

}  // namespace patd::store
