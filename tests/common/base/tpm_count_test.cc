// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/tpm_count.h"

#include <gtest/gtest.h>

#include <limits>

namespace patd {
namespace {

const std::string kId(64, 'f');

TEST(TpmCount, ParsesToWhatWasFormatted) {
    for (const TpmCount& count :
         {TpmCount{0, "-"}, TpmCount{1, kId},
          TpmCount{std::numeric_limits<std::uint64_t>::max(), std::string(64, '0')}})
        EXPECT_EQ(parse_count(format_count(count)), count);
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
