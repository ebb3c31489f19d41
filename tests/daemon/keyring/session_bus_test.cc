// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/keyring/session_bus.h"

#include "daemon/keyring/secret_names.h"
#include "tests/support/hostile_keyring.h"

#include <gtest/gtest.h>

#include <optional>

namespace patd::keyring::test {
namespace {

using support::Desktop;
using support::HostileKeyring;
using Behaviour = HostileKeyring::Behaviour;
using SteadyClock = GlibLoop::SteadyClock;
using std::chrono::seconds;

class SessionBusTest : public ::testing::Test {
  protected:
    // Runs `job` with a fresh connection.
    void with_bus(const std::function<void(GlibLoop&, SessionBus&)>& job) {
        GlibLoop loop;
        loop.run([&] {
            loop.set_deadline(SteadyClock::now() + seconds(10));
            SessionBus bus(loop);
            EXPECT_FALSE(bus.is_connected());
            bus.connect().value();
            EXPECT_TRUE(bus.is_connected());
            job(loop, bus);
            return true;
        });
    }

    support::SessionBus daemon_;
};

TEST_F(SessionBusTest, FindsTheOwnerOfANameAndOtherwiseNone) {
    with_bus([&](GlibLoop&, SessionBus& bus) {
        EXPECT_EQ(bus.find_owner(Desktop::kService).error().code, Errc::NoKeyring);
        const HostileKeyring there(daemon_, Behaviour::NoDefault);
        EXPECT_EQ(bus.find_owner(Desktop::kService).value().substr(0, 1), ":");
    });
}

TEST_F(SessionBusTest, APropertyOfAnotherTypeIsAFailure) {
    const HostileKeyring there(daemon_, Behaviour::NoDefault);
    with_bus([&](GlibLoop&, SessionBus& bus) {
        const SessionBus::Place place{bus.find_owner(Desktop::kService).value(),
                                      Desktop::kCollection, kCollectionInterface};
        EXPECT_TRUE(bus.property(place, "Locked", "b"));
        EXPECT_EQ(bus.property(place, "Locked", "s").error().code, Errc::KeyringFailed);
    });
}

TEST_F(SessionBusTest, WhoWatchesANameHearsThatItsOwnerCameAndWent) {
    with_bus([&](GlibLoop& loop, SessionBus& bus) {
        int changes = 0;
        const auto watch = bus.watch(Desktop::kService, [&](GVariant*) { ++changes; });
        // The bus answers only after it knows what is watched.
        EXPECT_EQ(bus.find_owner(Desktop::kService).error().code, Errc::NoKeyring);
        std::optional<HostileKeyring> there(std::in_place, daemon_, Behaviour::NoDefault);
        const auto end = SteadyClock::now() + seconds(10);
        EXPECT_TRUE(loop.turn_until([&] { return changes == 1; }, end));
        there.reset();
        EXPECT_TRUE(loop.turn_until([&] { return changes == 2; }, end));
    });
}

TEST_F(SessionBusTest, ASubscriptionEndsWithItsObject) {
    with_bus([&](GlibLoop& loop, SessionBus& bus) {
        int first = 0;
        int second = 0;
        std::optional<SessionBus::Subscription> over(
            bus.watch(Desktop::kService, [&](GVariant*) { ++first; }));
        over.reset();
        const auto watch = bus.watch(Desktop::kService, [&](GVariant*) { ++second; });
        EXPECT_EQ(bus.find_owner(Desktop::kService).error().code, Errc::NoKeyring);
        const HostileKeyring there(daemon_, Behaviour::NoDefault);
        EXPECT_TRUE(loop.turn_until([&] { return second == 1; }, SteadyClock::now() + seconds(10)));
        EXPECT_EQ(first, 0);
    });
}

}  // namespace
}  // namespace patd::keyring::test
