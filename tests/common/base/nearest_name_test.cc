// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/nearest_name.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

const std::vector<std::string> kNames = {"list", "lock", "unlock", "create", "remove-all"};

TEST(NearestName, IsTheOnlyOneThatBeginsSo) {
    const std::vector<std::string> names = {"repository", "release", "laptop", "lanyard"};
    EXPECT_EQ(nearest_name("repo", names), "repository");
    EXPECT_EQ(nearest_name("lap", names), "laptop");
    EXPECT_EQ(nearest_name("la", names), "");
    EXPECT_EQ(nearest_name("re", names), "");
    EXPECT_EQ(nearest_name("repo", {"repository", "reporting"}), "");
}

TEST(NearestName, FindsWhatWasMeant) {
    EXPECT_EQ(nearest_name("lsit", kNames), "list");
    EXPECT_EQ(nearest_name("creat", kNames), "create");
    EXPECT_EQ(nearest_name("unlok", kNames), "unlock");
    EXPECT_EQ(nearest_name("removeall", kNames), "remove-all");
    EXPECT_EQ(nearest_name("list", kNames), "list");
}

TEST(NearestName, SaysNothingWhenNoneIsNear) {
    for (const char* typed : {"frobnicate", "", "xy", "ghp_0123456789"})
        EXPECT_EQ(nearest_name(typed, kNames), "") << typed;
    EXPECT_EQ(nearest_name(std::string(65, 'l'), kNames), "");
    EXPECT_EQ(nearest_name("list", {}), "");
}

}  // namespace
}  // namespace patd
