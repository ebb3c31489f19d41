// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/database/sqlite.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace patd::store {

// One side of a row that a statement changes: as it was, or as it will be. Valid during the call
// that passes it. A column is named by its position in the table; one of another type is empty, or
// 0.
class RowSide {
  public:
    using Get = int (*)(sqlite3*, int, sqlite3_value**);
    RowSide(sqlite3* database, Get get) : database_(database), get_(get) {}

    std::int64_t integer(int column) const;
    std::string_view text(int column) const;
    std::span<const std::uint8_t> blob(int column) const;

  private:
    sqlite3_value* find(int column, int type) const;

    sqlite3* database_;
    Get get_;
};

// Follows what one connection writes, row by row, whatever statement does it
// (https://www.sqlite.org/c3ref/preupdate_blobwrite.html). Thread rule: the connection's.
class WriteWatch {
  public:
    virtual ~WriteWatch() = default;
    // `before` is null for a new row, `after` for one that goes.
    virtual void on_row(std::string_view table, const RowSide* before, const RowSide* after) = 0;
    // The last statements of a transaction, before it is committed; an error rolls it back.
    virtual Result<void> complete(Connection& connection) = 0;
    virtual void ended(bool committed) = 0;
};

}  // namespace patd::store
