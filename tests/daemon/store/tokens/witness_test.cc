// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/witness.h"

#include "common/base/witness_limits.h"
#include "common/token/token_key.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace patd::store {
namespace {

using Cause = Death::Cause;

constexpr Uid kAnn{1000};
constexpr Uid kBen{1001};

TokenId id_of(std::int64_t key) {
    return token_id_of(key).value();
}

Death death_of(Cause cause, Uid owner, std::int64_t key, std::int64_t generation = 7) {
    return {cause, owner, id_of(key), generation, 0, 1'800'000'000};
}

class WitnessTest : public ::testing::Test {
  protected:
    std::string format(const Witness& witness) { return format_witness(witness, key_).value(); }
    bool parses(std::string_view text) {
        const Result<Witness> read = parse_witness(text, key_);
        if (!read) {
            EXPECT_EQ(read.error().code, Errc::Corrupt);
        }
        return read.has_value();
    }

    KeyedMac key_ = KeyedMac::create(Digest{1}).value();
};

Witness sample() {
    Witness witness{{1, 2, 254}, 12, 3};
    witness.count = TpmCount{77, std::string(64, 'a')};
    witness.counted = 1'800'000'000;
    add_deaths(witness, {death_of(Cause::Deleted, kAnn, 1),
                         death_of(Cause::Edited, kAnn, 2),
                         {Cause::Regenerated, kBen, id_of(3), 9,
                          std::numeric_limits<std::uint32_t>::max(), 4},
                         {Cause::Locked, kBen}});
    return witness;
}

TEST_F(WitnessTest, ParsesToWhatWasFormatted) {
    EXPECT_EQ(parse_witness(format(sample()), key_).value(), sample());
    EXPECT_EQ(parse_witness(format({}), key_).value(), Witness{});
    EXPECT_TRUE(format(sample()).starts_with("patd-witness 12\n1\nstore 0102fe00"));
}

TEST_F(WitnessTest, RefusesWhateverWasChangedOrCut) {
    const std::string good = format(sample());
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_FALSE(parses(good.substr(0, size))) << size;
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 1);
        EXPECT_FALSE(parses(bad)) << i;
    }
    EXPECT_FALSE(parses(good + "\n"));
    EXPECT_FALSE(parses(good + good));
    KeyedMac other = KeyedMac::create(Digest{2}).value();
    EXPECT_FALSE(parse_witness(good, other));
}

TEST_F(WitnessTest, ALaterDeathTakesThePlaceOfAnEarlierOne) {
    Witness witness;
    add_deaths(witness, {death_of(Cause::Edited, kAnn, 1, 1),
                         death_of(Cause::Edited, kAnn, 1, 2),
                         death_of(Cause::Regenerated, kAnn, 1, 3),
                         {Cause::Locked, kAnn},
                         {Cause::Locked, kBen}});
    EXPECT_EQ(witness.deaths.size(), 4U);
    add_deaths(witness, {death_of(Cause::Deleted, kAnn, 1, 4), {Cause::Unlocked, kAnn}});
    ASSERT_EQ(witness.deaths.size(), 2U);
    EXPECT_EQ(witness.deaths[0].owner, kBen);
    EXPECT_EQ(witness.deaths[1].cause, Cause::Deleted);
    add_deaths(witness, {death_of(Cause::Revived, kAnn, 1, 5), {Cause::Unlocked, kBen}});
    EXPECT_TRUE(witness.deaths.empty());
    EXPECT_EQ(witness.dropped, 0);
    add_deaths(witness,
               {death_of(Cause::Regenerated, kAnn, 1, 6), death_of(Cause::Quarantined, kAnn, 1, 7),
                death_of(Cause::Revived, kAnn, 1, 8)});
    ASSERT_EQ(witness.deaths.size(), 1U) << "the older secret is still dead";
    EXPECT_EQ(witness.deaths[0].cause, Cause::Regenerated);
}

TEST_F(WitnessTest, WhoeverHasTheMostDeathsPushesOutOnlyHisOwn) {
    Witness witness;
    add_deaths(witness, {death_of(Cause::Deleted, kBen, 1, 1)});
    std::vector<Death> many;
    for (std::int64_t i = 0; i < 3000; ++i)
        many.push_back(death_of(Cause::Deleted, kAnn, 10 + i, 2 + i));
    add_deaths(witness, many);
    ASSERT_EQ(witness.deaths.size(), limits::kWitnessDeaths);
    EXPECT_EQ(witness.deaths.front().owner, kBen);
    EXPECT_EQ(witness.deaths.back().generation, 3001);
    EXPECT_EQ(witness.dropped, 3001 - 2047);
    EXPECT_LE(format(witness).size(), limits::kWitnessBytes);
}

TEST_F(WitnessTest, TheLargestFits) {
    constexpr std::int64_t kMost = limits::kWitnessGenerationMax;
    Witness witness{{}, kMost, kMost, {}};
    for (std::size_t i = 0; i < limits::kWitnessDeaths; ++i) {
        witness.deaths.push_back({Cause::Quarantined, Uid(4'294'967'294U), id_of(1), kMost,
                                  std::numeric_limits<std::uint32_t>::max(), kMost});
    }
    EXPECT_LE(format(witness).size(), limits::kWitnessBytes);
    EXPECT_EQ(parse_witness(format(witness), key_).value(), witness);
}

}  // namespace
}  // namespace patd::store
