// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/narrowest.h"

#include "common/base/limits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace patd {
namespace {

using Lists = std::vector<PermissionList>;

PermissionList list_of(const std::string& text) {
    return text.empty() ? PermissionList() : parse_permission_list(text).value();
}

struct Outcome {
    std::vector<bool> best;
    std::size_t steps = 0;
};

Outcome find_best(const Lists& lists) {
    Narrowest narrowest;
    for (const PermissionList& list : lists)
        narrowest.add(list);
    Outcome outcome;
    do
        ++outcome.steps;
    while (narrowest.step());
    for (std::size_t i = 0; i < lists.size(); ++i)
        outcome.best.push_back(narrowest.is_best(i));
    return outcome;
}

std::vector<bool> best_of(const std::vector<std::string>& texts) {
    Lists lists;
    for (const std::string& text : texts)
        lists.push_back(list_of(text));
    return find_best(lists).best;
}

using Best = std::vector<bool>;

TEST(Narrowest, TheOnlyListIsTheBest) {
    EXPECT_EQ(best_of({""}), Best{true});
    EXPECT_EQ(best_of({"vcs,project"}), Best{true});
    EXPECT_EQ(best_of({}), Best{});
}

TEST(Narrowest, WhatLiesInsideBeatsWhatIsShorter) {
    EXPECT_EQ(best_of({"vcs", "vcs:a:ro,vcs:b:ro"}), (Best{false, true}));
    EXPECT_EQ(best_of({"vcs:a:rw", "vcs:a:ro"}), (Best{false, true}));
    EXPECT_EQ(best_of({"vcs:a", "vcs:a:ro"}), (Best{false, true}));
}

TEST(Narrowest, TwoWaysToSayTheSameAreATie) {
    EXPECT_EQ(best_of({"vcs:a", "vcs:a:rw"}), (Best{true, true}));
    EXPECT_EQ(best_of({"vcs:a:ro", "vcs:a:ro"}), (Best{true, true}));
}

TEST(Narrowest, AnAreaCoversNoAreaWhoseNameBeginsLikeIt) {
    EXPECT_EQ(best_of({"vcs,zoo", "vcs-x:a:ro,vcs0:a:ro"}), (Best{true, true}));
    EXPECT_EQ(best_of({"vcs:a,zoo", "vcs:a-b:ro,vcs:a0:ro"}), (Best{true, true}));
}

TEST(Narrowest, AMissingListIsTheWorst) {
    EXPECT_EQ(best_of({"", "vcs,project,zoo"}), (Best{false, true}));
    EXPECT_EQ(best_of({"", ""}), (Best{true, true}));
}

// Permission `number` of a catalogue of the largest size.
Permission permission(std::size_t number, const char* access) {
    return Permission::parse("area" + std::to_string(number % 8) + ":o" +
                             std::to_string(number / 8) + access)
        .value();
}

// Row D1. A thousand different lists of a catalogue's 48 permissions, longer and shorter ones.
Lists worst_lists(std::size_t catalogue, std::size_t length) {
    std::minstd_rand random(1);
    Lists lists;
    for (std::size_t i = 0; i < limits::kTokensPerUser; ++i) {
        std::vector<std::size_t> numbers;
        for (std::size_t number = 0; number < catalogue; ++number)
            numbers.push_back(number);
        std::shuffle(numbers.begin(), numbers.end(), random);
        numbers.resize(length - i % (length / 2));
        PermissionList list;
        for (const std::size_t number : numbers)
            list.push_back(permission(number, random() % 2 == 0 ? ":ro" : ":rw"));
        std::sort(list.begin(), list.end());
        lists.push_back(std::move(list));
    }
    return lists;
}

TEST(Narrowest, TheMostListsTakeABoundedNumberOfSteps) {
    EXPECT_LE(find_best(worst_lists(48, 46)).steps, 800U);
    EXPECT_LE(find_best(worst_lists(limits::kCatalogueEntries, limits::kPermissionsPerToken)).steps,
              1200U);
}

TEST(Narrowest, EqualListsAreComparedOnce) {
    const Lists equal(limits::kTokensPerUser, worst_lists(48, 46).front());
    EXPECT_LE(find_best(equal).steps, 400U);
}

// Each lies inside the one before.
TEST(Narrowest, AChainHasOneEnd) {
    Lists lists;
    for (std::size_t i = limits::kPermissionsPerToken; i > 0; --i) {
        PermissionList list;
        for (std::size_t number = 0; number < i; ++number)
            list.push_back(permission(number, ":rw"));
        lists.push_back(std::move(list));
    }
    Best expected(lists.size(), false);
    expected.back() = true;
    EXPECT_EQ(find_best(lists).best, expected);
}

}  // namespace
}  // namespace patd
