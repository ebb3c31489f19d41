// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/keys/bound_data.h"

#include <gtest/gtest.h>

namespace patd::store::test {
namespace {

TEST(BoundData, HasTheBytesOfTheFormat) {
    BoundData data;
    data.begin("t").add("ab").add(std::int64_t{-2}).add("");
    const std::string expected(
        "\0\0\0\x0apatd-store"
        "\0\0\0\x08\0\0\0\0\0\0\0\x01"
        "\0\0\0\x01t"
        "\0\0\0\x02"
        "ab"
        "\0\0\0\x08\xff\xff\xff\xff\xff\xff\xff\xfe"
        "\0\0\0\0",
        14 + 12 + 5 + 6 + 12 + 4);
    EXPECT_EQ(data.view(), expected);
    data.begin("t");
    EXPECT_EQ(data.view(), expected.substr(0, 14 + 12 + 5));
}

TEST(BoundData, BytesCannotMoveBetweenTwoFields) {
    BoundData one;
    BoundData two;
    one.begin("t").add("ab").add("c");
    two.begin("t").add("a").add("bc");
    EXPECT_NE(one.view(), two.view());
}

}  // namespace
}  // namespace patd::store::test
