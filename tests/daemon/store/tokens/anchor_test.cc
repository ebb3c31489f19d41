// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/anchor.h"

#include "common/token/token_key.h"
#include "daemon/store/tokens/store_admin.h"
#include "tests/daemon/store/store_fixture.h"
#include "tests/support/read_store.h"

namespace patd::store::test {
namespace {

using Cause = Death::Cause;

class AnchorTest : public StoreTest {
  protected:
    void SetUp() override { open(); }
    std::shared_ptr<Anchor> anchor() { return StoreAdmin(*store_).anchor().value(); }
    std::int64_t generation() { return anchor()->mark().generation; }
    bool fits() { return StoreAdmin(*store_).fits_anchor().value(); }
    std::vector<Death> deaths() { return anchor()->take_deaths(); }
    // What one change took away.
    Death only_death() {
        const std::vector<Death> found = deaths();
        EXPECT_EQ(found.size(), 1U);
        return found.empty() ? Death{} : found.front();
    }
    void edit(const Token& token, const std::function<void(Token&)>& change) {
        store_
            ->update(token.id, token.owner,
                     [&](Token& stored) -> Result<void> {
                         change(stored);
                         return {};
                     })
            .value();
    }
    Cause cause_of_edit(const Token& token, const std::function<void(Token&)>& change) {
        edit(token, change);
        return only_death().cause;
    }
};

TEST_F(AnchorTest, FitsEveryChangeAndCountsIt) {
    EXPECT_EQ(generation(), 1);
    EXPECT_TRUE(fits());
    const Token token = insert(kAlice);
    EXPECT_EQ(generation(), 2);
    insert(kBob, "foreign", TokenKind::Imported);
    edit(token, [](Token& stored) { stored.description = "another"; });
    store_->replace_secret(token.id, kAlice, secret_of("next"), {}, kNow).value();
    store_->set_locked(kAlice, true).value();
    store_->set_locked(kAlice, false).value();
    store_->remove(token.id, kAlice, kNow).value();
    store_->remove_all(kBob, name_of(kBob), kNow).value();
    EXPECT_EQ(generation(), 9);
    EXPECT_TRUE(fits());
    open();
    EXPECT_EQ(generation(), 9);
    EXPECT_TRUE(fits());
}

TEST_F(AnchorTest, IsNotTouchedByWhatDoesNotCount) {
    const Token token = insert(kAlice);
    const std::int64_t before = generation();
    store_->record_use({{token.id, {kNow, 1000, "get", "https://git.example"}}}).value();
    StoreAdmin(*store_).write_note(Note::BackedUp, kNow).value();
    EXPECT_FALSE(store_->remove(token.id, kBob, kNow));
    EXPECT_EQ(generation(), before);
    EXPECT_TRUE(fits());
}

TEST_F(AnchorTest, AFailedChangeLeavesItAsItWas) {
    const Token token = insert(kAlice);
    const std::int64_t before = generation();
    EXPECT_FALSE(store_->insert(token, secret_of("again")));
    EXPECT_FALSE(store_->update(token.id, kAlice, [](Token&) { return Result<void>(Errc::Busy); }));
    EXPECT_EQ(generation(), before);
    EXPECT_TRUE(fits());
    EXPECT_TRUE(deaths().empty());
    insert(kAlice, "more");
    EXPECT_TRUE(fits());
}

TEST_F(AnchorTest, SaysWhatAChangeTookAway) {
    const Token token = insert(kAlice);
    EXPECT_TRUE(deaths().empty());
    store_->replace_secret(token.id, kAlice, secret_of("next"), {}, kNow).value();
    const Death regenerated = only_death();
    EXPECT_EQ(regenerated.cause, Cause::Regenerated);
    EXPECT_EQ(regenerated.secret, 2U);
    EXPECT_EQ(regenerated.owner, kAlice);
    EXPECT_EQ(regenerated.generation, generation());
    store_->remove(token.id, kAlice, kNow).value();
    const Death deleted = only_death();
    EXPECT_EQ(deleted.cause, Cause::Deleted);
    EXPECT_EQ(deleted.token, token.id);
    store_->set_locked(kAlice, true).value();
    const Death locked = only_death();
    EXPECT_EQ(locked.cause, Cause::Locked);
    EXPECT_EQ(locked.owner, kAlice);
    EXPECT_FALSE(locked.token);
    store_->set_locked(kAlice, true).value();
    EXPECT_TRUE(deaths().empty());
    store_->set_locked(kAlice, false).value();
    EXPECT_EQ(only_death().cause, Cause::Unlocked);
}

TEST_F(AnchorTest, EveryEditThatNarrowsTakesSomethingAway) {
    const Token token = insert(kAlice);
    const auto edited = [&](const std::function<void(Token&)>& change) {
        return cause_of_edit(token, change) == Cause::Edited;
    };
    EXPECT_TRUE(edited([](Token& stored) { stored.expires -= 1; }));
    EXPECT_TRUE(edited([](Token& stored) { stored.permissions.pop_back(); }));
    EXPECT_TRUE(edited([](Token& stored) { stored.targets.pop_back(); }));
    EXPECT_TRUE(edited([](Token& stored) { stored.confirm = Confirm::Always; }));
    EXPECT_TRUE(edited([](Token& stored) { stored.rules = {}; }));
    EXPECT_TRUE(edited([](Token& stored) { stored.generation += 1; })) << "its children ended";
    edit(token, [](Token& stored) { stored.expires = 0; });
    EXPECT_TRUE(deaths().empty());
    EXPECT_TRUE(edited([](Token& stored) { stored.expires = kNow + 5; }));
    edit(token, [](Token& stored) { stored.description = "as before"; });
    edit(token, [](Token& stored) { stored.confirm = Confirm::Never; });
    edit(token, [](Token& stored) { stored.expires += 1; });
    EXPECT_TRUE(deaths().empty());
    StoreAdmin admin(*store_);
    admin.quarantine(kAlice, name_of(kAlice)).value();
    EXPECT_EQ(only_death().cause, Cause::Quarantined);
    admin.reinstate(token.id, kAlice, name_of(kAlice)).value();
    EXPECT_EQ(only_death().cause, Cause::Revived);
}

TEST_F(AnchorTest, NoticesRowsThatWereChangedBehindItsBack) {
    const Token token = insert(kAlice);
    insert(kBob);
    store_->remove(insert(kAlice, "dead").id, kAlice, kNow).value();
    close();
    const std::string good = read_file(path());
    constexpr const char* kAlterations[] = {
        "DELETE FROM token WHERE owner = 1000",
        "DELETE FROM tombstone",
        "DELETE FROM owner WHERE owner = 1001",
        "UPDATE token SET salt = zeroblob(32) WHERE owner = 1000",
        ("INSERT INTO tombstone (digest, token, owner, died, mac)"
         " SELECT digest, token, owner, died, mac FROM tombstone"),
        "UPDATE anchor SET generation = generation + 1",
        "UPDATE anchor SET witnessed = 5",
        "UPDATE anchor SET store = zeroblob(16)",
        "UPDATE anchor SET sum = zeroblob(32)",
        "UPDATE anchor SET mac = zeroblob(32)",
        "UPDATE anchor SET one = 2",
        "DELETE FROM anchor",
    };
    for (const char* sql : kAlterations) {
        RawDatabase(path()).run(sql);
        open();
        EXPECT_FALSE(fits()) << sql;
        close();
        write_file(path(), good);
        std::filesystem::remove(path() + "-wal");
        open();
        EXPECT_TRUE(fits()) << sql;
        close();
    }
}

// The row's own seal is good, and so is the store's age.
TEST_F(AnchorTest, NoticesOneRowOfYesterday) {
    const Token token = insert(kAlice);
    close();
    const std::string yesterday = directory_.file("yesterday");
    std::filesystem::copy_file(path(), yesterday);
    open();
    edit(token, [](Token& stored) { stored.permissions.pop_back(); });
    close();
    {
        RawDatabase raw(path());
        for (const char* column : {"salt", "nonce", "sealed", "permissions"}) {
            const std::string read = "SELECT " + std::string(column) + " FROM token";
            const std::string write =
                "UPDATE token SET " + std::string(column) + " = " +
                (std::string(column) == "permissions" ? "CAST(?2 AS TEXT) WHERE ?1 = 0"
                                                      : "?2 WHERE ?1 = 0");
            raw.run_blob(write.c_str(), 0, RawDatabase(yesterday).value(read.c_str()));
        }
    }
    open();
    EXPECT_EQ(store_->find(token.id).value()->token, token);
    EXPECT_FALSE(fits());
}

TEST_F(AnchorTest, StaysAlteredUntilItIsAccepted) {
    insert(kAlice);
    const Token other = insert(kBob);
    close();
    RawDatabase(path()).run("DELETE FROM token WHERE owner = 1000");
    open();
    edit(other, [](Token& stored) { stored.description = "changed"; });
    EXPECT_FALSE(fits());
    // A newer witness says nothing of the rows.
    StoreAdmin(*store_).raise_generation(500).value();
    EXPECT_EQ(generation(), 501);
    EXPECT_FALSE(fits());
    StoreAdmin(*store_).accept_rows(700).value();
    EXPECT_TRUE(fits());
    EXPECT_EQ(generation(), 701);
    open();
    EXPECT_TRUE(fits());
    EXPECT_EQ(generation(), 701);
}

// Whoever deletes the anchor makes another store of it.
TEST_F(AnchorTest, AMissingOneIsAnotherStores) {
    const StoreId before = anchor()->mark().store;
    const Token token = insert(kAlice);
    close();
    RawDatabase(path()).run("DELETE FROM anchor");
    open();
    EXPECT_FALSE(fits());
    edit(token, [](Token& stored) { stored.description = "changed"; });
    EXPECT_TRUE(fits());
    EXPECT_NE(anchor()->mark().store, before);
}

TEST_F(AnchorTest, AWithheldStoreIsReadOnlyAndGivesNothing) {
    const Token token = insert(kAlice, "secret", TokenKind::Imported);
    const std::int64_t before = generation();
    anchor()->withhold(true);
    EXPECT_TRUE(store_->find(token.id).value());
    EXPECT_FALSE(store_->is_locked(kAlice).value());
    const auto refused = [](const auto& result) {
        return !result && result.error().code == Errc::RolledBack;
    };
    const auto nothing = [](Token&) { return Result<void>(); };
    EXPECT_TRUE(refused(store_->may_change()));
    EXPECT_TRUE(refused(open_secret(*store_, token.id)));
    EXPECT_TRUE(refused(store_->open_refresh_token(token.id)));
    EXPECT_TRUE(refused(store_->digest(std::string_view("secret"))));
    EXPECT_TRUE(refused(store_->child_mac(token.id, 1, {})));
    EXPECT_TRUE(refused(store_->insert(make_token(kBob), secret_of("new"))));
    EXPECT_TRUE(refused(store_->update(token.id, kAlice, nothing)));
    EXPECT_TRUE(refused(store_->replace_secret(token.id, kAlice, secret_of("other"), {}, kNow)));
    EXPECT_TRUE(refused(store_->remove(token.id, kAlice, kNow)));
    EXPECT_TRUE(refused(store_->remove_all(kAlice, name_of(kAlice), kNow)));
    EXPECT_TRUE(refused(store_->set_locked(kAlice, true)));
    EXPECT_TRUE(refused(StoreAdmin(*store_).quarantine(kAlice, name_of(kAlice))));
    EXPECT_EQ(generation(), before);
    anchor()->withhold(false);
    EXPECT_EQ(text_of(open_secret(*store_, token.id).value().reveal()), "secret");
    store_->remove(token.id, kAlice, kNow).value();
    EXPECT_TRUE(fits());
}

TEST_F(AnchorTest, KeepsWhatItsWitnessHolds) {
    anchor()->note_witnessed(1);
    insert(kAlice);
    open();
    EXPECT_EQ(anchor()->mark().witnessed, 1);
}

}  // namespace
}  // namespace patd::store::test
