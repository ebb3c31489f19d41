// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// For sqlite3_preupdate_hook, which every supported distribution builds in.
#define SQLITE_ENABLE_PREUPDATE_HOOK
#include "daemon/store/database/write_watch.h"

namespace patd::store {
namespace {

void pass_row(void* watch, sqlite3* database, int what, const char*, const char* table,
              sqlite3_int64, sqlite3_int64) {
    const RowSide before(database, &sqlite3_preupdate_old);
    const RowSide after(database, &sqlite3_preupdate_new);
    static_cast<WriteWatch*>(watch)->on_row(table, what == SQLITE_INSERT ? nullptr : &before,
                                            what == SQLITE_DELETE ? nullptr : &after);
}

}  // namespace

sqlite3_value* RowSide::find(int column, int type) const {
    sqlite3_value* value = nullptr;
    if (get_(database_, column, &value) != SQLITE_OK || value == nullptr ||
        sqlite3_value_type(value) != type)
        return nullptr;
    return value;
}

std::int64_t RowSide::integer(int column) const {
    sqlite3_value* const value = find(column, SQLITE_INTEGER);
    return value == nullptr ? 0 : sqlite3_value_int64(value);
}

std::string_view RowSide::text(int column) const {
    sqlite3_value* const value = find(column, SQLITE_TEXT);
    if (value == nullptr)
        return {};
    const auto* data = reinterpret_cast<const char*>(sqlite3_value_text(value));
    return {data, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

std::span<const std::uint8_t> RowSide::blob(int column) const {
    sqlite3_value* const value = find(column, SQLITE_BLOB);
    if (value == nullptr)
        return {};
    const auto* data = static_cast<const std::uint8_t*>(sqlite3_value_blob(value));
    return {data, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

void Connection::watch_writes(std::shared_ptr<WriteWatch> watch) {
    watch_ = std::move(watch);
    (void)sqlite3_preupdate_hook(database_.get(), watch_ ? &pass_row : nullptr, watch_.get());
}

}  // namespace patd::store
