// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/database/sqlite.h"

#include "common/base/unique_fd.h"
#include "tests/daemon/store/store_fixture.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>

namespace patd::store::test {
namespace {

constexpr char kCreate[] = "CREATE TABLE t (i INTEGER, s TEXT, b BLOB)";
constexpr char kInsert[] = "INSERT INTO t VALUES (?, ?, ?)";
constexpr char kSelectAll[] = "SELECT i, s, b FROM t ORDER BY rowid";
constexpr char kCount[] = "SELECT count(*) FROM t";
constexpr char kBroken[] = "SELECT nothing FROM nowhere";

class SqliteTest : public ::testing::Test {
  protected:
    void SetUp() override {
        write_file(path(), "");
        connection_.emplace(Connection::open(path()).value());
        connection_->execute(kCreate).value();
    }
    std::string path() const { return directory_.file("test.db"); }
    std::int64_t count() {
        Query query = connection_->query(kCount).value();
        EXPECT_TRUE(query.step().value());
        return query.integer(0);
    }
    void insert() {
        Query query = connection_->query(kInsert).value();
        query.bind(1, std::string_view("x"), std::nullopt);
        query.run().value();
    }

    support::TemporaryDirectory directory_;
    std::optional<Connection> connection_;
};

TEST_F(SqliteTest, BindsAndReadsEveryType) {
    const std::string text("a\0b", 3);
    const std::vector<std::uint8_t> blob{0, 255, 7};
    {
        Query query = connection_->query(kInsert).value();
        query.bind(std::int64_t{-5}, text, std::span<const std::uint8_t>(blob));
        query.run().value();
    }
    {
        Query query = connection_->query(kInsert).value();
        query.bind(std::nullopt, std::string_view(), std::nullopt);
        query.run().value();
    }
    Query query = connection_->query(kSelectAll).value();
    ASSERT_TRUE(query.step().value());
    EXPECT_EQ(query.integer(0), -5);
    EXPECT_EQ(query.text(1), text);
    EXPECT_EQ(std::vector<std::uint8_t>(query.blob(2).begin(), query.blob(2).end()), blob);
    EXPECT_FALSE(query.malformed());
    ASSERT_TRUE(query.step().value());
    EXPECT_TRUE(query.is_null(0));
    EXPECT_EQ(query.text(1), "");
    EXPECT_FALSE(query.malformed());
    EXPECT_FALSE(query.step().value());
}

TEST_F(SqliteTest, AColumnOfAnotherTypeIsMalformed) {
    insert();
    Query query = connection_->query(kSelectAll).value();
    ASSERT_TRUE(query.step().value());
    EXPECT_EQ(query.text(0), "");
    EXPECT_TRUE(query.malformed());
    EXPECT_EQ(query.integer(1), 0);
    EXPECT_TRUE(query.blob(1).empty());
}

TEST_F(SqliteTest, AStatementIsUsedAgainFromItsStart) {
    for (int i = 0; i < 3; ++i)
        insert();
    for (int i = 0; i < 2; ++i) {
        Query query = connection_->query(kSelectAll).value();
        EXPECT_TRUE(query.step().value());
    }
    EXPECT_EQ(count(), 3);
}

TEST_F(SqliteTest, AParameterTooManyIsAnError) {
    Query query = connection_->query(kCount).value();
    query.bind(1);
    EXPECT_EQ(query.step().error().code, Errc::Internal);
}

TEST_F(SqliteTest, AStatementThatCannotBePreparedIsAnError) {
    EXPECT_EQ(connection_->query(kBroken).error().code, Errc::Internal);
}

sqlite3* last_opened = nullptr;

// As without memory: the rollback itself fails. What came next would go into a transaction that
// nobody commits, and be lost with it.
TEST_F(SqliteTest, NothingIsWrittenIntoWhatCouldNotBeRolledBack) {
    auto* note = +[](sqlite3* database, const char**, const sqlite3_api_routines*) {
        last_opened = database;
        return SQLITE_OK;
    };
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(note));
    connection_.emplace(Connection::open(path()).value());
    sqlite3_reset_auto_extension();
    std::optional<Transaction> transaction(Transaction::begin_write(*connection_).value());
    insert();
    {
        Query reading = connection_->query(kSelectAll).value();
        ASSERT_TRUE(reading.step().value());
        sqlite3_interrupt(last_opened);  // until `reading` ends
        transaction.reset();
        EXPECT_TRUE(connection_->in_transaction());
        EXPECT_EQ(connection_->query(kInsert).error().code, Errc::Unavailable);
        EXPECT_EQ(connection_->execute(kCreate).error().code, Errc::Unavailable);
    }
    insert();
    EXPECT_FALSE(connection_->in_transaction());
    EXPECT_EQ(count(), 1);
}

TEST_F(SqliteTest, ATransactionRollsBackUnlessCommitted) {
    {
        Transaction transaction = Transaction::begin_write(*connection_).value();
        insert();
        EXPECT_EQ(count(), 1);
    }
    EXPECT_EQ(count(), 0);
    EXPECT_FALSE(connection_->in_transaction());
    Transaction transaction = Transaction::begin_write(*connection_).value();
    insert();
    transaction.commit().value();
    EXPECT_EQ(count(), 1);
    EXPECT_FALSE(connection_->in_transaction());
}

TEST_F(SqliteTest, ASecondWriterIsUnavailable) {
    Connection other = Connection::open(path()).value();
    const Transaction transaction = Transaction::begin_write(*connection_).value();
    EXPECT_EQ(Transaction::begin_write(other).error().code, Errc::Unavailable);
}

TEST_F(SqliteTest, EveryConnectionIsDefensive) {
    EXPECT_FALSE(connection_->execute("ATTACH ':memory:' AS other"));
    EXPECT_FALSE(
        connection_->execute("PRAGMA writable_schema = ON;"
                             "UPDATE sqlite_schema SET sql = 'x'"));
    EXPECT_FALSE(connection_->execute("SELECT \"a string\""));
    RawDatabase(path()).run("CREATE VIEW v AS SELECT 1");
    EXPECT_FALSE(connection_->execute("SELECT * FROM v"));
    EXPECT_TRUE(connection_->execute("SELECT * FROM t"));
}

TEST_F(SqliteTest, NeverMakesAFile) {
    EXPECT_EQ(Connection::open(directory_.file("absent.db")).error().code, Errc::Unavailable);
    EXPECT_FALSE(std::filesystem::exists(directory_.file("absent.db")));
}

// This file answers every read at a low address with EIO; each open log becomes it.
void break_logs() {
    const UniqueFd broken(open("/proc/self/mem", O_RDONLY | O_CLOEXEC));
    for (int fd = 3; fd < 64; ++fd) {
        std::error_code none;
        const auto path =
            std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), none);
        if (path.string().ends_with("test.db-wal")) {
            ASSERT_EQ(dup3(broken.get(), fd, O_CLOEXEC), fd);
        }
    }
}

TEST_F(SqliteTest, AFileThatCannotBeReadIsUnavailableAndNotDamaged) {
    connection_->execute("PRAGMA journal_mode = WAL").value();
    insert();
    Connection reader = Connection::open(path()).value();
    Query rows = reader.query(kCount).value();
    ASSERT_TRUE(rows.step().value());
    { const Query done = std::move(rows); }
    insert();
    break_logs();
    Query again = reader.query(kCount).value();
    const Result<bool> read = again.step();
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Errc::Unavailable) << read.error().context;
}

TEST(Sqlite, ResultCodesMeanWhatTheCallersExpect) {
    EXPECT_EQ(sqlite_error(SQLITE_CORRUPT, "").code, Errc::Corrupt);
    EXPECT_EQ(sqlite_error(SQLITE_NOTADB, "").code, Errc::Corrupt);
    EXPECT_EQ(sqlite_error(SQLITE_CORRUPT_INDEX, "").code, Errc::Corrupt);
    EXPECT_EQ(sqlite_error(SQLITE_FULL, "").code, Errc::Unavailable);
    EXPECT_EQ(sqlite_error(SQLITE_IOERR_WRITE, "").code, Errc::Unavailable);
    EXPECT_EQ(sqlite_error(SQLITE_BUSY_SNAPSHOT, "").code, Errc::Unavailable);
    EXPECT_EQ(sqlite_error(SQLITE_CONSTRAINT, "").code, Errc::Internal);
    EXPECT_EQ(sqlite_error(SQLITE_MISUSE, "").code, Errc::Internal);
    EXPECT_EQ(sqlite_error(SQLITE_FULL, "writing").context.rfind("writing: ", 0), 0U);
}

}  // namespace
}  // namespace patd::store::test
