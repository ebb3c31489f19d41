// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/database/sqlite.h"

#include "daemon/store/database/write_watch.h"

#include <unistd.h>

#include <array>
#include <cerrno>

namespace patd::store {
namespace {

constexpr char kSettings[] =
    "PRAGMA trusted_schema = OFF;"
    "PRAGMA cell_size_check = ON;"
    "PRAGMA mmap_size = 0;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA cache_size = -64;";

constexpr char kBeginWrite[] = "BEGIN IMMEDIATE";
constexpr char kBeginRead[] = "BEGIN";
constexpr char kCommit[] = "COMMIT";
constexpr char kRollback[] = "ROLLBACK";

// No value that patd stores comes near this; a damaged length must not allocate more.
constexpr int kValueBytesMax = 64 * 1024;

// SQLite takes EIO of a read for a damaged database; a disk that does not answer is Unavailable.
ssize_t read_page(int file, void* page, size_t size, off_t offset) {
    const ssize_t got = pread(file, page, size, offset);
    if (got < 0 && errno != EINTR)
        errno = ECANCELED;  // none that SQLite knows
    return got;
}

void replace_reads() {
    sqlite3_vfs* const vfs = sqlite3_vfs_find(nullptr);
    for (const char* name : {"pread", "pread64"})
        (void)vfs->xSetSystemCall(vfs, name, reinterpret_cast<sqlite3_syscall_ptr>(&read_page));
}

// Before the first connection of the process. Otherwise every page cache would begin with 20 pages,
// 87 KiB, before its size can be set; now it takes pages as it needs them.
void configure_library() {
    static const int configured = [] {
        // An SQLite that is already in use keeps its settings.
        const int code = sqlite3_config(SQLITE_CONFIG_PAGECACHE, nullptr, 0, 0);
        replace_reads();
        return code;
    }();
    (void)configured;
}

Errc errc_of(int code) {
    switch (code & 0xff) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_FORMAT:
        case SQLITE_TOOBIG:
            return Errc::Corrupt;
        case SQLITE_IOERR:
        case SQLITE_FULL:
        case SQLITE_CANTOPEN:
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL:
        case SQLITE_NOMEM:
        case SQLITE_READONLY:
        case SQLITE_PERM:
            return Errc::Unavailable;
        default:
            return Errc::Internal;
    }
}

}  // namespace

Error sqlite_error(int code, std::string_view what) {
    return Error{errc_of(code), std::string(what) + ": " + sqlite3_errstr(code)};
}

void Query::Reset::operator()(sqlite3_stmt* statement) const {
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
}

void Query::bind_next(std::int64_t value) {
    bind_code_ |= sqlite3_bind_int64(statement_.get(), ++parameter_, value);
}

void Query::bind_next(std::string_view value) {
    // A null pointer would bind NULL.
    const char* data = value.empty() ? "" : value.data();
    bind_code_ |= sqlite3_bind_text64(statement_.get(), ++parameter_, data, value.size(),
                                      SQLITE_STATIC, SQLITE_UTF8);
}

void Query::bind_next(std::span<const std::uint8_t> value) {
    bind_code_ |= sqlite3_bind_blob64(statement_.get(), ++parameter_, value.data(), value.size(),
                                      SQLITE_STATIC);
}

void Query::bind_next(std::nullopt_t) {
    bind_code_ |= sqlite3_bind_null(statement_.get(), ++parameter_);
}

Result<bool> Query::step() {
    if (bind_code_ != SQLITE_OK)
        return Error{Errc::Internal, "binding a value failed"};
    malformed_ = false;
    const int code = sqlite3_step(statement_.get());
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return sqlite_error(code, "running a statement");
    return code == SQLITE_ROW;
}

Result<void> Query::run() {
    TRY(step());
    return {};
}

bool Query::has_type(int column, int type) {
    const bool matches = sqlite3_column_type(statement_.get(), column) == type;
    malformed_ |= !matches;
    return matches;
}

std::int64_t Query::integer(int column) {
    return has_type(column, SQLITE_INTEGER) ? sqlite3_column_int64(statement_.get(), column) : 0;
}

std::string_view Query::text(int column) {
    if (!has_type(column, SQLITE_TEXT))
        return {};
    const auto* data = sqlite3_column_text(statement_.get(), column);
    const int size = sqlite3_column_bytes(statement_.get(), column);
    return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)};
}

std::span<const std::uint8_t> Query::blob(int column) {
    if (!has_type(column, SQLITE_BLOB))
        return {};
    const void* data = sqlite3_column_blob(statement_.get(), column);
    const int size = sqlite3_column_bytes(statement_.get(), column);
    return {static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)};
}

bool Query::is_null(int column) const {
    return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

void Connection::Close::operator()(sqlite3* database) const {
    sqlite3_close_v2(database);
}

void Connection::Finalize::operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
}

Result<Connection> Connection::open(const std::string& path) {
    configure_library();
    sqlite3* database = nullptr;
    const int code = sqlite3_open_v2(
        path.c_str(), &database,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    Connection connection(database);
    if (code != SQLITE_OK)
        return sqlite_error(code, "opening " + path);
    // What is refused keeps its WAL.
    TRY(connection.set_checkpoint_on_close(false));
    TRY(connection.configure());
    TRY(connection.set_checkpoint_on_close(true));
    return connection;
}

Result<Connection> Connection::open_writable(const std::string& path) {
    Connection connection = TRY(open(path));
    // A refused database stays unchanged.
    TRY(connection.set_checkpoint_on_close(false));
    if (sqlite3_db_readonly(connection.database_.get(), "main") != 0)
        return sqlite_error(SQLITE_READONLY, "opening " + path + " for writing");
    // SQLITE_READONLY for WAL and index; writes to neither.
    if (const auto begun = Transaction::begin_write(connection); !begun)
        return Error{begun.error().code,
                     "opening " + path + " for writing: " + begun.error().context};
    TRY(connection.set_checkpoint_on_close(true));
    return connection;
}

Result<void> Connection::configure() {
    struct Switch {
        int option;
        int value;
    };
    constexpr std::array<Switch, 6> kSwitches{{
        {SQLITE_DBCONFIG_DEFENSIVE, 1},
        {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
        {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
        {SQLITE_DBCONFIG_DQS_DML, 0},
        {SQLITE_DBCONFIG_DQS_DDL, 0},
    }};
    for (const auto& [option, value] : kSwitches) {
        const int code = sqlite3_db_config(database_.get(), option, value, nullptr);
        if (code != SQLITE_OK)
            return sqlite_error(code, "configuring a connection");
    }
    // Its pools of 48 KiB would be idle memory, since statements are prepared only once.
    (void)sqlite3_db_config(database_.get(), SQLITE_DBCONFIG_LOOKASIDE, nullptr, 0, 0);
    sqlite3_limit(database_.get(), SQLITE_LIMIT_LENGTH, kValueBytesMax);
    sqlite3_limit(database_.get(), SQLITE_LIMIT_ATTACHED, 0);
    return execute(kSettings);
}

Result<Query> Connection::query(const char* sql) {
    TRY(end_what_is_left());
    for (const Prepared& prepared : prepared_) {
        if (prepared.sql == sql)
            return Query(prepared.statement.get());
    }
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(database_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT,
                                        &statement, nullptr);
    if (code != SQLITE_OK)
        return sqlite_error(code, "preparing a statement");
    prepared_.push_back({sql, std::unique_ptr<sqlite3_stmt, Finalize>(statement)});
    return Query(statement);
}

Result<void> Connection::execute(const char* sql) {
    TRY(end_what_is_left());
    const int code = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK)
        return sqlite_error(code, "running a statement");
    return {};
}

void Connection::roll_back() noexcept {
    for (const Prepared& prepared : prepared_) {
        if (prepared.sql != kRollback)
            continue;
        (void)sqlite3_step(prepared.statement.get());
        (void)sqlite3_reset(prepared.statement.get());
    }
    must_roll_back_ = in_transaction();
}

Result<void> Connection::end_what_is_left() {
    if (must_roll_back_)
        roll_back();
    if (must_roll_back_)
        return Error{Errc::Unavailable, "an earlier transaction is not rolled back yet"};
    return {};
}

Result<void> Connection::set_checkpoint_on_close(bool enabled) {
    const int code = sqlite3_db_config(database_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
                                       enabled ? 0 : 1, nullptr);
    if (code != SQLITE_OK)
        return sqlite_error(code, "configuring a connection");
    return {};
}

void Connection::set_busy_timeout(int milliseconds) {
    sqlite3_busy_timeout(database_.get(), milliseconds);
}

Result<void> Connection::copy_from(Connection& other) {
    sqlite3_backup* backup =
        sqlite3_backup_init(database_.get(), "main", other.database_.get(), "main");
    if (backup == nullptr)
        return sqlite_error(sqlite3_errcode(database_.get()), "copying a database");
    // Copying all pages in one step copies one snapshot.
    const int code = sqlite3_backup_step(backup, -1);
    const int finished = sqlite3_backup_finish(backup);
    if (code != SQLITE_DONE || finished != SQLITE_OK)
        return sqlite_error(code == SQLITE_DONE ? finished : code, "copying a database");
    return {};
}

std::size_t Connection::changes() const {
    return static_cast<std::size_t>(sqlite3_changes64(database_.get()));
}

std::int64_t Connection::last_row() const {
    return sqlite3_last_insert_rowid(database_.get());
}

bool Connection::in_transaction() const {
    return sqlite3_get_autocommit(database_.get()) == 0;
}

Result<Transaction> Transaction::begin_write(Connection& connection) {
    (void)TRY(connection.query(kRollback));
    Query begin = TRY(connection.query(kBeginWrite));
    TRY(begin.run());
    return Transaction(connection);
}

Result<Transaction> Transaction::begin_read(Connection& connection) {
    (void)TRY(connection.query(kRollback));
    Query begin = TRY(connection.query(kBeginRead));
    TRY(begin.run());
    return Transaction(connection);
}

Transaction::~Transaction() {
    if (connection_ == nullptr)
        return;
    if (connection_->in_transaction())
        connection_->roll_back();
    if (WriteWatch* const watch = connection_->write_watch())
        watch->ended(false);
}

Result<void> Transaction::commit() {
    WriteWatch* const watch = connection_->write_watch();
    if (watch != nullptr)
        TRY(watch->complete(*connection_));
    Query commit = TRY(connection_->query(kCommit));
    TRY(commit.run());
    connection_ = nullptr;
    if (watch != nullptr)
        watch->ended(true);
    return {};
}

}  // namespace patd::store
