// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "http/visit.h"

#include <gtest/gtest.h>

namespace patd::web {
namespace {

std::string place_of(bool is_server, std::string_view forwarded_for) {
    Request request;
    request.forwarded_for = forwarded_for;
    const WebPeer peer{"uid 33", false, is_server};
    SecretBuffer scratch;
    const Visit visit{request, peer, scratch, {}};
    return std::string(visit.client()) + "|" + visit.place();
}

TEST(VisitTest, AServerSaysWhoseRequestItIs) {
    EXPECT_EQ(place_of(true, "192.0.2.1"), "192.0.2.1|192.0.2.1");
    EXPECT_EQ(place_of(true, ""), "|uid 33");
    EXPECT_EQ(place_of(true, "nobody"), "nobody|uid 33");
}

// Row H6: what stands before was said by somebody whom nobody knows.
TEST(VisitTest, OnlyTheNearestProxyIsBelieved) {
    EXPECT_EQ(place_of(true, "6.6.6.6, 192.0.2.1"), "192.0.2.1|192.0.2.1");
    EXPECT_EQ(place_of(true, "6.6.6.6,"), "|uid 33");
}

// Row H4: a user of this machine must not have all others behind the same server refused.
TEST(VisitTest, BehindALoopbackAddressMayBeAnybody) {
    EXPECT_EQ(place_of(true, "127.0.0.1"), "127.0.0.1|");
    EXPECT_EQ(place_of(true, "127.8.9.1"), "127.8.9.1|");
    EXPECT_EQ(place_of(true, "::1"), "::1|");
    EXPECT_EQ(place_of(true, "::ffff:127.0.0.1"), "::ffff:127.0.0.1|");
}

TEST(VisitTest, WhatIsLongerThanAnAddressIsNone) {
    EXPECT_EQ(place_of(true, std::string(65, 'a')), "|uid 33");
}

TEST(VisitTest, AnybodyElseSpeaksForThemselves) {
    EXPECT_EQ(place_of(false, "192.0.2.1"), "|uid 33");
}

}  // namespace
}  // namespace patd::web
