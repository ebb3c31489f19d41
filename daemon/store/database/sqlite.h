// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patd::store {

// The meaning of an SQLite result code: Corrupt (the file is damaged), Unavailable (disk full, I/O,
// locks, memory), else Internal. `what` is constant text.
Error sqlite_error(int code, std::string_view what);
class WriteWatch;

// One use of a cached statement, from binding to the last row; its destructor resets the statement,
// which also ends an implicit transaction. Bound text and blobs must outlive the Query; the next
// step invalidates texts and blobs of a row.
class Query {
  public:
    explicit Query(sqlite3_stmt* statement) : statement_(statement) {}

    // Binds the next parameters in order: integers, text, blobs, std::nullopt for NULL.
    template <typename... Values>
    Query& bind(const Values&... values) {
        (bind_next(values), ...);
        return *this;
    }
    // Returns whether there is a row.
    Result<bool> step();
    // For a statement that returns no rows.
    Result<void> run();

    // A column of the row. A value of another type yields an empty one and sets malformed().
    std::int64_t integer(int column);
    std::string_view text(int column);
    std::span<const std::uint8_t> blob(int column);
    bool is_null(int column) const;
    bool malformed() const { return malformed_; }

  private:
    struct Reset {
        void operator()(sqlite3_stmt* statement) const;
    };

    void bind_next(std::int64_t value);
    void bind_next(std::string_view value);
    void bind_next(std::span<const std::uint8_t> value);
    void bind_next(std::nullopt_t);
    bool has_type(int column, int type);

    std::unique_ptr<sqlite3_stmt, Reset> statement_;
    int parameter_ = 0;
    int bind_code_ = SQLITE_OK;
    bool malformed_ = false;
};

// One connection to one database file, with the settings that both databases share
// (docs/store-format.md), and its prepared statements. Move-only. Thread rule: one thread at a
// time.
class Connection {
  public:
    // Opens an existing file; never creates one.
    static Result<Connection> open(const std::string& path);
    // The same; Unavailable if SQLite could not open the file, its WAL or its index for writing.
    // SQLite would silently open them read-only, and stay so for the life of the connection, even
    // when the obstacle has passed.
    static Result<Connection> open_writable(const std::string& path);

    // One use of the statement `sql`, which is prepared at its first use and kept. `sql` must be a
    // constant of the program: its address is the look-up key.
    Result<Query> query(const char* sql);
    // Runs constant statements once, separated by semicolons.
    Result<void> execute(const char* sql);

    // Ends a transaction, whose begin prepared this: no memory of ours is needed. If SQLite itself
    // lacks some, the next query or execute does it first, or is Unavailable.
    void roll_back() noexcept;

    // Whether closing may write the WAL back into the database file.
    Result<void> set_checkpoint_on_close(bool enabled);
    // Frees the pages that it caches; the next statement reads them again.
    void release_memory() { (void)sqlite3_db_release_memory(database_.get()); }
    // How long to wait for another connection's lock.
    void set_busy_timeout(int milliseconds);
    // Rows that the last statement changed.
    std::size_t changes() const;
    // The key of the row that the last INSERT created.
    std::int64_t last_row() const;
    bool in_transaction() const;

    // From now on `watch` follows every transaction of this connection (write_watch.h).
    void watch_writes(std::shared_ptr<WriteWatch> watch);
    WriteWatch* write_watch() const { return watch_.get(); }

    // Replaces this database's content with a snapshot of the other one, whose writers go on.
    Result<void> copy_from(Connection& other);

  private:
    struct Close {
        void operator()(sqlite3* database) const;
    };
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    struct Prepared {
        const char* sql;
        std::unique_ptr<sqlite3_stmt, Finalize> statement;
    };

    explicit Connection(sqlite3* database) : database_(database) {}
    Result<void> configure();
    Result<void> end_what_is_left();

    std::shared_ptr<WriteWatch> watch_;  // outlives the database, which calls it
    std::unique_ptr<sqlite3, Close> database_;
    bool must_roll_back_ = false;  // a write would go into a transaction that nobody commits
    std::vector<Prepared> prepared_;
};

// A transaction that rolls back unless commit() succeeded. The connection must outlive it.
class Transaction {
  public:
    // Takes the write lock at once.
    static Result<Transaction> begin_write(Connection& connection);
    // A snapshot: every read until the end sees the same state.
    static Result<Transaction> begin_read(Connection& connection);
    Transaction(Transaction&& other) noexcept
        : connection_(std::exchange(other.connection_, nullptr)) {}
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    Result<void> commit();

  private:
    explicit Transaction(Connection& connection) : connection_(&connection) {}

    Connection* connection_;
};

}  // namespace patd::store
