// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/record_cache.h"

#include <gtest/gtest.h>

#include <random>

namespace patd::store {
namespace {

StoredTokenPtr record(const std::string& id, std::uint32_t generation = 1) {
    Token token{*TokenId::parse(id), Uid(1000), "alice"};
    token.generation = generation;
    return std::make_shared<const StoredToken>(StoredToken{token, Digest{}});
}

void look_up_and_keep(RecordCache& cache, const StoredTokenPtr& stored) {
    const std::uint64_t read_at = cache.changes();
    ASSERT_EQ(cache.find(stored->token.id), nullptr);
    cache.keep(stored, read_at);
}

TEST(RecordCache, GivesWhatItKept) {
    RecordCache cache;
    look_up_and_keep(cache, record("aaaaaaaaaa", 7));
    const StoredTokenPtr found = cache.find(*TokenId::parse("aaaaaaaaaa"));
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->token.generation, 7U);
}

TEST(RecordCache, ForgetsEverythingAfterAChange) {
    RecordCache cache;
    look_up_and_keep(cache, record("aaaaaaaaaa"));
    cache.note_change();
    EXPECT_EQ(cache.find(*TokenId::parse("aaaaaaaaaa")), nullptr);
}

TEST(RecordCache, DoesNotKeepWhatWasReadBeforeAChange) {
    RecordCache cache;
    const std::uint64_t read_at = cache.changes();
    cache.note_change();
    EXPECT_EQ(cache.find(*TokenId::parse("aaaaaaaaaa")), nullptr);
    cache.keep(record("aaaaaaaaaa"), read_at);
    EXPECT_EQ(cache.find(*TokenId::parse("aaaaaaaaaa")), nullptr);
}

TEST(RecordCache, StaysSmallWhateverIsLookedUp) {
    RecordCache cache;
    constexpr int kMany = 1500;
    for (int i = 0; i < kMany; ++i)
        look_up_and_keep(cache, record(std::to_string(1000000000 + i)));
    int kept = 0;
    for (int i = 0; i < kMany; ++i)
        kept += cache.find(*TokenId::parse(std::to_string(1000000000 + i))) != nullptr ? 1 : 0;
    EXPECT_EQ(kept, 1024);
}

TEST(RecordCache, WhatIsUsedNowDisplacesWhatWasUsedOnce) {
    RecordCache cache;
    std::mt19937_64 numbers(1);
    const auto some_id = [&] {
        std::string id;
        while (id.size() < TokenId::kDigits)
            id += static_cast<char>('a' + numbers() % 26);
        return id;
    };
    for (int i = 0; i < 2000; ++i)
        look_up_and_keep(cache, record(some_id()));
    std::vector<StoredTokenPtr> in_use;
    for (int i = 0; i < 512; ++i)
        in_use.push_back(record(some_id()));
    int found = 0;
    for (int round = 0; round < 20; ++round) {
        found = 0;
        for (const StoredTokenPtr& stored : in_use) {
            if (cache.find(stored->token.id))
                ++found;
            else
                look_up_and_keep(cache, stored);
        }
    }
    EXPECT_GT(found, 500);
}

}  // namespace
}  // namespace patd::store
