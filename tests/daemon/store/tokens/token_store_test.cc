// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/token_store.h"

#include "tests/daemon/store/store_fixture.h"
#include "tests/support/full_disk.h"
#include "tests/support/read_store.h"

#include <sys/stat.h>

#include <atomic>
#include <set>
#include <thread>

namespace patd::store::test {
namespace {

using support::FullDisk;

class TokenStoreTest : public StoreTest {};

TEST_F(TokenStoreTest, IsMadeEmptyAndFindsNothing) {
    open();
    EXPECT_EQ(store_->find(make_token(kAlice).id).value(), nullptr);
    EXPECT_TRUE(list_tokens(*store_, kAlice).value().empty());
    EXPECT_EQ(store_->count(kAlice).value(), 0U);
    EXPECT_FALSE(store_->is_locked(kAlice).value());
}

TEST_F(TokenStoreTest, KeepsTokensAcrossAReopen) {
    open();
    const Token issued = insert(kAlice, "pat1_secret");
    const Token imported = insert(kAlice, "foreign secret", TokenKind::Imported);
    const Digest digest = store_->digest(secret_of("pat1_secret").reveal()).value();
    open();
    const StoredToken found = *store_->find(issued.id).value();
    EXPECT_TRUE(same(found.token, issued));
    EXPECT_EQ(found.verifier, digest);
    EXPECT_TRUE(same(store_->find(imported.id).value()->token, imported));
    EXPECT_EQ(text_of(open_secret(*store_, imported.id).value().reveal()), "foreign secret");
}

TEST_F(TokenStoreTest, IsUnavailableWhenMissingAndNotToBeMade) {
    EXPECT_EQ(try_open(false).error().code, Errc::Unavailable);
    EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
}

TEST_F(TokenStoreTest, IsUnavailableWithoutItsDirectory) {
    const Result<std::unique_ptr<TokenStore>> store =
        open_store({directory_.file("absent"), true}, master_key(), random_);
    EXPECT_EQ(store.error().code, Errc::Unavailable);
}

TEST_F(TokenStoreTest, RefusesAWrongMasterKeyAndSaysSo) {
    open();
    insert(kAlice);
    close();
    const std::string before = read_file(path());
    const Result<std::unique_ptr<TokenStore>> store =
        open_store({directory_.path(), true}, master_key('x'), random_);
    EXPECT_EQ(store.error().code, Errc::Corrupt);
    EXPECT_NE(store.error().context.find("master key"), std::string::npos);
    EXPECT_EQ(read_file(path()), before);
    open();
}

TEST_F(TokenStoreTest, RefusesAMasterKeyOfAnotherLength) {
    const Result<std::unique_ptr<TokenStore>> store =
        open_store({directory_.path(), true}, MasterKey(buffer_of("too short")), random_);
    EXPECT_EQ(store.error().code, Errc::Corrupt);
    EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
}

TEST_F(TokenStoreTest, SettingsAreThoseOfTheDesign) {
    open();
    insert(kAlice);
    RawDatabase raw(path());
    EXPECT_EQ(raw.value("PRAGMA journal_mode"), "wal");
    EXPECT_EQ(raw.number("PRAGMA application_id"), 0x70617473);
    EXPECT_EQ(raw.number("PRAGMA user_version"), 8);
    EXPECT_EQ(raw.value("PRAGMA integrity_check"), "ok");
}

// Row S1.
TEST_F(TokenStoreTest, S1_FilesArePrivateWhateverTheUmaskIs) {
    const mode_t old_umask = umask(0);
    open();
    insert(kAlice);
    umask(old_umask);
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
        struct stat status {};
        ASSERT_EQ(stat(entry.path().c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 07777, 0600U) << entry.path();
        names.insert(entry.path().filename());
    }
    EXPECT_EQ(names, (std::set<std::string>{"store.db", "store.db-shm", "store.db-wal"}));
}

// Row S1.
TEST_F(TokenStoreTest, S1_RefusesAFileThatOthersCanRead) {
    open();
    insert(kAlice);
    close();
    const std::string before = read_file(path());
    for (const mode_t mode : {0644U, 0640U, 0602U, 0601U}) {
        ASSERT_EQ(chmod(path().c_str(), mode), 0);
        const Result<std::unique_ptr<TokenStore>> store = try_open();
        EXPECT_EQ(store.error().code, Errc::AccessDenied);
        EXPECT_NE(store.error().context.find(path()), std::string::npos);
        EXPECT_EQ(read_file(path()), before);
    }
    ASSERT_EQ(chmod(path().c_str(), 0600), 0);
    open();
}

// Row S1.
TEST_F(TokenStoreTest, S1_RefusesAWalThatOthersCanRead) {
    open();
    insert(kAlice);
    close();
    write_file(path() + "-wal", "");
    ASSERT_EQ(chmod((path() + "-wal").c_str(), 0644), 0);
    EXPECT_EQ(try_open().error().code, Errc::AccessDenied);
}

// Row S1.
TEST_F(TokenStoreTest, S1_RefusesADirectoryThatOthersCanEnter) {
    ASSERT_EQ(chmod(directory_.path().c_str(), 0710), 0);
    EXPECT_EQ(try_open().error().code, Errc::AccessDenied);
    EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
}

// Row S1.
TEST_F(TokenStoreTest, S1_RefusesASymbolicLinkInPlaceOfTheFile) {
    open();
    close();
    std::filesystem::rename(path(), directory_.file("elsewhere"));
    std::filesystem::create_symlink(directory_.file("elsewhere"), path());
    EXPECT_EQ(try_open().error().code, Errc::AccessDenied);
}

// Row S20.
TEST_F(TokenStoreTest, S20_ASecondDaemonGetsBusyUntilTheFirstIsGone) {
    open();
    EXPECT_EQ(try_open().error().code, Errc::Busy);
    insert(kAlice);
    close();
    EXPECT_TRUE(try_open().has_value());
}

// Row S5.
TEST_F(TokenStoreTest, S5_MakesNoStoreWithoutRandomness) {
    int calls = 0;
    for (;; ++calls) {
        FailingRandom random(calls);
        const Result<std::unique_ptr<TokenStore>> store =
            open_store({directory_.path(), true}, master_key(), random);
        if (store)
            break;
        EXPECT_EQ(store.error().code, Errc::Unavailable);
        EXPECT_FALSE(std::filesystem::exists(path()));
    }
    EXPECT_EQ(calls, 6);  // data key; salt and nonce of it and of the index key; the anchor
    open();
}

// Row S5.
TEST_F(TokenStoreTest, S5_ChangesNothingWithoutRandomness) {
    open();
    const Token token = insert(kAlice, "imported", TokenKind::Imported);
    close();
    for (int calls = 0; calls < 2; ++calls) {
        FailingRandom random(calls);
        const std::unique_ptr<TokenStore> store =
            open_store({directory_.path(), true}, master_key(), random).value();
        EXPECT_EQ(store->insert(make_token(kAlice), secret_of("x")).error().code,
                  Errc::Unavailable);
        EXPECT_FALSE(store->update(token.id, kAlice, [](Token&) { return Result<void>(); }));
        EXPECT_FALSE(store->replace_secret(token.id, kAlice, secret_of("y"), nullptr, kNow));
        EXPECT_EQ(list_tokens(*store, kAlice).value().size(), 1U);
        EXPECT_TRUE(same(store->find(token.id).value()->token, token));
        EXPECT_EQ(text_of(open_secret(*store, token.id).value().reveal()), "imported");
    }
}

// Row S9.
TEST_F(TokenStoreTest, AFullDiskIsUnavailableAndChangesNothing) {
    open();
    const Token token = insert(kAlice);
    const auto size = std::filesystem::file_size(path() + "-wal");
    {
        const FullDisk full(size);
        EXPECT_EQ(store_->insert(make_token(kAlice), secret_of("x")).error().code,
                  Errc::Unavailable);
        EXPECT_EQ(store_->set_locked(kAlice, true).error().code, Errc::Unavailable);
        EXPECT_TRUE(same(store_->find(token.id).value()->token, token));
    }
    EXPECT_EQ(store_->count(kAlice).value(), 1U);
    EXPECT_FALSE(store_->is_locked(kAlice).value());
    insert(kAlice);
    open();
    EXPECT_EQ(store_->count(kAlice).value(), 2U);
}

TEST_F(TokenStoreTest, AFullDiskLeavesNoHalfMadeStore) {
    {
        const FullDisk full(8192);
        EXPECT_EQ(try_open().error().code, Errc::Unavailable);
        EXPECT_FALSE(std::filesystem::exists(path()));
    }
    open();
    insert(kAlice);
}

// A crash is a copy of the files while the store is open.
TEST_F(TokenStoreTest, ACrashLosesNothingThatWasAnswered) {
    open();
    const Token token = insert(kAlice);
    store_->set_locked(kBob, true).value();
    const support::TemporaryDirectory crashed;
    for (const char* name : {"store.db", "store.db-wal"})
        std::filesystem::copy(directory_.file(name), crashed.file(name));
    const std::unique_ptr<TokenStore> after =
        open_store({crashed.path(), false}, master_key(), random_).value();
    EXPECT_TRUE(same(after->find(token.id).value()->token, token));
    EXPECT_TRUE(after->is_locked(kBob).value());
}

// Reader and writer in their own threads: the reader sees what the writer has answered, and never a
// half-made change.
TEST_F(TokenStoreTest, TheReaderWorksBesideTheWriter) {
    open();
    const Token base = insert(kAlice, "imported secret", TokenKind::Imported);
    constexpr int kRounds = 60;
    std::atomic<int> inserted{0};
    std::atomic<bool> failed{false};
    std::thread writer([&] {
        for (int i = 0; i < kRounds; ++i) {
            const Token token = make_token(kBob);
            bool ok = store_->insert(token, secret_of("secret")).has_value();
            inserted = i + 1;
            ok &= store_
                      ->update(base.id, kAlice,
                               [](Token& t) -> Result<void> {
                                   t.generation += 1;
                                   return {};
                               })
                      .has_value();
            ok &= store_->record_use({{base.id, LastUse{kNow, 1, "verify", ""}}}).has_value();
            if (i % 10 == 9)
                ok &= store_
                          ->replace_secret(base.id, kAlice, secret_of("imported secret"), nullptr,
                                           kNow)
                          .has_value();
            failed = failed || !ok;
        }
    });
    std::uint32_t generation = 0;
    while (inserted < kRounds) {
        const int seen = inserted;
        EXPECT_GE(store_->count(kBob).value(), static_cast<std::size_t>(seen));
        EXPECT_GE(list_tokens(*store_, kBob).value().size(), static_cast<std::size_t>(seen));
        const std::uint32_t now = store_->find(base.id).value()->token.generation;
        EXPECT_GE(now, generation);
        generation = now;
        EXPECT_EQ(text_of(open_secret(*store_, base.id).value().reveal()), "imported secret");
        EXPECT_FALSE(store_->is_locked(kBob).value());
    }
    writer.join();
    EXPECT_FALSE(failed);
    EXPECT_EQ(store_->count(kBob).value(), static_cast<std::size_t>(kRounds));
}

TEST_F(TokenStoreTest, KeepsARefreshTokenBesideASecretUntilThatIsReplaced) {
    open();
    const Token token = make_token(kAlice, TokenKind::Imported);
    const RefreshToken refresh(buffer_of("next"));
    store_->insert(token, {secret_of("first"), refresh}).value();
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(text_of(open_secret(*store_, token.id).value().reveal()), "first");
        EXPECT_EQ(text_of(store_->open_refresh_token(token.id).value().reveal()), "next");
        EXPECT_EQ(store_->find(token.id).value()->token.refresh_bytes, 4U);
        store_
            ->update(token.id, kAlice,
                     [](Token& now) -> Result<void> {
                         now.description = "another";
                         return {};
                     })
            .value();
        close();
        open();
    }
    store_->replace_secret(token.id, kAlice, secret_of("second"), {}, kNow).value();
    EXPECT_EQ(text_of(open_secret(*store_, token.id).value().reveal()), "second");
    EXPECT_TRUE(store_->open_refresh_token(token.id).value().empty());
}

// Entries that nothing gives out any more keep nobody from a new token; the others do.
TEST_F(TokenStoreTest, RenewsAnEntryWithTheSecretThatItHas) {
    open();
    Token stored = make_token(kAlice, TokenKind::Imported);
    stored.provenance = Provenance::GitStore;
    stored.confirm = Confirm::Always;
    store_->insert(stored, secret_of("same")).value();
    const TokenId next = TokenId::generate(random_).value();
    const auto refuse = [](Token&) -> Result<void> { return Errc::NotFound; };
    EXPECT_FALSE(store_->renew(stored.id, kAlice, next, secret_of("same"), refuse));
    EXPECT_FALSE(store_->renew(stored.id, kBob, next, secret_of("same"), {}));
    EXPECT_TRUE(store_->find(stored.id).value()) << "changed nothing";
    ASSERT_TRUE(store_->renew(stored.id, kAlice, next, secret_of("same"), {}));
    open();
    EXPECT_FALSE(store_->find(stored.id).value());
    EXPECT_EQ(store_->find(next).value()->token.confirm, Confirm::Always);
    EXPECT_EQ(text_of(open_secret(*store_, next).value().reveal()), "same");
    EXPECT_EQ(RawDatabase(path()).number("SELECT count(*) FROM tombstone"), 0);
}

TEST_F(TokenStoreTest, MakesRoomOfWhatGitStoredAndAServerRefused) {
    open();
    store_->limit_tokens(4);
    const Token mine = make_token(kAlice, TokenKind::Imported);
    Token stored = mine;
    stored.provenance = Provenance::GitStore;
    Token rejected_mine = mine;
    rejected_mine.state = TokenState::Rejected;
    Token refused = stored;
    refused.state = TokenState::Rejected;
    Token expired = stored;
    expired.expires = mine.created;
    expired.created = mine.created - 1;
    std::vector<TokenId> ids;
    for (Token* token : {&stored, &rejected_mine, &refused, &expired}) {
        token->id = TokenId::generate(random_).value();
        ids.push_back(token->id);
        store_->insert(*token, secret_of("x")).value();
    }
    insert(kAlice);
    EXPECT_FALSE(store_->find(ids[2]).value());
    // A clock that is ahead costs nothing.
    EXPECT_EQ(store_->insert(make_token(kAlice), secret_of("x")).error().code, Errc::LimitExceeded);
    EXPECT_TRUE(store_->find(ids[3]).value());
    EXPECT_TRUE(store_->find(ids[0]).value());
    EXPECT_TRUE(store_->find(ids[1]).value());
    EXPECT_EQ(RawDatabase(path()).number("SELECT count(*) FROM tombstone"), 0);
}

}  // namespace
}  // namespace patd::store::test
