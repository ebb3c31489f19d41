// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/admission/quota.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace patd {
namespace {

constexpr Uid kOwner{1};
constexpr Uid kOther{2};

TEST(Quota, GivesALotSoManyAndNoMore) {
    Quota quota({2, 10});
    const Ticket first = quota.take(kOwner).value();
    std::optional<Ticket> second = quota.take(kOwner).value();
    EXPECT_EQ(quota.take(kOwner).error().code, Errc::LimitExceeded);
    EXPECT_TRUE(quota.take(kOther).has_value());
    second.reset();
    EXPECT_TRUE(quota.take(kOwner).has_value());
    EXPECT_EQ(quota.taken(), 1U);
}

TEST(Quota, AFewLotsThatHaveAllTheyMayKeepNobodyOut) {
    Quota quota({8, 32});
    std::vector<Ticket> tickets;
    for (std::uint32_t uid = 1; uid <= 4; ++uid) {
        for (int i = 0; i < 8; ++i)
            tickets.push_back(quota.take(Uid(uid)).value());
    }
    for (int i = 0; i < 100; ++i)
        EXPECT_TRUE(quota.take(Uid(5)).has_value()) << "one at a time";
}

TEST(Quota, GivesAllTogetherSoManyAndNoMore) {
    Quota quota({4, 4});
    std::vector<Ticket> tickets;
    for (int i = 0; i < 4; ++i)
        tickets.push_back(quota.take(kOwner).value());
    // Two more are for lots that have none.
    tickets.push_back(quota.take(kOther).value());
    EXPECT_EQ(quota.take(kOther).error().code, Errc::LimitExceeded);
    tickets.push_back(quota.take(Uid(3)).value());
    EXPECT_EQ(quota.take(Uid(4)).error().code, Errc::LimitExceeded);
    tickets.pop_back();
    EXPECT_TRUE(quota.take(Uid(4)).has_value());
}

TEST(Quota, CountsALotByWhatItWasWhenItTook) {
    bool is_stranger = true;
    Quota quota({1, 10}, [&](Uid uid) { return is_stranger ? Uid(65534) : uid; });
    std::optional<Ticket> ticket = quota.take(kOwner).value();
    EXPECT_FALSE(quota.take(kOther).has_value());
    is_stranger = false;
    EXPECT_TRUE(quota.take(kOwner).has_value());
    ticket.reset();
    is_stranger = true;
    EXPECT_TRUE(quota.take(kOther).has_value());
    EXPECT_EQ(quota.taken(), 0U);
}

TEST(Quota, TellsWhoWasRefused) {
    std::vector<Uid> refused;
    Quota quota({1, 10}, {}, [&](Uid uid) { refused.push_back(uid); });
    const Ticket ticket = quota.take(kOwner).value();
    EXPECT_FALSE(quota.take(kOwner).has_value());
    EXPECT_EQ(refused, std::vector<Uid>{kOwner});
}

TEST(Quota, ATicketMayOutliveIt) {
    std::optional<Quota> quota(Quota::Limits{1, 1});
    const Ticket ticket = quota->take(kOwner).value();
    quota.reset();
}

}  // namespace
}  // namespace patd
