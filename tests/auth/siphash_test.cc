// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/siphash.h"

#include <gtest/gtest.h>

#include <string>

namespace patd::auth {
namespace {

// From the reference implementation: the key 00 01 .. 0f, texts 00 01 02 .. of each length.
TEST(SipHash, GivesThePublishedValues) {
    const SipKey key{0x0706050403020100U, 0x0f0e0d0c0b0a0908U};
    std::string text;
    EXPECT_EQ(siphash(key, text), 0x726fdb47dd0e0e31U);
    for (char byte = 0; byte < 8; ++byte)
        text.push_back(byte);
    EXPECT_EQ(siphash(key, text), 0x93f5f5799a932462U);
    for (char byte = 8; byte < 15; ++byte)
        text.push_back(byte);
    EXPECT_EQ(siphash(key, text), 0xa129ca6149be45e5U);
}

TEST(SipHash, DependsOnItsKey) {
    EXPECT_NE(siphash({1, 0}, "alice"), siphash({2, 0}, "alice"));
    EXPECT_NE(siphash({1, 0}, "alice"), siphash({1, 1}, "alice"));
}

}  // namespace
}  // namespace patd::auth
