// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/client/unit_state.h"

#include "tests/cli/fake_systemd.h"
#include "tests/cli/private_bus.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace patd::client {
namespace {

const UnitState kFailed = {"patd.service", "loaded", "enabled", "failed", "failed",
                           "exit-code",    78,       3,         false,    4711};
const UnitState kListening = {"patd.socket", "loaded",  "disabled", "active",
                              "listening",   "success", 0,          0};

class SystemdTest : public testing::Test {
  protected:
    SystemdTest() { setenv("DBUS_SYSTEM_BUS_ADDRESS", bus_.address().c_str(), 1); }
    ~SystemdTest() override { unsetenv("DBUS_SYSTEM_BUS_ADDRESS"); }

    cli::PrivateBus bus_;
};

TEST_F(SystemdTest, TellsOfAServiceAndOfASocket) {
    const cli::FakeSystemd systemd(bus_.address(), {kFailed, kListening});
    const Result<Systemd> opened = Systemd::open();
    ASSERT_TRUE(opened);
    const Result<UnitState> service = opened->find_unit("patd.service");
    ASSERT_TRUE(service);
    EXPECT_EQ(*service, kFailed);
    const Result<UnitState> socket = opened->find_unit("patd.socket");
    ASSERT_TRUE(socket);
    EXPECT_EQ(*socket, kListening);
}

TEST_F(SystemdTest, LeavesEmptyWhatAUnitDoesNotHave) {
    const cli::FakeSystemd systemd(bus_.address(), {});
    const Result<UnitState> unit = Systemd::open()->find_unit("patd.service");
    ASSERT_TRUE(unit);
    EXPECT_EQ(*unit, (UnitState{"patd.service", "", "", "", "", "", 0, 0}));
}

TEST_F(SystemdTest, IsUnavailableWhereNobodyAnswers) {
    const Result<Systemd> opened = Systemd::open();
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->find_unit("patd.service").error().code, Errc::Unavailable);
    setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", 1);
    EXPECT_EQ(Systemd::open().error().code, Errc::Unavailable);
}

}  // namespace
}  // namespace patd::client
