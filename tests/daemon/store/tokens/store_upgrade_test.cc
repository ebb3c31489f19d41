// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/store_upgrade.h"

#include "daemon/store/audit/audit_log.h"
#include "daemon/store/backup/backup_file.h"
#include "daemon/store/backup/restore.h"
#include "tests/daemon/store/old_store.h"
#include "tests/support/read_store.h"

#include <sys/mman.h>
#include <unistd.h>

namespace patd::store::test {
namespace {

class StoreUpgradeTest : public StoreTest, public ::testing::WithParamInterface<std::uint32_t> {
  protected:
    // Leaves a store of that version with one token of each kind; returns the secret's digest.
    Digest leave_old_store() {
        OldStore old(directory_.path(), GetParam());
        old.insert(imported_, "elsewhere");
        return old.insert(issued_, "secret");
    }
    std::size_t count_covering(const Target& target) {
        return find_covering(*store_, kAlice, target.origin(), target.path()).value().size();
    }
    std::string seal_of(const Token& token) {
        return RawDatabase(path()).value("SELECT sealed FROM token WHERE id = ?1",
                                         token_key(token.id));
    }

    // There were no rules then.
    static Token old_token(TokenKind kind) {
        Token token = make_token(kAlice, kind);
        token.rules = {};
        return token;
    }

    Token issued_ = old_token(TokenKind::Issued);
    Token imported_ = old_token(TokenKind::Imported);
};

TEST_P(StoreUpgradeTest, BringsAnOldStoreUpWithEveryTokenAndResealsNone) {
    const Digest digest = leave_old_store();
    const std::string seal = seal_of(issued_);
    for (std::size_t round = 0; round < 2; ++round) {
        open();
        const auto found = store_->find(issued_.id).value();
        ASSERT_TRUE(found);
        EXPECT_TRUE(same(found->token, issued_));
        EXPECT_TRUE(found->token.rules.empty());
        EXPECT_EQ(found->verifier, digest);
        EXPECT_EQ(store_->digest(buffer_of("secret").reveal()).value(), digest);
        EXPECT_EQ(text_of(open_secret(*store_, imported_.id).value().reveal()), "elsewhere");
        EXPECT_FALSE(store_->is_locked(kAlice).value());
        for (const Target& target : issued_.targets)
            EXPECT_EQ(count_covering(target), 2U + round);
        insert(kAlice);
        close();
        EXPECT_TRUE(seal_of(issued_) == seal);
    }
    EXPECT_EQ(RawDatabase(path()).number("PRAGMA user_version"), kSchemaVersion);
}

TEST_P(StoreUpgradeTest, AnotherMasterKeyLeavesItAsItWas) {
    leave_old_store();
    const std::string before = read_file(path());
    EXPECT_FALSE(TokenStore::open({directory_.path()}, master_key('x'), random_));
    EXPECT_TRUE(read_file(path()) == before);
    open();
    EXPECT_TRUE(store_->find(issued_.id).value());
}

TEST_P(StoreUpgradeTest, AnOldTokenTakesARuleAndLosesItAgain) {
    leave_old_store();
    open();
    const ReleaseRules rules = ReleaseRules::parse({"backup.service"}).value();
    for (const ReleaseRules& next : {rules, ReleaseRules(), rules}) {
        store_
            ->update(issued_.id, kAlice,
                     [&](Token& token) -> Result<void> {
                         token.rules = next;
                         return {};
                     })
            .value();
        close();
        open();
        EXPECT_EQ(store_->find(issued_.id).value()->token.rules, next);
    }
}

// The rows are read in parts; no token between two of them is forgotten.
TEST_P(StoreUpgradeTest, FindsEachOfManyTokensByItsPlaces) {
    std::vector<Token> tokens;
    {
        OldStore old(directory_.path(), GetParam());
        for (int i = 0; i < 513; ++i) {
            Token token = old_token(TokenKind::Issued);
            token.targets = parse_targets({"https://git.example/" + std::to_string(i)}).value();
            old.insert(token, "secret " + std::to_string(i));
            tokens.push_back(token);
        }
    }
    open();
    for (const Token& token : tokens)
        EXPECT_EQ(count_covering(token.targets.front()), 1U);
    EXPECT_EQ(RawDatabase(path()).number("SELECT count(*) FROM target"), 513);
}

// Row S2: targets that only the columns name make nothing of a damaged record.
TEST_P(StoreUpgradeTest, S2_PassesOverTargetsThatNoTokenCanHave) {
    leave_old_store();
    RawDatabase(path()).run("UPDATE token SET targets = 'nonsense' WHERE id = ?1",
                            token_key(issued_.id));
    open();
    EXPECT_EQ(store_->find(issued_.id).error().code, Errc::Corrupt);
    EXPECT_EQ(count_covering(imported_.targets.front()), 1U);
    store_->remove(issued_.id, kAlice, kNow).value();
    EXPECT_EQ(list_tokens(*store_, kAlice).value().size(), 1U);
}

// Version 1 had no backups.
class OldBackupTest : public StoreUpgradeTest {};

TEST_P(OldBackupTest, ComesBackWithEveryToken) {
    leave_old_store();
    const std::unique_ptr<AuditLog> audit = AuditLog::open(directory_.path()).value();
    const UniqueFd backup(::memfd_create("backup", MFD_CLOEXEC));
    write_backup(directory_.path(), master_key(), kNow, backup.get()).value();
    for (const char* suffix : {"", "-wal", "-shm"})
        std::filesystem::remove(path() + suffix);
    open();
    ASSERT_EQ(::lseek(backup.get(), 0, SEEK_SET), 0);
    const StateDirectory state = StateDirectory::open(directory_.path()).value();
    read_backup(state, master_key(), backup.get()).value();
    const Result<RestoreReport> report = restore(*store_, master_key(), {});
    ASSERT_TRUE(report) << report.error().context;
    EXPECT_EQ(report->restored, 2U);
    close();
    open();
    EXPECT_TRUE(same(store_->find(issued_.id).value()->token, issued_));
    EXPECT_EQ(text_of(open_secret(*store_, imported_.id).value().reveal()), "elsewhere");
}

// Row S2: rows from before rules existed get none, and lose none.
TEST_P(StoreUpgradeTest, S2_RefusesARuleThatSomebodyAddsToAnOldRow) {
    leave_old_store();
    open();
    RawDatabase(path()).run("UPDATE token SET rules = 'backup.service' WHERE id = ?1",
                            token_key(issued_.id));
    EXPECT_EQ(store_->find(issued_.id).error().code, Errc::Corrupt);
}

INSTANTIATE_TEST_SUITE_P(Versions, StoreUpgradeTest, ::testing::Range(1U, kSchemaVersion));
INSTANTIATE_TEST_SUITE_P(Versions, OldBackupTest, ::testing::Range(2U, kSchemaVersion));

}  // namespace
}  // namespace patd::store::test
