// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/pam_stack.h"

#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <fstream>

namespace patd::auth {
namespace {

class PamStackTest : public testing::Test {
  protected:
    bool asks(const std::string& stack) {
        std::ofstream(directory_.file("service")) << stack;
        return asks_only("service", "pam_unix.so", directory_.path());
    }

    support::TemporaryDirectory directory_;
};

TEST_F(PamStackTest, AsksOnlyWhatItsModulesAsk) {
    EXPECT_TRUE(asks("auth required pam_unix.so\n"));
    EXPECT_TRUE(
        asks("# auth required pam_u2f.so\n-auth\t[success=1 default=ignore] "
             "/lib/security/pam_unix.so nullok # pam_u2f.so\nauth requisite pam_deny.so\n"));
    EXPECT_TRUE(asks("auth required pam_unix.so\naccount required pam_krb5.so\n"));
    EXPECT_TRUE(asks("auth required pam_unix.so \\\n  nullok\n"));
    for (const char* other :
         {"", "auth required pam_permit.so\n",
          "auth required pam_unix.so\nauth required pam_u2f.so",
          "auth sufficient pam_sss.so\nauth required pam_unix.so\n", "auth required\n",
          "auth required pam_unix.so\nauth \\\nrequired pam_u2f.so\n", "@include nothing\n",
          "auth required pam_unix.so\nAuth Sufficient pam_u2f.so\n",
          "auth required pam_unix.so\nauth Include nothing\n", "@include\n",
          "auth required pam_unix.so\nauth include nothing\n",
          "auth required pam_unix.so\n@include ../service\n",
          "auth required pam_unix.so\n@include service\n"})
        EXPECT_FALSE(asks(other)) << other;
}

TEST_F(PamStackTest, FollowsWhatIsIncluded) {
    std::ofstream(directory_.file("common-auth")) << "auth required pam_unix.so\n";
    for (const char* stack :
         {"@include common-auth\n", "auth include common-auth\n", "auth substack common-auth\n"})
        EXPECT_TRUE(asks(stack)) << stack;
    EXPECT_FALSE(asks("@include common-auth\nauth required pam_u2f.so\n"));
}

TEST_F(PamStackTest, IsNotKnownWhereThereIsNoFile) {
    EXPECT_FALSE(asks_only("service", "pam_unix.so", directory_.path()));
}

}  // namespace
}  // namespace patd::auth
