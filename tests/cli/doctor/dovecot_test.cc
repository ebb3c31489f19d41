// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/dovecot.h"

#include "tests/cli/doctor/services_fixture.h"

#include <gtest/gtest.h>

namespace patd::cli::doctor {
namespace {

constexpr char kDovecotFile[] = "/etc/dovecot/conf.d/10-auth.conf";

class DovecotTest : public ServicesFixture {
  protected:
    DovecotTest() : ServicesFixture(check_dovecot) {}
};

TEST_F(DovecotTest, EndsTheCacheOfDovecot) {
    put_stack("dovecot");
    put(kDovecotFile, "passdb {\n  driver = pam\n  args = session=yes cache_key=%u%r dovecot\n}\n");
    EXPECT_NE(found().find("cache_key"), std::string::npos);
    fix();
    EXPECT_EQ(text(kDovecotFile), "passdb {\n  driver = pam\n  args = session=yes  dovecot\n}\n");
    EXPECT_EQ(found(), "");
}

TEST_F(DovecotTest, EndsTheCacheOfANewerDovecot) {
    const std::string passdb = "passdb pam {\n}\n";
    put_stack("dovecot");
    put(kDovecotFile, "auth_cache_size = 10M\n" + passdb);
    EXPECT_NE(found().find("auth_cache_size caches PAM's answer"), std::string::npos);
    fix();
    EXPECT_EQ(text(kDovecotFile), "auth_cache_size = 0\n" + passdb);
    EXPECT_EQ(found(), "");
}

TEST_F(DovecotTest, LeavesADovecotThatKeepsNothingOfPam) {
    put_stack("dovecot");
    for (const char* settings :
         {"passdb pam {\n}\n", "auth_cache_size = 1M\nauth_cache_size=0\npassdb pam {\n}\n",
          "auth_cache_size = 1M\npassdb pam {\n  use_cache = no\n}\n",
          "auth_cache_size = 1M\npassdb pam {\n  service_name = mail\n}\n",
          "auth_cache_size = 1M\npassdb passwd-file {\n}\n"}) {
        put(kDovecotFile, settings);
        EXPECT_EQ(found(), "") << settings;
    }
}

}  // namespace
}  // namespace patd::cli::doctor
