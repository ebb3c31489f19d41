// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/daemon/store/store_fixture.h"
#include "tests/support/read_store.h"

#include <algorithm>

// Files that are not stores, are incomplete, or belong to another version (S17): refused, and left
// unchanged.
namespace patd::store::test {
namespace {

class StoreDamageTest : public StoreTest {};

// Row S17.
TEST_F(StoreDamageTest, S17_RefusesANewerSchemaAndLeavesItUntouched) {
    open();
    insert(kAlice);
    close();
    for (const char* sql :
         {"PRAGMA user_version = 9", "PRAGMA user_version = 7", "PRAGMA user_version = 6",
          "PRAGMA user_version = 5", "PRAGMA user_version = 4", "PRAGMA user_version = 3",
          "PRAGMA user_version = 2", "PRAGMA user_version = 1", "PRAGMA user_version = 0",
          "PRAGMA application_id = 1", "PRAGMA journal_mode = DELETE"}) {
        const std::string good = read_file(path());
        RawDatabase(path()).run(sql);
        EXPECT_FALSE(opens(read_file(path()))) << sql;
        write_file(path(), good);
    }
    open();
}

TEST_F(StoreDamageTest, RefusesAForeignFile) {
    for (const std::string& bytes :
         {std::string(), std::string("x"), std::string(99, '\0'), std::string(4096, '\0'),
          std::string("SQLite format 3\0", 16), "SQLite format 3" + std::string(8192, '\0'),
          std::string(70000, 'A')})
        EXPECT_FALSE(opens(bytes));
}

TEST_F(StoreDamageTest, RefusesAStoreWhoseFileIsGoneButNotItsWal) {
    open();
    insert(kAlice);
    const std::string wal = read_file(path() + "-wal");
    close();
    std::filesystem::remove(path());
    write_file(path() + "-wal", wal);
    std::filesystem::permissions(path() + "-wal", std::filesystem::perms(0600));
    EXPECT_EQ(try_open().error().code, Errc::Corrupt);
    EXPECT_FALSE(std::filesystem::exists(path()));
}

// Row S12.
TEST_F(StoreDamageTest, RefusesAStoreTruncatedAtAnyLength) {
    open();
    for (int i = 0; i < 20; ++i)
        insert(kAlice);
    close();
    const std::string good = read_file(path());
    std::vector<std::size_t> lengths;
    for (std::size_t length = 0; length < 128; ++length)
        lengths.push_back(length);
    for (std::size_t length = 128; length < good.size(); length += 509)
        lengths.push_back(length);
    for (std::size_t length = 4096; length < good.size(); length += 4096)
        lengths.push_back(length);
    for (const std::size_t length : lengths)
        ASSERT_FALSE(opens(good.substr(0, length))) << length;
    EXPECT_TRUE(opens(good));
}

// Row S12.
// A flipped bit anywhere: refused at open, or each token is found unchanged, found damaged, or not
// found; never another one, never a crash.
TEST_F(StoreDamageTest, AFlippedBitNeverChangesAToken) {
    open();
    std::vector<Token> tokens;
    tokens.reserve(12);
    for (int i = 0; i < 12; ++i)
        tokens.push_back(insert(i % 2 == 0 ? kAlice : kBob, "s", TokenKind::Imported));
    close();
    const std::string good = read_file(path());
    int refused = 0;
    std::vector<std::size_t> bits;
    for (std::size_t bit = 0; bit < 800; bit += 7)
        bits.push_back(bit);
    for (std::size_t bit = 800; bit < good.size() * 8; bit += 1021)
        bits.push_back(bit);
    for (const std::size_t bit : bits) {
        if (!opens(with_flipped_bit(good, bit))) {
            ++refused;
            continue;
        }
        for (const Token& token : tokens) {
            const Result<StoredTokenPtr> found = store_->find(token.id);
            ASSERT_TRUE(found || found.error().code == Errc::Corrupt) << bit;
            ASSERT_TRUE(!found || !*found || same((*found)->token, token)) << bit;
        }
        const Result<std::vector<ListedToken>> list = list_tokens(*store_, kAlice);
        for (const ListedToken& listed : list ? *list : std::vector<ListedToken>())
            ASSERT_TRUE(std::any_of(tokens.begin(), tokens.end(),
                                    [&](const Token& t) { return same(t, listed.token); }));
        (void)store_->is_locked(kAlice);
        if (bit % 8 == 0)
            (void)store_->insert(make_token(kAlice), secret_of("x"));
    }
    EXPECT_GT(refused, 20);
    EXPECT_LT(refused, static_cast<int>(bits.size()));
}

}  // namespace
}  // namespace patd::store::test
