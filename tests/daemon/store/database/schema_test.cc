// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/database/schema.h"

#include "tests/daemon/store/store_fixture.h"

namespace patd::store::test {
namespace {

constexpr char kNumbers[] = "PRAGMA application_id = 77; PRAGMA user_version = 3;";
constexpr char kTable[] = "CREATE TABLE t (x INTEGER PRIMARY KEY) STRICT";
constexpr char kIndex[] = "CREATE INDEX i ON t (x)";
constexpr std::array<SchemaObject, 2> kObjects{{{"t", kTable}, {"i", kIndex}}};
constexpr Schema kSchema{77, 3, kNumbers, kObjects};
constexpr char kSelect[] = "SELECT x FROM t";

class SchemaTest : public ::testing::Test {
  protected:
    Result<Connection> open(const Schema& schema = kSchema, bool create = true) {
        const DatabaseFile file{"a.db", create, [](Connection& made) {
                                    return made.execute("INSERT INTO t VALUES (42)");
                                }};
        return open_database(state_, schema, file);
    }
    std::string path() const { return directory_.file("a.db"); }

    support::TemporaryDirectory directory_;
    StateDirectory state_ = StateDirectory::open(directory_.path()).value();
};

TEST_F(SchemaTest, MakesAWholeDatabaseOnceAndOpensItAgain) {
    for (int round = 0; round < 2; ++round) {
        Connection connection = open().value();
        Query query = connection.query(kSelect).value();
        ASSERT_TRUE(query.step().value());
        EXPECT_EQ(query.integer(0), 42);
        EXPECT_FALSE(query.step().value());
    }
    EXPECT_FALSE(std::filesystem::exists(path() + ".new"));
}

TEST_F(SchemaTest, MakesNothingWhenNotAsked) {
    EXPECT_EQ(open(kSchema, false).error().code, Errc::Unavailable);
    EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
}

TEST_F(SchemaTest, AFailedFillingLeavesNoDatabase) {
    const DatabaseFile file{"a.db", true,
                            [](Connection&) -> Result<void> { return Errc::Unavailable; }};
    EXPECT_EQ(open_database(state_, kSchema, file).error().code, Errc::Unavailable);
    EXPECT_FALSE(std::filesystem::exists(path()));
    EXPECT_TRUE(open());
}

TEST_F(SchemaTest, ALeftOverOfAnUnfinishedOneIsReplaced) {
    write_file(path() + ".new", "half a database");
    write_file(path() + ".new-wal", "and its log");
    EXPECT_TRUE(open());
    EXPECT_FALSE(std::filesystem::exists(path() + ".new-wal"));
}

// Row S17.
TEST_F(SchemaTest, S17_RefusesOtherNumbersWithoutWriting) {
    { const Connection made = open().value(); }
    const std::string before = read_file(path());
    for (const Schema& schema :
         {Schema{78, 3, kNumbers, kObjects}, Schema{77, 2, kNumbers, kObjects},
          Schema{77, 4, kNumbers, kObjects}}) {
        EXPECT_EQ(open(schema).error().code, Errc::Corrupt);
        EXPECT_TRUE(read_file(path()) == before);
    }
}

class SchemaUpgradeTest : public SchemaTest {
  protected:
    static constexpr char kNextNumbers[] = "PRAGMA application_id = 77; PRAGMA user_version = 4;";
    static constexpr char kNextTable[] = "CREATE TABLE u (y INTEGER PRIMARY KEY) STRICT";
    static constexpr std::array<SchemaObject, 3> kNextObjects{
        {{"t", kTable}, {"i", kIndex}, {"u", kNextTable}}};
    static constexpr Schema kNext{77, 4, kNextNumbers, kNextObjects, &kSchema};

    Result<Connection> open_next(bool fail = false) {
        DatabaseFile file{"a.db"};
        file.upgrade = [fail](Connection& old, std::uint32_t from) -> Result<void> {
            EXPECT_EQ(from, 3U);
            TRY(old.execute(kNextTable));
            if (fail)
                return Errc::Unavailable;
            return {};
        };
        return open_database(state_, kNext, file);
    }
};

TEST_F(SchemaUpgradeTest, BringsTheVersionBeforeUpAndRefusesToGoBack) {
    { const Connection old = open().value(); }
    {
        Connection connection = open_next().value();
        EXPECT_TRUE(connection.execute("INSERT INTO u VALUES (1)"));
    }
    // The header may still be in the log.
    EXPECT_EQ(open().error().code, Errc::Corrupt);
    {
        Connection again = open_next(true).value();
        again.set_checkpoint_on_close(true).value();
    }
    EXPECT_EQ(open().error().code, Errc::Corrupt);
    EXPECT_TRUE(open_next());
}

TEST_F(SchemaUpgradeTest, BringsUpEveryVersionItCameFrom) {
    static constexpr char kLastNumbers[] = "PRAGMA application_id = 77; PRAGMA user_version = 5;";
    static constexpr Schema kLast{77, 5, kLastNumbers, kNextObjects, &kNext};
    DatabaseFile file{"a.db"};
    std::uint32_t seen = 0;
    file.upgrade = [&seen](Connection& old, std::uint32_t from) -> Result<void> {
        seen = from;
        return from < 4 ? old.execute(kNextTable) : Result<void>();
    };
    { const Connection old = open().value(); }
    EXPECT_TRUE(open_database(state_, kLast, file));
    EXPECT_EQ(seen, 3U);
    seen = 0;
    EXPECT_TRUE(open_database(state_, kLast, file));
    EXPECT_EQ(seen, 0U);
    EXPECT_EQ(open_next().error().code, Errc::Corrupt);
}

TEST_F(SchemaUpgradeTest, AFailedOneLeavesTheOldVersion) {
    { const Connection old = open().value(); }
    EXPECT_EQ(open_next(true).error().code, Errc::Unavailable);
    EXPECT_TRUE(open());
    EXPECT_TRUE(open_next());
}

TEST_F(SchemaUpgradeTest, RefusesAnAlteredFileOfTheVersionBefore) {
    { const Connection old = open().value(); }
    RawDatabase(path()).run("CREATE TABLE more (x)");
    EXPECT_EQ(open_next().error().code, Errc::Corrupt);
}

// Row S12.
TEST_F(SchemaTest, S12_RefusesMoreOrLessOrOtherObjects) {
    { const Connection made = open().value(); }
    const std::array<SchemaObject, 1> less{{{"t", kTable}}};
    EXPECT_EQ(open(Schema{77, 3, kNumbers, less}).error().code, Errc::Corrupt);
    const std::array<SchemaObject, 3> more{{{"t", kTable}, {"i", kIndex}, {"j", kIndex}}};
    EXPECT_EQ(open(Schema{77, 3, kNumbers, more}).error().code, Errc::Corrupt);
    const std::array<SchemaObject, 2> other{{{"t", "CREATE TABLE t (y)"}, {"i", kIndex}}};
    EXPECT_EQ(open(Schema{77, 3, kNumbers, other}).error().code, Errc::Corrupt);
    EXPECT_TRUE(open());
}

TEST_F(SchemaTest, RefusesAForeignJournalBesideIt) {
    { const Connection made = open().value(); }
    write_file(path() + "-journal", "");
    EXPECT_EQ(open().error().code, Errc::Corrupt);
}

// Row S7: the power goes while the first page is written back.
TEST_F(SchemaTest, S7_AFirstPageThatIsGarbageIsReadFromTheLog) {
    constexpr std::size_t kSector = 512;
    const std::string garbage(kSector, 'g');
    const auto tear = [&] {
        const std::string whole = read_file(path());
        write_file(path(), garbage + whole.substr(kSector));
    };
    {
        Connection connection = open().value();
        connection.execute("PRAGMA user_version = 3; INSERT INTO t VALUES (43)").value();
    }
    tear();
    for (int round = 0; round < 2; ++round) {
        Connection connection = open().value();
        Query query = connection.query("SELECT count(*) FROM t").value();
        ASSERT_TRUE(query.step().value());
        EXPECT_EQ(query.integer(0), 2);
    }
    EXPECT_EQ(open(Schema{78, 3, kNumbers, kObjects}).error().code, Errc::Corrupt);
    open().value().set_checkpoint_on_close(true).value();
    EXPECT_TRUE(read_file(path()).starts_with("SQLite format 3"));
}

TEST_F(SchemaTest, AFirstPageThatIsInNoLogEitherIsNone) {
    constexpr std::size_t kSector = 512;
    {
        Connection connection = open().value();
        connection.execute("INSERT INTO t VALUES (43)").value();
    }
    const std::string whole = read_file(path());
    write_file(path(), std::string(kSector, 'g') + whole.substr(kSector));
    const std::string log = read_file(path() + "-wal");
    EXPECT_EQ(open().error().code, Errc::Corrupt);
    EXPECT_TRUE(read_file(path() + "-wal") == log);
    std::filesystem::remove(path() + "-wal");
    EXPECT_EQ(open().error().code, Errc::Corrupt);
}

TEST_F(SchemaTest, ClosingWritesTheLogBackOnlyWhenTold) {
    { Connection first = open().value(); }
    const std::string before = read_file(path());
    {
        Connection connection = open().value();
        connection.execute("INSERT INTO t VALUES (43)").value();
    }
    EXPECT_TRUE(read_file(path()) == before);
    {
        Connection connection = open().value();
        connection.set_checkpoint_on_close(true).value();
    }
    EXPECT_FALSE(read_file(path()) == before);
    EXPECT_FALSE(std::filesystem::exists(path() + "-wal"));
}

}  // namespace
}  // namespace patd::store::test
