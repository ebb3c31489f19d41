// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/line/connection_lots.h"

#include "common/base/limits.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace patd {
namespace {

using State = LineConnection::State;

constexpr Uid kAliceUid{1};
constexpr Uid kBobUid{2};
constexpr Uid kCarol{3};
constexpr ConnectionLots::Limits kLimits{6, 3};

class ConnectionLotsTest : public ::testing::Test {
  protected:
    std::shared_ptr<LineConnection> add(Uid lot, State state = State::Silent) {
        auto connection = std::make_shared<LineConnection>(
            UniqueFd(open("/dev/null", O_RDONLY | O_CLOEXEC)), lot, lot);
        lots_.add(*connection);
        lots_.set_state(*connection, state);
        connections_.push_back(connection);
        return connection;
    }
    bool has_room(Uid lot) const {
        const ConnectionLots::Room room = lots_.find_room(lot, kLimits);
        return room.gives_way == nullptr && !room.is_refused;
    }
    const LineConnection* who_gives_way(Uid lot) const {
        return lots_.find_room(lot, kLimits).gives_way;
    }
    bool is_refused(Uid lot) const { return lots_.find_room(lot, kLimits).is_refused; }

    ConnectionLots lots_;
    std::vector<std::shared_ptr<LineConnection>> connections_;
};

TEST_F(ConnectionLotsTest, HasRoomForSoManyOfALot) {
    add(kAliceUid);
    add(kAliceUid);
    EXPECT_TRUE(has_room(kAliceUid));
    add(kAliceUid);
    EXPECT_FALSE(has_room(kAliceUid));
    EXPECT_TRUE(has_room(kBobUid));
    lots_.remove(*connections_.front());
    EXPECT_TRUE(has_room(kAliceUid));
    EXPECT_EQ(lots_.count(), 2U);
}

TEST_F(ConnectionLotsTest, WithinALotTheOldestThatNeverAskedGivesWayFirst) {
    add(kAliceUid, State::Busy);
    const auto idle = add(kAliceUid, State::Idle);
    const auto silent = add(kAliceUid);
    EXPECT_EQ(who_gives_way(kAliceUid), silent.get());
    lots_.set_state(*silent, State::Busy);
    EXPECT_EQ(who_gives_way(kAliceUid), idle.get());
    lots_.set_state(*idle, State::Busy);
    EXPECT_TRUE(is_refused(kAliceUid));
}

TEST_F(ConnectionLotsTest, OfThoseThatAreIdleTheOneThatAskedLongestAgoGivesWay) {
    const auto first = add(kAliceUid, State::Idle);
    const auto second = add(kAliceUid, State::Idle);
    add(kAliceUid, State::Idle);
    lots_.set_state(*first, State::Busy);
    lots_.set_state(*first, State::Idle);
    EXPECT_EQ(who_gives_way(kAliceUid), second.get());
}

// Row D6: whatever the largest lot does with its connections.
TEST_F(ConnectionLotsTest, WhereAllPlacesAreTakenTheLargestLotGivesOneUp) {
    const auto oldest = add(kAliceUid, State::Busy);
    add(kAliceUid, State::Busy);
    add(kAliceUid, State::Busy);
    for (int i = 0; i < 2; ++i)
        add(kBobUid, State::Busy);
    add(kCarol, State::Busy);
    EXPECT_EQ(who_gives_way(kCarol), oldest.get());
    EXPECT_TRUE(is_refused(kBobUid)) << "nobody has more than bob would have";
}

TEST_F(ConnectionLotsTest, GivesALotSoManyBuffersAndTheNextOneToWhoWaitsLongest) {
    for (std::size_t i = 0; i < limits::kLineServedPerUser; ++i)
        EXPECT_TRUE(lots_.begin_serving(kAliceUid));
    EXPECT_FALSE(lots_.begin_serving(kAliceUid));
    EXPECT_TRUE(lots_.begin_serving(kBobUid));
    const auto leaves = add(kAliceUid, State::Busy);
    const auto closed = add(kAliceUid, State::Busy);
    const auto waits = add(kAliceUid, State::Busy);
    lots_.park(leaves);
    lots_.park(closed);
    lots_.park(waits);
    lots_.remove(*leaves);
    closed->socket.reset();
    lots_.end_serving(kAliceUid);
    EXPECT_EQ(lots_.take_parked(kAliceUid), waits);
    EXPECT_FALSE(waits->parked);
    EXPECT_EQ(lots_.take_parked(kAliceUid), nullptr);
    EXPECT_EQ(lots_.take_parked(kCarol), nullptr);
}

}  // namespace
}  // namespace patd
