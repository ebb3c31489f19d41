// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/admission/service_uids.h"

#include "common/base/service_limits.h"
#include "daemon/admission/lots.h"
#include "tests/support/config_tree.h"
#include "tests/support/service_fixture.h"

namespace patd {
namespace {

// An account that every Debian has: nobody. Here its uid is in the login range.
constexpr Uid kNamed{65534};

class ServiceUidsTest : public support::ServiceFixture {
  protected:
    ServiceUids services_{accounts_, 1000};
};

TEST_F(ServiceUidsTest, AreThoseBelowTheLoginRange) {
    for (const std::uint32_t uid : {0U, 1U, 33U, 999U})
        EXPECT_TRUE(services_.has(Uid(uid))) << uid;
    for (const std::uint32_t uid : {1000U, 60000U, 61184U, 65534U, 100000U, 4294967294U})
        EXPECT_FALSE(services_.has(Uid(uid))) << uid;
}

TEST_F(ServiceUidsTest, AndTheAccountsThatAreNamed) {
    services_.set_named({"gitea", "nobody"});
    EXPECT_TRUE(services_.has(kNamed));
    EXPECT_FALSE(services_.has(Uid(64321))) << "it has no account, so it has no name";
    services_.set_named({"gitea"});
    EXPECT_FALSE(services_.has(kNamed));
    services_.set_named({});
    EXPECT_FALSE(services_.has(kNamed));
}

TEST_F(ServiceUidsTest, ANamedOneIsNoneUntilItsNameIsKnown) {
    lookups_.hold();
    services_.set_named({"nobody"});
    EXPECT_FALSE(services_.has(kNamed));
    lookups_.release();
    EXPECT_TRUE(services_.has(kNamed));
}

TEST_F(ServiceUidsTest, ANamedOneIsNoStrangerWhenItComesForTheFirstTime) {
    services_.set_named({"gitea", "nobody"});
    lookups_.hold();
    EXPECT_TRUE(services_.has(kNamed));
    EXPECT_FALSE(services_.has(Uid(64321)));
    services_.set_named({"gitea"});
    EXPECT_FALSE(services_.has(kNamed));
    lookups_.release();
    EXPECT_FALSE(services_.has(kNamed));
}

TEST_F(ServiceUidsTest, AreNoStrangersWhileTheirAccountIsLookedUp) {
    lookups_.hold();
    Lots lots({owner_test(), accounts_, clock_, [this](Uid uid) { return services_.has(uid); }});
    for (std::uint32_t i = 0; i < limits::kNewcomers; ++i)
        EXPECT_EQ(lots.lot_of(Uid(100'000 + i)), Uid(100'000 + i));
    EXPECT_EQ(lots.lot_of(Uid(200'000)), kStrangers) << "no more newcomers are taken";
    EXPECT_EQ(lots.lot_of(Uid(33)), Uid(33));
}

TEST(LoginUidMin, IsWhatLoginDefsSays) {
    const support::ConfigTree tree;
    const auto read = [&](const std::string& text) {
        tree.write("/etc/login.defs", text);
        return read_login_uid_min(tree.root());
    };
    EXPECT_EQ(read_login_uid_min(tree.root()), 1000U) << "no file";
    EXPECT_EQ(read("# UID_MIN 7\nUID_MIN\t\t\t 500\nUID_MAX 60000\nSUB_UID_MIN 100000\n"), 500U);
    EXPECT_EQ(read("UID_MIN 500\n  UID_MIN 600 # of this site"), 600U) << "the last one counts";
    EXPECT_EQ(read("UID_MIN 0x1F4\n"), 500U);
    EXPECT_EQ(read("UID_MIN 0X3e7 # 999"), 999U);
    EXPECT_EQ(read("UID_MIN 0764\n"), 500U);
    for (const char* nonsense :
         {"", "UID_MIN", "UID_MIN \n", "UID_MIN x\n", "UID_MIN 5x\n", "UID_MIN -5\n",
          "UID_MIN 4294967296\n", "UID_MIN 100000\n", "UID_MINIMUM 5\n", "UID_MIN 0\n",
          "UID_MIN 0x\n", "UID_MIN 0x-5\n", "UID_MIN 08\n"})
        EXPECT_EQ(read(nonsense), 1000U) << nonsense;
}

}  // namespace
}  // namespace patd
