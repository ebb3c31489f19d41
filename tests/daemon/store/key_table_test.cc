// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/key_table.h"

#include "daemon/store/record_codec.h"
#include "daemon/store/schema.h"
#include "daemon/store/sealed_record.h"
#include "daemon/store/store_schema.h"
#include "daemon/store/store_sql.h"
#include "tests/daemon/store/store_fixture.h"

namespace patd::store::test {
namespace {

// A store of version 1 of the schema, with the keys as they were derived then.
class OldStore {
  public:
    explicit OldStore(const std::string& directory) {
        constexpr char kNumbers[] = "PRAGMA application_id = 0x70617473; PRAGMA user_version = 1;";
        const Schema schema{0x70617473, 1, kNumbers, sql::kObjects1};
        const StateDirectory state = StateDirectory::open(directory).value();
        connection_.emplace(open_database(state, schema, {.name = "store.db"}).value());
        insert_meta();
    }

    // Inserts an issued token and the row of its owner; gives the digest of its secret.
    Digest insert(const Token& token, const std::string& secret) {
        const SecretBuffer index =
            derive_key(bytes_of(data_key_.expose()), "patd store 1 index").value();
        StoreKeys keys =
            StoreKeys::derive(bytes_of(data_key_.expose()), bytes_of(index.expose())).value();
        const Digest digest = keys.index.mac({bytes_of(std::span<const char>(secret))}).value();
        SealedRecord record(std::move(keys.records));
        record.fill(token.kind, digest, secret).value();
        record.write(*connection_, sql::kInsertToken, token, random_).value();
        BoundData bound;
        bind_owner(bound, token.owner.value(), 0);
        const Digest mac = keys.rows.mac({bound.bytes()}).value();
        Query query = connection_->query(sql::kReplaceOwner).value();
        query.bind(std::int64_t{token.owner.value()}, std::int64_t{0}, Bytes(mac));
        query.run().value();
        return digest;
    }

  private:
    void insert_meta() {
        const SecretBuffer wrap =
            derive_key(bytes_of(master_key().expose()), "patd store 1 wrap").value();
        Sealer sealer = Sealer::create(bytes_of(wrap.expose())).value();
        BoundData bound;
        bind_data_key_1(bound);
        const Sealed seal = sealer.seal(bound.view(), data_key_.expose(), random_).value();
        Query query = connection_->query("INSERT INTO meta VALUES (1, ?, ?, ?)").value();
        query.bind(Bytes(seal.salt), Bytes(seal.nonce), Bytes(seal.sealed));
        query.run().value();
    }

    SystemRandom random_;
    SecretBuffer data_key_ = buffer_of(std::string(32, 'd'));
    std::optional<Connection> connection_;
};

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

TEST_F(KeyTableTest, BringsAStoreOfVersionOneUpWithEveryToken) {
    std::filesystem::remove(path());
    const Token token = make_token(kAlice);
    Digest digest{};
    {
        OldStore old(directory_.path());
        digest = old.insert(token, "secret");
    }
    const std::string before = read_file(path());
    EXPECT_FALSE(TokenStore::open({directory_.path()}, master_key('x'), random_));
    EXPECT_TRUE(read_file(path()) == before);
    for (int round = 0; round < 2; ++round) {
        open();
        const auto found = store_->find(token.id).value();
        ASSERT_TRUE(found);
        EXPECT_TRUE(same(found->token, token));
        EXPECT_EQ(found->verifier, digest);
        EXPECT_EQ(store_->digest(buffer_of("secret").expose()).value(), digest);
        EXPECT_FALSE(store_->is_locked(kAlice).value());
        insert(kAlice);
    }
    close();
    EXPECT_EQ(RawDatabase(path()).number("PRAGMA user_version"), 2);
}

}  // namespace
}  // namespace patd::store::test
