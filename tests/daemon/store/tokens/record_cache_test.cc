// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/record_cache.h"

#include "common/base/cache_limits.h"
#include "common/base/limits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

namespace patd::store {
namespace {

constexpr Uid kCachedOwner{1000};
constexpr Uid kOtherOwner{1001};

StoredTokenPtr record(const std::string& id, std::uint32_t generation = 1,
                      Uid owner = kCachedOwner) {
    Token token{*TokenId::parse(id), owner, "alice"};
    token.generation = generation;
    return std::make_shared<const StoredToken>(StoredToken{token, Digest{}});
}

StoredTokenPtr numbered(std::size_t number, Uid owner = kCachedOwner) {
    return record(std::to_string(1000000000 + number), 1, owner);
}

class RecordCacheTest : public testing::Test {
  protected:
    void look_up_and_keep(const StoredTokenPtr& stored) {
        const std::uint64_t read_at = changes_.now();
        ASSERT_EQ(cache_.find(stored->token.id), nullptr);
        cache_.keep(stored, read_at);
    }
    void keep_place(const std::string& place, const StoredTokenPtr& stored) {
        cache_.keep(stored, changes_.now());
        cache_.keep_place(stored->token.owner, place, {stored}, changes_.now());
    }
    bool knows(const std::string& id) { return cache_.find(*TokenId::parse(id)) != nullptr; }
    bool knows_place(const std::string& place, Uid owner = kCachedOwner) {
        return !cache_.find_place(owner, place).empty();
    }

    RecordChanges changes_;
    RecordCache cache_{changes_};
};

TEST_F(RecordCacheTest, GivesWhatItKept) {
    look_up_and_keep(record("aaaaaaaaaa", 7));
    const StoredTokenPtr found = cache_.find(*TokenId::parse("aaaaaaaaaa"));
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->token.generation, 7U);
}

TEST_F(RecordCacheTest, ForgetsWhatItsOwnerChangedAndNobodyElses) {
    keep_place("here", record("aaaaaaaaaa"));
    keep_place("here", record("bbbbbbbbbb", 1, kOtherOwner));
    changes_.note(kCachedOwner);
    EXPECT_FALSE(knows("aaaaaaaaaa"));
    EXPECT_FALSE(knows_place("here"));
    EXPECT_TRUE(knows("bbbbbbbbbb"));
    EXPECT_TRUE(knows_place("here", kOtherOwner));
    changes_.note_all();
    EXPECT_FALSE(knows("bbbbbbbbbb"));
    EXPECT_FALSE(knows_place("here", kOtherOwner));
}

// Row S21.
TEST_F(RecordCacheTest, DoesNotKeepWhatWasReadBeforeAChange) {
    for (const bool of_all : {false, true}) {
        const std::uint64_t read_at = changes_.now();
        of_all ? changes_.note_all() : changes_.note(kCachedOwner);
        const StoredTokenPtr old = record("aaaaaaaaaa");
        cache_.keep(old, read_at);
        EXPECT_FALSE(knows("aaaaaaaaaa"));
        cache_.keep_place(kCachedOwner, "here", {old}, read_at);
        cache_.keep(old, changes_.now());
        EXPECT_FALSE(knows_place("here"));
        cache_.forget_all();
    }
}

TEST_F(RecordCacheTest, GivesAllOfAPlaceOrNothing) {
    const StoredTokenPtr one = record("aaaaaaaaaa");
    const StoredTokenPtr other = record("bbbbbbbbbb");
    cache_.keep(one, changes_.now());
    cache_.keep_place(kCachedOwner, "here", {one, other}, changes_.now());
    EXPECT_FALSE(knows_place("here"));
    cache_.keep(other, changes_.now());
    EXPECT_EQ(cache_.find_place(kCachedOwner, "here"), (Records{one, other}));
    EXPECT_FALSE(knows_place("there"));
    EXPECT_FALSE(knows_place("here", kOtherOwner));
}

TEST_F(RecordCacheTest, ForgetsOneOwnerOrAll) {
    keep_place("here", record("aaaaaaaaaa"));
    keep_place("here", record("bbbbbbbbbb", 1, kOtherOwner));
    cache_.forget(kCachedOwner);
    EXPECT_FALSE(knows("aaaaaaaaaa") || knows_place("here"));
    EXPECT_TRUE(knows("bbbbbbbbbb") && knows_place("here", kOtherOwner));
    cache_.forget_all();
    EXPECT_FALSE(knows("bbbbbbbbbb") || knows_place("here", kOtherOwner));
}

// Row D1: nobody waits for all of it.
TEST_F(RecordCacheTest, FreesWhatItPutAsideInSteps) {
    std::vector<std::weak_ptr<const StoredToken>> all;
    for (std::size_t i = 0; i < 100; ++i) {
        const StoredTokenPtr stored = numbered(i, Uid(static_cast<std::uint32_t>(2000 + i / 50)));
        keep_place("here" + std::to_string(i), stored);
        all.push_back(stored);
    }
    const auto left = [&] {
        return std::count_if(all.begin(), all.end(),
                             [](const auto& stored) { return !stored.expired(); });
    };
    cache_.put_aside();
    EXPECT_EQ(left(), 100);
    EXPECT_FALSE(knows("1000000000") || knows_place("here0", Uid(2000)));
    std::size_t steps = 1;
    for (auto before = left(); cache_.free_some(); before = left(), ++steps)
        EXPECT_LE(static_cast<std::size_t>(before - left()), limits::kFreedPerStep);
    EXPECT_EQ(left(), 0);
    EXPECT_EQ(steps, 100 / limits::kFreedPerStep + 1);
    EXPECT_FALSE(cache_.free_some());
}

// Row D1: nor for what was left of a rest before.
TEST_F(RecordCacheTest, FreesInStepsWhatIsPutAsideBeforeAllIsFreed) {
    std::vector<std::weak_ptr<const StoredToken>> all;
    const auto left = [&] {
        return static_cast<std::size_t>(std::count_if(
            all.begin(), all.end(), [](const auto& stored) { return !stored.expired(); }));
    };
    for (std::size_t times = 0; times < 3; ++times) {
        for (std::size_t i = 0; i < 2 * limits::kFreedPerStep; ++i) {
            const StoredTokenPtr stored = numbered(i, Uid(static_cast<std::uint32_t>(2000 + i)));
            keep_place("here", stored);
            all.push_back(stored);
        }
        cache_.put_aside();
    }
    EXPECT_EQ(left(), all.size());
    for (std::size_t before = left(); cache_.free_some(); before = left())
        EXPECT_LE(before - left(), limits::kFreedPerStep);
    EXPECT_EQ(left(), 0U);
}

// What waits to be freed counts.
TEST_F(RecordCacheTest, WhatIsAsideMakesRoomFirst) {
    std::vector<std::weak_ptr<const StoredToken>> all;
    for (std::size_t i = 0; i < 2 * limits::kCachedRecords; ++i) {
        if (i == limits::kCachedRecords)
            cache_.put_aside();
        const StoredTokenPtr stored = numbered(i);
        cache_.keep(stored, changes_.now());
        all.push_back(stored);
        const auto left =
            std::count_if(all.begin(), all.end(), [](const auto& one) { return !one.expired(); });
        ASSERT_LE(static_cast<std::size_t>(left), limits::kCachedRecords);
    }
    EXPECT_TRUE(knows(std::to_string(1000000000 + limits::kCachedRecords)));
    EXPECT_FALSE(cache_.free_some());
}

TEST_F(RecordCacheTest, PlacesThatAreAsideMakeRoomFirst) {
    const std::string longest(2048, 'p');
    const std::size_t owners = limits::kCachedPlaceBytes / longest.size() + 1;
    std::size_t steps = 0;
    for (const bool again : {false, true}) {
        for (std::size_t i = 0; i < owners; ++i)
            keep_place(longest, numbered(0, Uid(static_cast<std::uint32_t>(2000 + i))));
        if (!again)
            cache_.put_aside();
    }
    while (cache_.free_some())
        ++steps;
    EXPECT_LE(steps, 1U);
}

TEST_F(RecordCacheTest, KeepsWhatIsReadWhileTheRestIsFreed) {
    for (std::size_t i = 0; i < 100; ++i)
        cache_.keep(numbered(i), changes_.now());
    cache_.put_aside();
    EXPECT_TRUE(cache_.free_some());
    keep_place("here", numbered(0));
    while (cache_.free_some()) {
    }
    EXPECT_TRUE(knows("1000000000") && knows_place("here"));
    cache_.put_aside();
    cache_.forget_all();
    EXPECT_FALSE(cache_.free_some());
}

TEST_F(RecordCacheTest, StaysSmallWhateverIsLookedUp) {
    constexpr std::size_t kMany = 1500;
    for (std::size_t i = 0; i < kMany; ++i)
        look_up_and_keep(numbered(i));
    std::size_t kept = 0;
    for (std::size_t i = 0; i < kMany; ++i)
        kept += cache_.find(numbered(i)->token.id) != nullptr ? 1 : 0;
    EXPECT_EQ(kept, limits::kCachedRecords);
}

TEST_F(RecordCacheTest, KeepsFewOfTheLargestRecords) {
    constexpr std::size_t kMany = 1000;
    for (std::size_t i = 0; i < kMany; ++i) {
        StoredToken large = *numbered(i);
        std::vector<std::string> texts;
        for (std::size_t t = 0; t < limits::kTargetsPerToken; ++t)
            texts.push_back("https://git.example/" + std::string(100, 'x') + std::to_string(t));
        large.token.targets = parse_targets(texts).value();
        cache_.keep(std::make_shared<const StoredToken>(large), changes_.now());
    }
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < kMany; ++i) {
        if (const StoredTokenPtr found = cache_.find(numbered(i)->token.id))
            bytes += found->token.targets.size() * (sizeof(Target) + 100);
    }
    EXPECT_GT(bytes, limits::kCachedRecordBytes / 2);
    EXPECT_LE(bytes, limits::kCachedRecordBytes);
}

// Row D1.
TEST_F(RecordCacheTest, AnOwnerWhoNamesManyPlacesDisplacesOnlyTheirOwn) {
    constexpr std::size_t kOwners = 1000;
    for (std::uint32_t i = 0; i < kOwners; ++i)
        keep_place("home", numbered(i, Uid(2000 + i)));
    for (std::size_t i = 0; i < 100 * limits::kCachedPlacesPerOwner; ++i)
        keep_place("place" + std::to_string(i), record("aaaaaaaaaa"));
    std::size_t of_others = 0;
    for (std::uint32_t i = 0; i < kOwners; ++i)
        of_others += knows_place("home", Uid(2000 + i)) ? 1 : 0;
    EXPECT_EQ(of_others, kOwners);
    std::size_t own = 0;
    for (std::size_t i = 0; i < 100 * limits::kCachedPlacesPerOwner; ++i)
        own += knows_place("place" + std::to_string(i)) ? 1 : 0;
    EXPECT_EQ(own, limits::kCachedPlacesPerOwner);
}

TEST_F(RecordCacheTest, StaysSmallWhenManyOwnersNameManyPlaces) {
    const std::string long_name(limits::kTargetPathBytes, 'p');
    std::size_t bytes = 0;
    for (std::uint32_t i = 0; i < 1000; ++i) {
        for (std::size_t p = 0; p < limits::kCachedPlacesPerOwner; ++p)
            keep_place(long_name + std::to_string(p), numbered(i, Uid(2000 + i)));
    }
    for (std::uint32_t i = 0; i < 1000; ++i) {
        for (std::size_t p = 0; p < limits::kCachedPlacesPerOwner; ++p)
            bytes +=
                knows_place(long_name + std::to_string(p), Uid(2000 + i)) ? long_name.size() : 0;
    }
    EXPECT_GT(bytes, limits::kCachedPlaceBytes / 4);
    EXPECT_LE(bytes, limits::kCachedPlaceBytes);
}

TEST_F(RecordCacheTest, WhatIsUsedNowDisplacesWhatWasUsedOnce) {
    std::mt19937_64 numbers(1);
    const auto some_id = [&] {
        std::string id;
        while (id.size() < TokenId::kDigits)
            id += static_cast<char>('a' + numbers() % 26);
        return id;
    };
    for (int i = 0; i < 2000; ++i)
        look_up_and_keep(record(some_id()));
    std::vector<StoredTokenPtr> in_use;
    for (int i = 0; i < 512; ++i)
        in_use.push_back(record(some_id()));
    int found = 0;
    for (int round = 0; round < 20; ++round) {
        found = 0;
        for (const StoredTokenPtr& stored : in_use) {
            if (cache_.find(stored->token.id))
                ++found;
            else
                look_up_and_keep(stored);
        }
    }
    EXPECT_GT(found, 500);
}

}  // namespace
}  // namespace patd::store
