// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/tpm_count.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

namespace patd {
namespace {

const std::string kId(64, 'f');

TEST(TpmCount, ParsesToWhatWasFormatted) {
    for (const TpmCount& count :
         {TpmCount{0, "-"}, TpmCount{1, kId},
          TpmCount{std::numeric_limits<std::uint64_t>::max(), std::string(64, '0')}})
        EXPECT_EQ(parse_count(format_count(count)), count);
}

// Stored in chips: never another one for the same id.
TEST(TpmCount, HasAnIndexOfTheOwnersRangeForEachMachineId) {
    const std::string id = "0123456789abcdef0123456789abcdef";
    EXPECT_EQ(index_text(counter_index("")), "0x1817c8d");
    EXPECT_EQ(index_text(counter_index(id)), "0x1817037");
    EXPECT_EQ(counter_index(id + "\n"), counter_index(id));
    std::set<std::uint32_t> found;
    for (int i = 0; i < 200; ++i)
        found.insert(counter_index(id + std::to_string(i)));
    EXPECT_GT(found.size(), 150U);
    EXPECT_GE(*found.begin(), 0x01817000U);
    EXPECT_LE(*found.rbegin(), 0x01817fffU);
}

TEST(TpmCount, RefusesAnythingElse) {
    const std::string good = "7 " + kId;
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_FALSE(parse_count(good.substr(0, size))) << size;
    for (const std::string& bad :
         {good + "f", good + "\n", " " + good, "-" + good, "7  " + kId, "7\t" + kId, "x " + kId,
          "18446744073709551616 " + kId, "7 " + std::string(64, 'F'), std::string("7 --")})
        EXPECT_FALSE(parse_count(bad)) << bad;
}

}  // namespace
}  // namespace patd
