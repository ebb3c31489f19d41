// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/uid.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace patd {
namespace {

struct ParseCase {
    const char* text;
    std::optional<std::uint32_t> value;
};

// Row A6: numbers around 2^31 and 2^32, and every way to write one other than its decimal form.
TEST(Uid, ParsesWholeDecimalNumbersOfThirtyTwoBitsOnly) {
    const ParseCase cases[] = {
        {"0", 0U},
        {"1", 1U},
        {"1000", 1000U},
        {"65534", 65534U},
        {"65535", 65535U},
        {"2147483647", 2147483647U},
        {"2147483648", 2147483648U},
        {"4000000000", 4000000000U},
        {"4294967294", 4294967294U},
        {"4294967295", 4294967295U},
        {"4294967296", {}},
        {"18446744073709551616", {}},
        {"18446744073709552616", {}},
        {"-1", {}},
        {"-0", {}},
        {"+1", {}},
        {"", {}},
        {" 1", {}},
        {"1 ", {}},
        {"1x", {}},
        {"0x10", {}},
        {"1.0", {}},
        {"1e3", {}},
        {"root", {}},
        {"1\n", {}},
    };
    for (const ParseCase& row : cases) {
        const std::optional<Uid> uid = Uid::parse(row.text);
        EXPECT_EQ(uid ? std::optional(uid->value()) : std::nullopt, row.value) << row.text;
    }
}

// Row A6.
TEST(Uid, ParseDoesNotStopAtANulByte) {
    EXPECT_FALSE(Uid::parse(std::string_view("0\0", 2)));
    EXPECT_FALSE(Uid::parse(std::string_view("1\0001", 3)));
}

struct OwnerCase {
    std::uint32_t value;
    bool may_own;
};

// Rows A6, A14: the kernel's "no change" values, nobody, and ids that systemd reuses.
TEST(Uid, OnlyLastingAccountsMayOwnTokens) {
    const OwnerCase cases[] = {{0, true},           {1, true},           {100, true},
                               {999, true},         {1000, true},        {60000, true},
                               {61183, true},       {61184, false},      {62000, false},
                               {65519, false},      {65520, true},       {65533, true},
                               {65534, false},      {65535, false},      {65536, true},
                               {2147483647, true},  {2147483648, true},  {4000000000U, true},
                               {4294967293U, true}, {4294967294U, true}, {4294967295U, false}};
    for (const OwnerCase& row : cases)
        EXPECT_EQ(Uid(row.value).may_own_tokens(), row.may_own) << row.value;
}

// Row A6.
TEST(Uid, OnlyZeroIsRoot) {
    EXPECT_TRUE(Uid(0).is_root());
    for (const std::uint32_t value : {1U, 65536U, 2147483648U, 4294967295U})
        EXPECT_FALSE(Uid(value).is_root()) << value;
}

TEST(Uid, ComparesByValue) {
    EXPECT_EQ(Uid(1000), Uid(1000));
    EXPECT_NE(Uid(0), Uid(2147483648U));
    EXPECT_LT(Uid(2147483647U), Uid(2147483648U));
}

// Row A1: there is no default identity and no number becomes one by accident.
static_assert(!std::is_default_constructible_v<Uid>);
static_assert(!std::is_convertible_v<std::uint32_t, Uid>);
static_assert(!std::is_convertible_v<int, Uid>);
static_assert(!std::is_convertible_v<Uid, std::uint32_t>);

}  // namespace
}  // namespace patd
