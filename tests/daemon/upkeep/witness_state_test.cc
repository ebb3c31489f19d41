// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/upkeep/witness_state.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

// Admin.Status has them (org.patd.Tokens1(5)).
TEST(WitnessStateNames, AreThoseOfTheInterface) {
    EXPECT_EQ(rollback_name(Rollback::None), "");
    EXPECT_EQ(rollback_name(Rollback::Older), "older");
    EXPECT_EQ(rollback_name(Rollback::Foreign), "foreign");
    EXPECT_EQ(rollback_name(Rollback::Altered), "altered");
    EXPECT_EQ(rollback_name(Rollback::Machine), "machine");
    EXPECT_EQ(witness_name(WitnessState::Kept), "kept");
    EXPECT_EQ(witness_name(WitnessState::Behind), "behind");
    EXPECT_EQ(witness_name(WitnessState::Unread), "unread");
}

}  // namespace
}  // namespace patd
