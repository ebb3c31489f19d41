// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/key_table.h"

#include "tests/daemon/store/store_fixture.h"

namespace patd::store::test {
namespace {

class KeyTableTest : public StoreTest {
  protected:
    Connection connect() { return Connection::open(path()).value(); }
    static Digest mark(KeySet&& keys) { return mark(keys); }
    static Digest mark(KeySet& keys) { return keys.now.rows.mac({}).value(); }
    void SetUp() override {
        open();
        close();
    }
};

TEST_F(KeyTableTest, OpensUnderItsMasterKeyAndNoOther) {
    Connection connection = connect();
    EXPECT_EQ(open_keys(connection, master_key('x')).error().code, Errc::Corrupt);
    OpenedKeys opened = open_keys(connection, master_key()).value();
    EXPECT_EQ(opened.newest, 1);
    EXPECT_TRUE(opened.is_newest_wrap);
    EXPECT_FALSE(opened.has_older_wraps);
    EXPECT_FALSE(opened.keys.before);
}

TEST_F(KeyTableTest, RefusesMovedFlippedMissingAndExtraRows) {
    for (const char* sql :
         {"UPDATE key SET number = 2 WHERE purpose = 1",
          "UPDATE key SET purpose = 3 WHERE purpose = 2", "DELETE FROM key WHERE purpose = 1",
          "DELETE FROM key WHERE purpose = 2", "UPDATE key SET salt = zeroblob(32)",
          "UPDATE key SET sealed = zeroblob(48) WHERE purpose = 2", "DELETE FROM key"}) {
        const std::string good = read_file(path());
        RawDatabase(path()).run(sql);
        EXPECT_EQ(try_open().error().code, Errc::Corrupt) << sql;
        std::filesystem::remove(path() + "-wal");
        std::filesystem::remove(path() + "-shm");
        write_file(path(), good);
    }
    EXPECT_TRUE(try_open());
}

TEST_F(KeyTableTest, ASecondDataKeyIsTheOneInUseAndTheFirstStillOpens) {
    Connection connection = connect();
    const Digest first = mark(open_keys(connection, master_key()).value().keys);
    insert_data_key(connection, master_key(), 2, random_).value();
    OpenedKeys both = open_keys(connection, master_key()).value();
    EXPECT_EQ(both.newest, 2);
    ASSERT_TRUE(both.keys.before);
    EXPECT_NE(mark(both.keys), first);
    EXPECT_EQ(both.keys.before->rows.mac({}).value(), first);
    delete_data_keys_below(connection, 2).value();
    OpenedKeys one = open_keys(connection, master_key()).value();
    EXPECT_FALSE(one.keys.before);
    EXPECT_EQ(one.keys.now.index.mac({}).value(), both.keys.now.index.mac({}).value());
}

TEST_F(KeyTableTest, TheStoreOpensWithEitherMasterKeyUntilTheNewOneWasUsed) {
    {
        Connection connection = connect();
        add_wrap(connection, master_key(), master_key('n'), random_).value();
        EXPECT_EQ(insert_data_key(connection, master_key(), 2, random_).error().code, Errc::Busy);
    }
    for (const char key : {'k', 'k', 'n'})
        EXPECT_TRUE(TokenStore::open({directory_.path()}, master_key(key), random_)) << key;
    EXPECT_EQ(try_open().error().code, Errc::Corrupt);
    EXPECT_TRUE(TokenStore::open({directory_.path()}, master_key('n'), random_));
}

TEST_F(KeyTableTest, ANewMasterKeyThatWasNeverUsedGivesWayToTheNext) {
    {
        Connection connection = connect();
        add_wrap(connection, master_key(), master_key('1'), random_).value();
        add_wrap(connection, master_key(), master_key('2'), random_).value();
    }
    EXPECT_FALSE(TokenStore::open({directory_.path()}, master_key('1'), random_));
    EXPECT_TRUE(TokenStore::open({directory_.path()}, master_key('2'), random_));
}

}  // namespace
}  // namespace patd::store::test
