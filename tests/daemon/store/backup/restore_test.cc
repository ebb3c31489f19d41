// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/backup/restore.h"

#include "common/base/limits.h"
#include "daemon/store/audit/audit_log.h"
#include "daemon/store/backup/backup_file.h"
#include "daemon/store/database/sqlite.h"
#include "daemon/store/tokens/record_codec.h"
#include "daemon/store/tokens/store_admin.h"
#include "tests/daemon/store/store_fixture.h"
#include "tests/support/read_store.h"

#include <fcntl.h>

namespace patd::store::test {
namespace {

class RestoreTest : public StoreTest {
  protected:
    void SetUp() override {
        open();
        audit_ = AuditLog::open(directory_.path()).value();
    }
    void back_up() {
        const UniqueFd fd(
            ::open(backup_path().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        write_backup(directory_.path(), master_key(), kNow, fd.get()).value();
    }
    Result<RestoreReport> restore(const RestoreChoice& choice = {}) {
        const UniqueFd fd(::open(backup_path().c_str(), O_RDONLY | O_CLOEXEC));
        const StateDirectory state = StateDirectory::open(directory_.path()).value();
        TRY(read_backup(state, master_key(), fd.get()));
        Result<RestoreReport> report = store::restore(*store_, master_key(), choice);
        if (report && report->adopted)
            StoreAdmin(*store_).adopt_for_reading(std::move(*report->adopted));
        return report;
    }
    static RestoreChoice revive(const Token& token) {
        return {.now = kNow + 9, .revive = {token.id}};
    }
    bool is_valid(const Token& token, std::string_view secret) {
        const auto found = store_->find(token.id).value();
        return found && found->verifier == store_->digest(buffer_of(secret).reveal()).value();
    }
    bool is_dead(std::string_view secret) {
        const Digest digest = store_->digest(buffer_of(secret).reveal()).value();
        return store_->find_tombstone(digest).value().has_value();
    }
    // Loses the store, and makes a new one under the same master key.
    void lose_everything() {
        close();
        audit_.reset();
        for (const char* name : {"store.db", "audit.db"})
            std::filesystem::remove(directory_.file(name));
        SetUp();
    }
    // A store made under another master key, which has been replaced since.
    void begin_with_other_index_key() {
        close();
        audit_.reset();
        std::filesystem::remove(path());
        TokenStore::open({directory_.path()}, master_key('n'), random_).value();
        {
            Connection connection = Connection::open(path()).value();
            add_wrap(connection, master_key('n'), master_key(), random_).value();
        }
        SetUp();
    }
    std::string backup_path() const { return outside_.file("backup"); }

    support::TemporaryDirectory outside_;
    std::unique_ptr<AuditLog> audit_;
};

TEST_F(RestoreTest, BringsEveryTokenBackIntoANewStore) {
    const Token issued = insert(kAlice, "one");
    const Token imported = insert(kBob, "two", TokenKind::Imported);
    const Token gone = insert(kBob, "three");
    store_->remove(gone.id, kBob, kNow).value();
    store_->set_locked(kAlice, true).value();
    back_up();
    lose_everything();
    const RestoreReport report = restore().value();
    EXPECT_TRUE(report.done);
    EXPECT_EQ(report.restored, 2U);
    EXPECT_TRUE(report.dead.empty());
    EXPECT_EQ(report.locked, std::set<Uid>{kAlice});
    for (int round = 0; round < 2; ++round) {
        EXPECT_TRUE(is_valid(issued, "one"));
        EXPECT_TRUE(same(store_->find(imported.id).value()->token, imported));
        EXPECT_EQ(text_of(open_secret(*store_, imported.id).value().reveal()), "two");
        EXPECT_TRUE(is_dead("three"));
        EXPECT_TRUE(store_->is_locked(kAlice).value());
        EXPECT_FALSE(store_->is_locked(kBob).value());
        EXPECT_EQ(find_by_origin(*store_, kBob, imported.targets[0].origin()).value().size(), 1U);
        open();
    }
}

TEST_F(RestoreTest, BringsBackWhenATokenWasUsedLast) {
    const Token used = insert(kAlice, "one");
    const Token unused = insert(kAlice, "two");
    store_->record_use({{used.id, {kNow - 60, 1000, "release", "https://git.example"}}}).value();
    back_up();
    lose_everything();
    EXPECT_TRUE(restore().value().done);
    const LastUse last = store_->last_use(used.id).value();
    EXPECT_EQ(last.at, kNow - 60);
    EXPECT_EQ(last.where, "https://git.example");
    EXPECT_EQ(store_->last_use(unused.id).value().at, 0);
}

TEST_F(RestoreTest, LeavesWhatIsThereAsItIs) {
    const Token edited = insert(kAlice, "one");
    back_up();
    store_
        ->update(edited.id, kAlice,
                 [](Token& token) -> Result<void> {
                     token.description = "new words";
                     token.generation += 1;
                     return {};
                 })
        .value();
    const Token later = insert(kAlice, "two");
    const RestoreReport report = restore().value();
    EXPECT_TRUE(report.done);
    EXPECT_EQ(report.present, 1U);
    EXPECT_EQ(report.restored, 0U);
    EXPECT_EQ(store_->find(edited.id).value()->token.description, "new words");
    EXPECT_TRUE(is_valid(later, "two"));
}

// Row S3: what died stays dead, unless it is named.
TEST_F(RestoreTest, S3_RefusesWhileATokenDiedSinceAndNobodySaidWhatToDo) {
    const Token removed = insert(kAlice, "one");
    const Token renewed = insert(kAlice, "two");
    const Token lost = insert(kAlice, "three");
    back_up();
    store_->remove(removed.id, kAlice, kNow + 5).value();
    store_->replace_secret(renewed.id, kAlice, secret_of("new"), {}, kNow + 6).value();
    RawDatabase(path()).run("DELETE FROM token WHERE id = ?1", token_key(lost.id));
    forget();

    const RestoreReport refused = restore().value();
    EXPECT_FALSE(refused.done);
    ASSERT_EQ(refused.dead.size(), 2U);
    for (const DeadToken& dead : refused.dead) {
        const bool deleted = dead.token.id == removed.id;
        EXPECT_EQ(dead.cause, deleted ? DeadToken::Cause::Deleted : DeadToken::Cause::Regenerated);
        EXPECT_EQ(dead.died, kNow + (deleted ? 5 : 6));
    }
    EXPECT_FALSE(store_->find(lost.id).value()) << "nothing is done by halves";

    const RestoreReport looked = restore({.keep_dead = true, .dry_run = true}).value();
    EXPECT_FALSE(looked.done);
    EXPECT_EQ(looked.dead.size(), 2U);
    EXPECT_FALSE(store_->find(lost.id).value());

    EXPECT_TRUE(restore({.keep_dead = true}).value().done);
    EXPECT_TRUE(is_valid(lost, "three"));
    EXPECT_TRUE(is_valid(renewed, "new"));
    EXPECT_FALSE(store_->find(removed.id).value());
    EXPECT_TRUE(is_dead("one") && is_dead("two"));
}

TEST_F(RestoreTest, S3_RevivesExactlyThoseThatAreNamed) {
    const Token removed = insert(kAlice, "one");
    const Token renewed = insert(kAlice, "two");
    const Token other = insert(kAlice, "three");
    back_up();
    store_->remove(removed.id, kAlice, kNow).value();
    store_->remove(other.id, kAlice, kNow).value();
    store_->replace_secret(renewed.id, kAlice, secret_of("new"), {}, kNow).value();

    const RestoreReport first = restore(revive(removed)).value();
    EXPECT_TRUE(first.done);
    ASSERT_EQ(first.revived.size(), 1U);
    EXPECT_TRUE(is_valid(removed, "one"));
    EXPECT_GT(store_->find(removed.id).value()->token.generation, removed.generation);
    EXPECT_TRUE(is_valid(renewed, "new"));
    EXPECT_FALSE(store_->find(other.id).value());

    EXPECT_TRUE(restore(revive(renewed)).value().done);
    EXPECT_TRUE(is_valid(renewed, "two"));
    EXPECT_TRUE(is_dead("new"));
    EXPECT_FALSE(is_dead("two"));
    EXPECT_FALSE(store_->find(other.id).value());
    EXPECT_EQ(restore(revive(renewed)).error().code, Errc::NotFound) << "it is not dead now";
    EXPECT_EQ(restore(revive(make_token(kAlice))).error().code, Errc::NotFound);
    expect_anchored();
}

TEST_F(RestoreTest, WhatItBringsBackCancelsItsDeath) {
    const Token removed = insert(kAlice, "one");
    back_up();
    store_->remove(removed.id, kAlice, kNow).value();
    const std::shared_ptr<Anchor> anchor = StoreAdmin(*store_).anchor().value();
    (void)anchor->take_deaths();
    restore(revive(removed)).value();
    const std::vector<Death> deaths = anchor->take_deaths();
    ASSERT_EQ(deaths.size(), 1U);
    EXPECT_EQ(deaths.front().cause, Death::Cause::Revived);
    EXPECT_EQ(deaths.front().token, removed.id);
}

// The store is lost with its tombstones; patd-auth still knows.
TEST_F(RestoreTest, WhatTheWitnessKnowsToBeDeadStaysDead) {
    const Token removed = insert(kAlice, "one");
    const Token renewed = insert(kAlice, "two");
    const Token narrowed = insert(kAlice, "three");
    back_up();
    close();
    for (const char* suffix : {"", "-wal", "-shm"})
        std::filesystem::remove(path() + suffix);
    open();
    using Cause = Death::Cause;
    const RestoreChoice choice{.now = kNow,
                               .keep_dead = true,
                               .witnessed = {{Cause::Deleted, kAlice, removed.id, 5, 0, kNow - 7},
                                             {Cause::Regenerated, kAlice, renewed.id, 6, 2, kNow},
                                             {Cause::Edited, kAlice, narrowed.id, 7, 0, kNow}}};
    const RestoreReport report = restore(choice).value();
    EXPECT_EQ(report.restored, 1U);
    ASSERT_EQ(report.dead.size(), 2U);
    for (const DeadToken& dead : report.dead)
        EXPECT_EQ(dead.died, dead.token.id == removed.id ? kNow - 7 : kNow);
    EXPECT_FALSE(store_->find(removed.id).value());
    EXPECT_FALSE(store_->find(renewed.id).value());
    EXPECT_TRUE(is_valid(narrowed, "three"));
    expect_anchored();
}

TEST_F(RestoreTest, HealsARecordThatIsDamaged) {
    const Token token = insert(kAlice, "one", TokenKind::Imported);
    back_up();
    RawDatabase(path()).run("UPDATE token SET description = 'altered'");
    forget();
    ASSERT_EQ(store_->find(token.id).error().code, Errc::Corrupt);
    EXPECT_EQ(restore().value().restored, 1U);
    EXPECT_TRUE(is_valid(token, "one"));
}

// Then nobody knows any more which secrets died.
TEST_F(RestoreTest, TakesATokenForDeadWhoseOwnerHasAllHisTombstones) {
    const Token token = insert(kAlice, "one");
    back_up();
    {
        RawDatabase raw(path());
        raw.run("DELETE FROM token");
        raw.run(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)"
            " INSERT INTO tombstone (digest, token, owner, died, mac)"
            " SELECT randomblob(32), i, ?1, 0, zeroblob(32) FROM n",
            kAlice.value(), limits::kTombstonesPerUser);
    }
    forget();
    EXPECT_FALSE(restore().value().done);
    EXPECT_TRUE(restore(revive(token)).value().done);
    EXPECT_TRUE(is_valid(token, "one"));
}

TEST_F(RestoreTest, ADamagedRecordOfTheBackupStopsNoOther) {
    const Token good = insert(kAlice, "one");
    const Token bad = insert(kAlice, "two");
    RawDatabase(path()).run("UPDATE token SET description = 'altered' WHERE id = ?1",
                            token_key(bad.id));
    back_up();
    lose_everything();
    const RestoreReport report = restore().value();
    EXPECT_TRUE(report.done);
    EXPECT_EQ(report.damaged, 1U);
    EXPECT_TRUE(is_valid(good, "one"));
}

// After a replacement of the master key, a new store would make other digests.
TEST_F(RestoreTest, AnEmptyStoreTakesOverTheIndexKey) {
    begin_with_other_index_key();
    const Token token = insert(kAlice, "one");
    back_up();
    lose_everything();
    EXPECT_TRUE(restore().value().done);
    for (int round = 0; round < 2; ++round) {
        EXPECT_TRUE(is_valid(token, "one"));
        const Token next = insert(kAlice, "two");
        EXPECT_TRUE(is_valid(next, "two"));
        open();
    }
    expect_anchored();
}

TEST_F(RestoreTest, AStoreWithTokensKeepsItsIndexKeyAndRefuses) {
    begin_with_other_index_key();
    insert(kAlice, "one");
    back_up();
    lose_everything();
    const Token mine = insert(kBob, "mine");
    EXPECT_EQ(restore().error().code, Errc::ForeignBackup);
    EXPECT_TRUE(is_valid(mine, "mine"));
}

}  // namespace
}  // namespace patd::store::test
