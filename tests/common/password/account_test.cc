// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/password/account.h"

#include <gtest/gtest.h>

namespace patd::password {
namespace {

TEST(FindAccount, GivesUidAndGroup) {
    const auto account = find_account("daemon");
    ASSERT_TRUE(account);
    EXPECT_EQ(account->uid, Uid(1));
    EXPECT_EQ(account->gid, 1U);
    EXPECT_EQ(account->name, "daemon");
}

// Row P10.
TEST(FindAccount, KnowsNoOtherSpelling) {
    for (const char* name : {"Daemon", "DAEMON", " daemon", "daemon ", "1", "daemo", "daemonx"}) {
        const auto account = find_account(name);
        ASSERT_FALSE(account) << name;
        EXPECT_EQ(account.error().code, Errc::NotFound) << name;
    }
}

TEST(FindAccount, DoesNotLookUpWhatCannotBeAName) {
    for (const std::string& name :
         {std::string(), std::string(257, 'a'), std::string("a\nb"), std::string("daemon\0", 7)}) {
        const auto account = find_account(name);
        ASSERT_FALSE(account);
        EXPECT_EQ(account.error().code, Errc::InvalidUsername);
    }
}

}  // namespace
}  // namespace patd::password
