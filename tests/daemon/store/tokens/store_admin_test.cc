// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/store_admin.h"

#include "tests/daemon/store/store_fixture.h"
#include "tests/support/read_store.h"

namespace patd::store::test {
namespace {

class StoreAdminTest : public StoreTest {
  protected:
    void SetUp() override { open(); }
    StoreAdmin admin() { return StoreAdmin(*store_); }
};

TEST_F(StoreAdminTest, NamesEveryAccountOnce) {
    EXPECT_TRUE(admin().list_owners().value().empty());
    insert(kBob);
    insert(kAlice);
    insert(kAlice);
    Token renamed = make_token(kAlice);
    renamed.owner_name = "somebody";
    store_->insert(renamed, secret_of("x")).value();
    const std::vector<OwnerSummary> owners = admin().list_owners().value();
    ASSERT_EQ(owners.size(), 3U);
    EXPECT_EQ(owners[0].name, "somebody");
    EXPECT_EQ(owners[1].tokens, 2U);
    EXPECT_EQ(owners[2].owner, kBob);
}

// Rows A13 and O7: only root sees what belonged to somebody else.
TEST_F(StoreAdminTest, A13_AQuarantinedTokenIsNotThereForAnybodyButRoot) {
    const Token token = insert(kAlice, "one", TokenKind::Imported);
    Token successors = make_token(kAlice, TokenKind::Imported);
    successors.owner_name = "successor";
    store_->insert(successors, secret_of("two")).value();
    ASSERT_TRUE(store_->find(token.id).value());
    EXPECT_EQ(admin().quarantine(kAlice, token.owner_name).value(), std::vector<TokenId>{token.id});
    EXPECT_TRUE(admin().quarantine(kAlice, token.owner_name).value().empty());
    for (int round = 0; round < 2; ++round) {
        EXPECT_FALSE(store_->find(token.id).value());
        EXPECT_EQ(list_tokens(*store_, kAlice).value().size(), 1U);
        EXPECT_EQ(store_->count(kAlice).value(), 1U);
        EXPECT_EQ(find_by_origin(*store_, kAlice, token.targets[0].origin()).value().size(), 1U);
        EXPECT_EQ(open_secret(*store_, token.id).error().code, Errc::NotFound);
        const TokenStore::Change nothing = [](Token&) -> Result<void> { return {}; };
        EXPECT_EQ(store_->update(token.id, kAlice, nothing).error().code, Errc::NotFound);
        EXPECT_EQ(store_->replace_secret(token.id, kAlice, secret_of("x"), {}, kNow).error().code,
                  Errc::NotFound);
        const auto all = list_tokens(*store_, kAlice, Quarantined::Shown).value();
        ASSERT_EQ(all.size(), 2U);
        open();
    }
    EXPECT_EQ(admin().list_owners().value().back().quarantined, 1U);
    EXPECT_EQ(store_->remove_all(kAlice, token.owner_name, kNow).value(), 0U);
    EXPECT_EQ(store_->remove_all(kAlice, "successor", kNow).value(), 1U);
    EXPECT_EQ(list_tokens(*store_, kAlice, Quarantined::Shown).value().size(), 1U);
}

TEST_F(StoreAdminTest, RootDeletesAQuarantinedTokenOrGivesItBack) {
    const Token first = insert(kAlice, "one");
    const Token second = insert(kAlice, "two");
    admin().quarantine(kAlice, first.owner_name).value();
    EXPECT_EQ(admin().reinstate(first.id, kBob, "bob").error().code, Errc::NotFound);
    admin().reinstate(first.id, kAlice, "renamed").value();
    const auto found = store_->find(first.id).value();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->token.owner_name, "renamed");
    EXPECT_EQ(found->token.username, "renamed");
    EXPECT_EQ(found->verifier, store_->digest(buffer_of("one").reveal()).value());
    EXPECT_EQ(admin().reinstate(first.id, kAlice, "again").error().code, Errc::NotFound);
    EXPECT_TRUE(store_->remove(second.id, kAlice, kNow));
    EXPECT_EQ(list_tokens(*store_, kAlice, Quarantined::Shown).value().size(), 1U);
}

TEST_F(StoreAdminTest, KnowsItsMasterKey) {
    EXPECT_TRUE(admin().check_master_key(master_key()));
    EXPECT_EQ(admin().check_master_key(master_key('x')).error().code, Errc::Corrupt);
}

TEST_F(StoreAdminTest, RemembersWhatWasDoneLast) {
    EXPECT_EQ(admin().read_note(Note::KeyExported).value(), 0);
    admin().write_note(Note::KeyExported, kNow).value();
    admin().write_note(Note::KeyExported, kNow + 1).value();
    open();
    EXPECT_EQ(admin().read_note(Note::KeyExported).value(), kNow + 1);
    EXPECT_EQ(admin().read_note(Note::BackedUp).value(), 0);
}

// In per-user mode the store is closed while the keyring is locked, and timers go on.
TEST_F(StoreAdminTest, SaysWhyAClosedStoreIsClosed) {
    TokenStore closed(Errc::StoreLocked);
    EXPECT_EQ(StoreAdmin(closed).read_note(Note::ClockMark).error().code, Errc::StoreLocked);
    EXPECT_EQ(StoreAdmin(closed).write_note(Note::ClockMark, 1).error().code, Errc::StoreLocked);
    EXPECT_EQ(StoreAdmin(closed).list_times(0, 1).error().code, Errc::StoreLocked);
}

}  // namespace
}  // namespace patd::store::test
