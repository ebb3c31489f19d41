// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/upkeep/rollback_admin.h"

#include "tests/daemon/store/store_fixture.h"
#include "tests/support/rollback_fixture.h"

namespace patd {
namespace {

using store::Death;
using store::test::RawDatabase;
using support::kAlice;
using support::kBob;
using Cause = Death::Cause;

class RollbackAdminTest : public support::RollbackTest {};

TEST_F(RollbackAdminTest, S3_YesterdaysStoreIsReadOnlyUntilRootSaysWhatLives) {
    const support::Issued revoked = issue(kAlice);
    const support::Issued renewed = issue(kAlice);
    const support::Issued kept = issue(kBob);
    const Token edited = issue(kBob, {.permissions = "vcs:repository:rw,project:issue:ro"}).token;
    keep_today();
    remove(revoked.token);
    change([&] {
        return store_->replace_secret(renewed.token.id, kAlice, support::secret_of("another"), {},
                                      clock_.now());
    }).value();
    narrow(edited);
    change([&] { return store_->set_locked(kBob, true); }).value();
    put_back();

    EXPECT_EQ(keeper().rollback(), Rollback::Older);
    EXPECT_TRUE(is_withheld());
    EXPECT_FALSE(verifies(kept));
    EXPECT_FALSE(change([&] { return store_->remove(kept.token.id, kBob, clock_.now()); }));
    const RollbackAdmin::Report seen = accept();
    EXPECT_FALSE(seen.done);
    EXPECT_TRUE(seen.knows_all);
    ASSERT_EQ(seen.living.size(), 4U);
    EXPECT_EQ(seen.living[0].death.cause, Cause::Deleted);
    EXPECT_EQ(seen.living[0].description, "a laptop");
    EXPECT_EQ(seen.living[1].death.token, renewed.token.id);
    EXPECT_EQ(seen.living[2].death.cause, Cause::Edited);
    EXPECT_EQ(seen.living[3].death.cause, Cause::Locked);
    EXPECT_FALSE(accept({.dry_run = true, .keep_dead = true}).done);
    EXPECT_TRUE(is_withheld());
    restart();
    EXPECT_TRUE(is_withheld()) << "a restart is no consent";

    EXPECT_TRUE(accept({.keep_dead = true}).done);
    EXPECT_FALSE(is_withheld());
    EXPECT_FALSE(store_->find(revoked.token.id).value());
    EXPECT_FALSE(store_->find(renewed.token.id).value());
    EXPECT_FALSE(store_->find(edited.id).value());
    EXPECT_TRUE(store_->is_locked(kBob).value());
    EXPECT_TRUE(verifies(kept));
    restart();
    EXPECT_EQ(keeper().rollback(), Rollback::None);
    put_back();
    EXPECT_TRUE(is_withheld()) << "and not twice";
}

struct NoMemory final : bus::Executor {
    void submit(std::function<void()> /*work*/, std::function<void()> /*done*/) override {
        throw std::bad_alloc();
    }
};

TEST_F(RollbackAdminTest, AnAcceptanceThatThrowsLeavesTheNextOnePossible) {
    NoMemory writer;
    RollbackAdmin admin(
        {*store_, *audit_log_, writer, *auditor_, locks_.value(), accounts_, clock_, random_,
         state_, subscriptions_, reuse_alarm_.value(), units_, turns_, limited_},
        keeper(), {});
    for (int i = 0; i < 2; ++i) {
        EXPECT_THROW(admin.accept({Uid(0), ":1"}, {},
                                  [](const Result<RollbackAdmin::Report>& done) {
                                      ADD_FAILURE() << done.has_value();
                                  }),
                     std::bad_alloc);
    }
}

TEST_F(RollbackAdminTest, RootMayLetAllOfItLiveAgain) {
    const support::Issued revoked = issue(kAlice);
    keep_today();
    remove(revoked.token);
    put_back();
    const RollbackAdmin::Report report = accept({.revive = true});
    EXPECT_TRUE(report.done);
    EXPECT_EQ(report.living.size(), 1U);
    EXPECT_TRUE(verifies(revoked));
    restart();
    EXPECT_EQ(keeper().rollback(), Rollback::None);
    EXPECT_TRUE(verifies(revoked));
    EXPECT_TRUE(keeper().deaths().empty()) << "it would be ended again next time";
}

TEST_F(RollbackAdminTest, RowsThatAreGoneOrFromYesterdayAreNoticed) {
    const Token dead = issue(kAlice).token;
    remove(dead);
    issue(kBob);
    stop();
    RawDatabase(database()).run("DELETE FROM tombstone");
    open();
    EXPECT_EQ(keeper().rollback(), Rollback::Altered);
    EXPECT_TRUE(is_withheld());
    const RollbackAdmin::Report report = accept();
    EXPECT_TRUE(report.living.empty());
    EXPECT_FALSE(report.knows_all);
    EXPECT_FALSE(report.done) << "nobody knows what would live again";
    EXPECT_TRUE(is_withheld());
    EXPECT_TRUE(accept({.revive = true}).done);
    restart();
    EXPECT_EQ(keeper().rollback(), Rollback::None);
}

TEST_F(RollbackAdminTest, AnotherStoreIsNoticed) {
    remove(issue(kAlice).token);
    issue(kBob);
    stop();
    RawDatabase(database()).run("DELETE FROM anchor");
    open();
    EXPECT_EQ(keeper().rollback(), Rollback::Altered);
    stop();
    for (const char* suffix : {"", "-wal", "-shm"})
        std::filesystem::remove(database() + suffix);
    {
        const auto other =
            store::TokenStore::open({directory_.path(), true}, support::master_key(), random_)
                .value();
        other->insert(support::make_token(kAlice, TokenKind::Issued), support::secret_of("x"))
            .value();
    }
    open();
    EXPECT_EQ(keeper().rollback(), Rollback::Foreign);
    EXPECT_TRUE(is_withheld());
    EXPECT_FALSE(accept().done);
    EXPECT_TRUE(accept({.keep_dead = true}).done);
    restart();
    EXPECT_EQ(keeper().rollback(), Rollback::None);
}

TEST_F(RollbackAdminTest, AnEmptyStoreInItsPlaceIsANewOne) {
    const Token dead = issue(kAlice).token;
    keep_today();
    remove(dead);
    stop();
    for (const char* suffix : {"", "-wal", "-shm"})
        std::filesystem::remove(database() + suffix);
    open();
    EXPECT_EQ(keeper().rollback(), Rollback::None);
    EXPECT_TRUE(settles());
    ASSERT_EQ(keeper().deaths().size(), 1U) << "a restore has to know it";
    issue(kAlice);
    change([&] { return store_->set_locked(kAlice, true); }).value();
    put_back();
    EXPECT_EQ(keeper().rollback(), Rollback::Foreign);
    EXPECT_EQ(accept().living.size(), 2U);
}

}  // namespace
}  // namespace patd
