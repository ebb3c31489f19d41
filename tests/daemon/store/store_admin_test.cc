// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/store_admin.h"

#include "tests/daemon/store/store_fixture.h"

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

}  // namespace
}  // namespace patd::store::test
