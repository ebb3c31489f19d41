// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/client/service_start.h"

#include "common/client/connection.h"
#include "tests/cli/fake_systemd.h"
#include "tests/cli/private_bus.h"

#include <gtest/gtest.h>
#include <systemd/sd-bus.h>

#include <chrono>
#include <cstdlib>

namespace patd::client {
namespace {

using Clock = std::chrono::steady_clock;

// Longer than the bus waits, 25 s: giving up on such a service must not depend on the bus.
constexpr char kNeverThere[] = "/bin/sh -c \"exec sleep 40 >/dev/null 2>&1\"";
constexpr std::chrono::seconds kBusPatience{20};

class ServiceStartTest : public testing::Test {
  protected:
    ServiceStartTest() { setenv("DBUS_SYSTEM_BUS_ADDRESS", bus_.address().c_str(), 1); }
    ~ServiceStartTest() override { unsetenv("DBUS_SYSTEM_BUS_ADDRESS"); }

    static UnitState unit(const char* active, const char* sub, bool has_job) {
        return {"patd.service", "loaded", "enabled", active, sub, "success", 0, 0, has_job};
    }

    cli::PrivateBus bus_;
};

TEST_F(ServiceStartTest, DoesNotWaitForWhatSystemdSaysIsNotBeingStarted) {
    bus_.start_with(kNeverThere);
    for (const char* active : {"failed", "inactive"}) {
        const cli::FakeSystemd systemd(bus_.address(), {unit(active, "dead", false)});
        const auto begun = Clock::now();
        EXPECT_EQ(Connection::open_system().error().code, Errc::Unavailable);
        EXPECT_LT(Clock::now() - begun, kBusPatience) << active;
    }
}

TEST_F(ServiceStartTest, WaitsForAServiceThatIsBeingStarted) {
    // Takes its time, and fails: only the bus reports it.
    bus_.start_with("/bin/sh -c \"sleep 3; exit 1\"");
    for (const UnitState& state :
         {unit("inactive", "dead", true), unit("activating", "start", true)}) {
        const cli::FakeSystemd systemd(bus_.address(), {state});
        const auto begun = Clock::now();
        EXPECT_EQ(Connection::open_system().error().code, Errc::Unavailable);
        EXPECT_GE(Clock::now() - begun, std::chrono::seconds(3)) << state.active;
    }
}

TEST_F(ServiceStartTest, ReliesOnTheBusWhereThereIsNoSystemd) {
    EXPECT_EQ(Connection::open_system().error().code, Errc::Unavailable);
    bus_.start_with("/usr/bin/false");
    EXPECT_EQ(Connection::open_system().error().code, Errc::Unavailable);
    sd_bus* raw = nullptr;
    ASSERT_GE(sd_bus_open_system(&raw), 0);
    const std::unique_ptr<sd_bus, decltype(&sd_bus_flush_close_unref)> owner(
        raw, sd_bus_flush_close_unref);
    ASSERT_GE(sd_bus_request_name(raw, "org.patd.Tokens1", 0), 0);
    EXPECT_TRUE(start_service(raw)) << "it is there";
}

}  // namespace
}  // namespace patd::client
