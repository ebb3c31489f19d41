// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

#include "credential_helper/adapters/times.h"

#include <gtest/gtest.h>

#include <limits>

namespace patd::credential_helper {
namespace {

TEST(FormatTime, IsRfc3339) {
    EXPECT_EQ(format_time(0), "1970-01-01T00:00:00Z");
    EXPECT_EQ(format_time(951'827'696), "2000-02-29T12:34:56Z");
    EXPECT_EQ(format_time(253'402'300'799), "9999-12-31T23:59:59Z");
    EXPECT_EQ(format_time(std::numeric_limits<std::int64_t>::max()), "9999-12-31T23:59:59Z");
    EXPECT_EQ(format_time(-1), "1970-01-01T00:00:00Z");
}

}  // namespace
}  // namespace patd::credential_helper
