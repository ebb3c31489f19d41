// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/unit_text.h"

#include "tests/cli/fake_systemd.h"
#include "tests/cli/private_bus.h"
#include "tests/cli/support.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace patd::cli {
namespace {

const client::UnitState kFailed = {"patd.service", "loaded",    "enabled", "failed",
                                   "failed",       "exit-code", 78,        3};

TEST(DescribeUnit, SaysHowItIsAndWhy) {
    EXPECT_EQ(describe_unit(kFailed), "failed (exit-code, status 78), enabled, 3 restarts");
    EXPECT_EQ(
        describe_unit({"patd.socket", "loaded", "enabled", "active", "listening", "success", 0, 0}),
        "active (listening), enabled");
    EXPECT_EQ(describe_unit({"patd.socket", "not-found", "", "inactive", "dead", "", 0, 0}),
              "not-found");
}

TEST(DescribeUnit, MovesNoCursor) {
    EXPECT_EQ(describe_unit({"patd.service", "\x1b[2J", "", "", "", "", 0, 0}), "?[2J");
}

// patctl, its service not there, a systemd on a bus of its own.
class StatusWithoutServiceTest : public testing::Test {
  protected:
    StatusWithoutServiceTest() { setenv("DBUS_SYSTEM_BUS_ADDRESS", bus_.address().c_str(), 1); }
    ~StatusWithoutServiceTest() override { unsetenv("DBUS_SYSTEM_BUS_ADDRESS"); }

    static Ran run(const std::vector<std::string>& arguments) {
        Patctl patctl;
        patctl.reachable = false;
        return patctl.run(arguments);
    }

    PrivateBus bus_;
};

TEST_F(StatusWithoutServiceTest, ShowsHowSystemdSeesTheService) {
    const FakeSystemd systemd(bus_.address(), {kFailed});
    const Ran ran = run({"status"});
    EXPECT_EQ(ran.code, ExitCode::Unreachable);
    EXPECT_NE(ran.out.find("patd.service"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("failed (exit-code, status 78)"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("journalctl -x -u 'patd*'"), std::string::npos) << ran.out;
    EXPECT_NE(ran.err.find("is not running: "), std::string::npos) << ran.err;
}

// The TPM was cleared, or exchanged with its board.
TEST_F(StatusWithoutServiceTest, NamesTheRecoveryFileWhenTheKeyCannotBeOpened) {
    client::UnitState unit = kFailed;
    unit.exit_status = 243;
    const FakeSystemd systemd(bus_.address(), {unit});
    const Ran ran = run({"status"});
    EXPECT_NE(ran.out.find("cannot open the master key"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("admin recover-key FILE"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("recover-key FILE --install"), std::string::npos) << ran.out;
}

// From systemd 258 on.
TEST_F(StatusWithoutServiceTest, NamesTheSocketThroughWhichTheKeyShouldHaveCome) {
    client::UnitState unit = kFailed;
    unit.exit_status = 243;
    const FakeSystemd systemd(
        bus_.address(), {{kKeySocket, "masked", "masked", "inactive", "dead", "", 0, 0}, unit});
    const Ran ran = run({"status"});
    EXPECT_NE(ran.out.find("systemd-creds.socket"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find(kOpenKeySocket), std::string::npos) << ran.out;
    EXPECT_EQ(ran.out.find("admin recover-key FILE"), std::string::npos) << ran.out;
}

TEST_F(StatusWithoutServiceTest, GivesJsonOfIt) {
    const FakeSystemd systemd(bus_.address(), {kFailed});
    const Ran ran = run({"status", "--json"});
    EXPECT_EQ(ran.code, ExitCode::Unreachable);
    const nlohmann::json told = nlohmann::json::parse(ran.out);
    EXPECT_EQ(told["reachable"], false);
    EXPECT_EQ(told["units"].size(), std::size(kUnits));
    EXPECT_EQ(told["units"].back()["active"], "failed");
    EXPECT_EQ(told["units"].back()["exit_status"], 78);
}

TEST_F(StatusWithoutServiceTest, SaysNoMoreThanTheErrorWhereSystemdIsNotThereEither) {
    const Ran ran = run({"status"});
    EXPECT_EQ(ran.code, ExitCode::Unreachable);
    EXPECT_EQ(ran.out, "");
}

TEST_F(StatusWithoutServiceTest, IsNotAskedWhenTheServiceAnswers) {
    Patctl patctl;
    EXPECT_EQ(patctl.run({"status"}).code, ExitCode::Success);
}

}  // namespace
}  // namespace patd::cli
