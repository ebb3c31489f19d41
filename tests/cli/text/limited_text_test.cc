// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/limited_text.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

TEST(LimitedText, SaysWhoIsLimitedAndInWhat) {
    EXPECT_EQ(describe_limited("1000 connections 312 5"),
              "uid 1000: connections, 312 times, last 5 s ago");
}

TEST(LimitedText, NamesThoseWithoutAnAccountTogether) {
    EXPECT_EQ(describe_limited("65534 calls 1 0"),
              "uids without an account: calls, 1 time, last 0 s ago");
}

TEST(LimitedText, ShowsWhatItDoesNotKnowAsItIs) {
    for (const char* entry : {"", "1000", "1000 connections 312", "1000 connections 312 5 more"})
        EXPECT_EQ(describe_limited(entry), entry);
}

}  // namespace
}  // namespace patd::cli
