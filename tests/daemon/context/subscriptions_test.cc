// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/context/subscriptions.h"

#include "common/base/limits.h"
#include "tests/support/service_fixture.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

using support::caller_of;
using support::kAlice;
using support::kBob;
using Texts = std::vector<std::string>;

class SubscriptionsTest : public ::testing::Test {
  protected:
    SubscriptionsTest() {
        subscriptions_.send_by([this](const std::string& connection, const OwnerSignal& signal) {
            sent_.push_back(connection + " " + signal.token.text());
        });
    }
    // Which connections get a signal about a token of `owner`.
    Texts tell(Uid owner) {
        sent_.clear();
        subscriptions_.tell({.owner = owner, .token = TokenId::parse("AbCdE01234").value()});
        Texts connections;
        for (const std::string& text : sent_)
            connections.push_back(text.substr(0, text.find(' ')));
        return connections;
    }

    Subscriptions subscriptions_;
    Texts sent_;
};

TEST_F(SubscriptionsTest, TellsTheConnectionsOfTheOwnerAndNoOther) {
    subscriptions_.add(caller_of(kAlice, ":1.1")).value();
    subscriptions_.add(caller_of(kAlice, ":1.2")).value();
    subscriptions_.add(caller_of(kBob, ":1.3")).value();
    subscriptions_.add(caller_of(Uid(0), ":1.4")).value();
    EXPECT_EQ(tell(kAlice), (Texts{":1.1", ":1.2"}));
    EXPECT_EQ(tell(kBob), Texts{":1.3"});
    EXPECT_EQ(tell(support::kCarol), Texts{});
}

TEST_F(SubscriptionsTest, TwiceIsOnceAndAfterwardsIsOver) {
    subscriptions_.add(caller_of(kAlice, ":1.1")).value();
    subscriptions_.add(caller_of(kAlice, ":1.1")).value();
    EXPECT_EQ(tell(kAlice), Texts{":1.1"});
    subscriptions_.remove(caller_of(kAlice, ":1.1"));
    subscriptions_.remove(caller_of(kAlice, ":1.1"));
    EXPECT_EQ(tell(kAlice), Texts{});
    subscriptions_.add(caller_of(kAlice, ":1.1")).value();
    subscriptions_.forget(":1.1");
    EXPECT_EQ(tell(kAlice), Texts{});
}

// Row D1.
TEST_F(SubscriptionsTest, AUserHasAtMostSoManyAndTakesNoneFromOthers) {
    for (std::size_t i = 0; i < limits::kSubscriptionsPerUser; ++i)
        subscriptions_.add(caller_of(kAlice, ":1." + std::to_string(i))).value();
    EXPECT_EQ(subscriptions_.add(caller_of(kAlice, ":2.1")).error().code, Errc::LimitExceeded);
    EXPECT_TRUE(subscriptions_.add(caller_of(kAlice, ":1.0")));
    EXPECT_TRUE(subscriptions_.add(caller_of(kBob, ":2.2")));
    subscriptions_.forget(":1.3");
    EXPECT_TRUE(subscriptions_.add(caller_of(kAlice, ":2.1")));
}

TEST_F(SubscriptionsTest, WithoutABusNobodyIsTold) {
    Subscriptions silent;
    silent.add(caller_of(kAlice, ":1.1")).value();
    silent.tell({.owner = kAlice, .token = TokenId::parse("AbCdE01234").value()});
}

}  // namespace
}  // namespace patd
