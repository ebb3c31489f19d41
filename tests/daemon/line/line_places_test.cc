// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/line/line_places.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

TEST(LinePlaces, AreAsManyAsAskedForWithTheDescriptorsOfTheUnit) {
    const LinePlaces places = LinePlaces{}.within(4096);
    EXPECT_EQ(places.all, limits::kLineConnections);
    EXPECT_EQ(places.services, limits::kLineServices);
    EXPECT_EQ((LinePlaces{100, 10}.within(4096).all), 100U);
}

// Row D9: filling all places still leaves what patd needs to serve.
TEST(LinePlaces, LeaveDescriptorsForPatdItself) {
    for (const std::size_t descriptors : {80U, 256U, 1024U}) {
        const LinePlaces places = LinePlaces{}.within(descriptors);
        EXPECT_LE(places.all + places.services + limits::kOwnDescriptors, descriptors);
        EXPECT_GE(places.all, 8U);
    }
}

TEST(LinePlaces, AreNeverNone) {
    EXPECT_EQ(LinePlaces{}.within(0).all, 8U);
    EXPECT_EQ(LinePlaces{}.within(~std::size_t{0}).all, limits::kLineConnections);
}

}  // namespace
}  // namespace patd
