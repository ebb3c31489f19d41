// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/argument_check.h"

#include <gtest/gtest.h>

#include <array>

namespace patd::cli {
namespace {

bool refused(const char* argument) {
    return holds_secret(std::array{"patctl", argument});
}

TEST(HoldsSecret, FindsASecretAnywhere) {
    EXPECT_TRUE(refused("pat1_0123456789_abc"));
    EXPECT_TRUE(refused("patc1_abc"));
    EXPECT_TRUE(refused("--description=pat1_x"));
    EXPECT_TRUE(refused("https://alice:pat1_x@git.example"));
}

TEST(HoldsSecret, LetsOtherTextPass) {
    EXPECT_FALSE(refused(""));
    EXPECT_FALSE(refused("AbCdE01234"));
    EXPECT_FALSE(refused("my pat for the laptop"));
    EXPECT_FALSE(refused("https://git.example/pat1"));
}

}  // namespace
}  // namespace patd::cli
