// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <type_traits>

namespace patd {
namespace {

Result<int> half(int number) {
    if (number % 2 != 0)
        return Error{Errc::NotFound, "odd"};
    return number / 2;
}

Result<int> quarter(int number) {
    const int once = TRY(half(number));
    return half(once);
}

Result<void> only_even(int number) {
    TRY(half(number));
    return {};
}

Result<std::unique_ptr<int>> boxed(int number) {
    return std::make_unique<int>(TRY(half(number)));
}

TEST(Result, HoldsAValue) {
    const Result<int> result = half(8);
    ASSERT_TRUE(result.has_value());
    EXPECT_TRUE(result);
    EXPECT_EQ(*result, 4);
    EXPECT_EQ(result.value(), 4);
}

TEST(Result, HoldsAnErrorWithItsContext) {
    const Result<int> result = half(7);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::NotFound);
    EXPECT_EQ(result.error().context, "odd");
}

TEST(Result, TryPassesTheFirstErrorOnUnchanged) {
    EXPECT_EQ(quarter(8).value(), 2);
    EXPECT_EQ(quarter(6).error().context, "odd");
    EXPECT_EQ(quarter(3).error().code, Errc::NotFound);
}

TEST(Result, TryWorksFromAValueIntoVoid) {
    EXPECT_TRUE(only_even(2));
    EXPECT_EQ(only_even(1).error().code, Errc::NotFound);
}

TEST(Result, MovesWhatCannotBeCopied) {
    Result<std::unique_ptr<int>> result = boxed(10);
    ASSERT_TRUE(result);
    EXPECT_EQ(**result, 5);
    const std::unique_ptr<int> taken = std::move(result).value();
    EXPECT_EQ(*taken, 5);
}

TEST(Result, ABareReasonIsAnErrorWithoutContext) {
    const Result<std::string> result = Errc::Locked;
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::Locked);
    EXPECT_TRUE(result.error().context.empty());
}

TEST(Result, VoidIsSuccessUnlessAnErrorIsGiven) {
    EXPECT_TRUE(Result<void>{});
    const Result<void> failed = Error{Errc::Busy, "twice"};
    EXPECT_FALSE(failed.has_value());
    EXPECT_EQ(failed.error().context, "twice");
}

TEST(Result, ReadingTheWrongSideThrowsAndNeverReadsGarbage) {
    EXPECT_THROW((void)half(7).value(), std::bad_variant_access);
    EXPECT_THROW((void)half(8).error(), std::bad_variant_access);
}

// A result must be checked: it never silently becomes an int or a bool.
static_assert(!std::is_convertible_v<Result<int>, bool>);
static_assert(!std::is_convertible_v<Result<int>, int>);
static_assert(!std::is_default_constructible_v<Result<int>>);

}  // namespace
}  // namespace patd
