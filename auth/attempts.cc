// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/attempts.h"

#include "auth/short_file.h"
#include "common/base/limits.h"
#include "common/password/state_directory.h"

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>

namespace patd::auth {
namespace {

using std::chrono::milliseconds;

constexpr int kBusyMs = 10'000;  // longer than any queue of commits on one disk

// `used` orders the buckets by their last use, across boots and clock jumps.
constexpr char kSchema[] =
    "CREATE TABLE IF NOT EXISTS attempts("
    " caller INTEGER NOT NULL, target INTEGER NOT NULL,"
    " tries INTEGER NOT NULL CHECK(tries BETWEEN 0 AND 5),"
    " failures INTEGER NOT NULL CHECK(failures >= 0),"
    " wait_ms INTEGER NOT NULL CHECK(wait_ms BETWEEN 0 AND 900000),"
    " stamp_ms INTEGER NOT NULL, boot_id TEXT NOT NULL, used INTEGER NOT NULL,"
    " PRIMARY KEY(caller, target)) STRICT, WITHOUT ROWID";

struct StatementDeleter {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, StatementDeleter>;

Error database_error(sqlite3* database, const char* what) {
    const int code = sqlite3_errcode(database);
    const bool corrupt = code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_ERROR;
    return Error{corrupt ? Errc::Corrupt : Errc::Unavailable,
                 std::string(what) + ": " + sqlite3_errmsg(database)};
}

Result<Statement> prepare(sqlite3* database, const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database, sql, -1, &statement, nullptr) != SQLITE_OK)
        return database_error(database, "prepare");
    return Statement(statement);
}

// The same, with the bucket's caller as ?1 and its target as ?2.
Result<Statement> prepare(sqlite3* database, const char* sql, Attempts::Bucket bucket) {
    Statement statement = TRY(prepare(database, sql));
    sqlite3_bind_int64(statement.get(), 1, bucket.caller);
    sqlite3_bind_int64(statement.get(), 2, bucket.target);
    return statement;
}

Result<void> run(sqlite3* database, const Statement& statement) {
    if (sqlite3_step(statement.get()) != SQLITE_DONE)
        return database_error(database, "step");
    return {};
}

std::string_view text_column(const Statement& statement, int column) {
    const void* text = sqlite3_column_blob(statement.get(), column);
    const int size = sqlite3_column_bytes(statement.get(), column);
    return {static_cast<const char*>(text), static_cast<std::size_t>(size)};
}

}  // namespace

void Attempts::DatabaseDeleter::operator()(sqlite3* database) const {
    sqlite3_close_v2(database);
}

Result<Attempts> Attempts::open(const std::string& directory, const File& file, const Clock& clock,
                                std::string boot_id) {
    // Created here with the right owner and mode, which SQLite copies to its journal.
    const password::StateDirectory state = TRY(password::StateDirectory::open(directory));
    TRY(state.open_or_create(file.name));
    sqlite3* database = nullptr;
    const int code = sqlite3_open_v2((directory + "/" + file.name).c_str(), &database,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, nullptr);
    Attempts attempts(Database(database), file.pace, clock, std::move(boot_id));
    if (code != SQLITE_OK)
        return Error{Errc::Unavailable, std::string("open ") + file.name};
    sqlite3_busy_timeout(database, kBusyMs);
    sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    TRY(attempts.execute("PRAGMA synchronous=FULL"));
    TRY(attempts.prepare_schema());
    return attempts;
}

Result<void> Attempts::prepare_schema() const {
    return execute(kSchema);
}

Result<void> Attempts::execute(const char* sql) const {
    if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        return database_error(database_.get(), "attempts");
    return {};
}

Result<Attempts::Loaded> Attempts::load(Bucket bucket) const {
    const Statement row =
        TRY(prepare(database_.get(),
                    "SELECT tries, failures, wait_ms, stamp_ms, boot_id FROM attempts"
                    " WHERE caller = ?1 AND target = ?2",
                    bucket));
    const int code = sqlite3_step(row.get());
    if (code == SQLITE_DONE)
        return Loaded{Lockout(pace_), false};
    if (code != SQLITE_ROW)
        return database_error(database_.get(), "read attempts");
    Lockout lockout(pace_, sqlite3_column_int(row.get(), 0), sqlite3_column_int(row.get(), 1),
                    milliseconds(sqlite3_column_int64(row.get(), 2)));
    const bool waits_anew = text_column(row, 4) != boot_id_;
    if (waits_anew) {
        lockout.restart_wait();
    } else {
        const milliseconds stamp(sqlite3_column_int64(row.get(), 3));
        lockout.pass_time(std::max(clock_.since_boot() - stamp, milliseconds(0)));
    }
    return Loaded{lockout, waits_anew};
}

Result<void> Attempts::save(Bucket bucket, const Lockout& lockout) const {
    TRY(run(database_.get(),
            TRY(prepare(database_.get(), "DELETE FROM attempts WHERE caller = ?1 AND target = ?2",
                        bucket))));
    if (lockout.is_idle())
        return {};
    const Statement row = TRY(prepare(database_.get(),
                                      "INSERT INTO attempts VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7,"
                                      " (SELECT coalesce(max(used), 0) + 1 FROM attempts))",
                                      bucket));
    sqlite3_bind_int(row.get(), 3, lockout.tries());
    sqlite3_bind_int(row.get(), 4, lockout.failures());
    sqlite3_bind_int64(row.get(), 5, lockout.wait().count());
    sqlite3_bind_int64(row.get(), 6, clock_.since_boot().count());
    sqlite3_bind_text(row.get(), 7, boot_id_.data(), static_cast<int>(boot_id_.size()),
                      SQLITE_STATIC);
    TRY(run(database_.get(), row));
    return trim();
}

// The oldest goes: the owner of thousands of uids gains a burst of attempts, and nobody loses one.
Result<void> Attempts::trim() const {
    const Statement statement =
        TRY(prepare(database_.get(),
                    "DELETE FROM attempts WHERE used <="
                    " (SELECT used FROM attempts ORDER BY used DESC LIMIT 1 OFFSET ?1)"));
    sqlite3_bind_int64(statement.get(), 1, limits::kAttemptBuckets);
    return run(database_.get(), statement);
}

// Reads, changes and commits a bucket under the write lock. If `change` returns false, that is
// Throttled: nothing is written and no disk waited for, unless a wait was restarted, which must be
// kept.
template <typename Change>
Result<void> Attempts::change(Bucket bucket, Change&& change) {
    TRY(execute("BEGIN IMMEDIATE"));
    bool allowed = false;
    const auto steps = [&]() -> Result<void> {
        auto [lockout, waits_anew] = TRY(load(bucket));
        allowed = change(lockout);
        wait_ = lockout.wait();
        if (allowed || waits_anew)
            TRY(save(bucket, lockout));
        return execute("COMMIT");
    };
    Result<void> done = steps();
    if (!done) {
        (void)execute("ROLLBACK");
        return done;
    }
    return allowed ? Result<void>() : Result<void>(Errc::Throttled);
}

Result<void> Attempts::charge(Bucket bucket) {
    return change(bucket, [](Lockout& lockout) { return lockout.charge(); });
}

Result<void> Attempts::forget(Bucket bucket) {
    return change(bucket, [this](Lockout& lockout) {
        lockout = Lockout(pace_);
        return true;
    });
}

Result<void> Attempts::settle_right(Bucket bucket) {
    return change(bucket, [](Lockout& lockout) {
        lockout.settle_right();
        return true;
    });
}

Result<void> Attempts::settle_unused(Bucket bucket) {
    return change(bucket, [](Lockout& lockout) {
        lockout.settle_unused();
        return true;
    });
}

Result<std::string> read_boot_id() {
    Result<std::string> id = read_short_file("/proc/sys/kernel/random/boot_id");
    if (!id || id->empty())
        return Error{Errc::Unavailable, "boot_id"};
    return id;
}

}  // namespace patd::auth
