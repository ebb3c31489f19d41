// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/support.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

TEST(Lock, NeedsNoPassword) {
    Patctl patctl;
    const Ran ran = patctl.run({"lock"});
    EXPECT_EQ(ran.code, ExitCode::Success);
    EXPECT_NE(ran.out.find("patctl unlock"), std::string::npos);
    EXPECT_EQ(patctl.service.members(), std::vector<std::string>{"Lock"});
    EXPECT_EQ(Patctl().run({"lock", "--json"}).out, "{\"locked\":true}\n");
}

TEST(Unlock, UndoesTheLockAfterThePassword) {
    const Scratch password("swordfish\n");
    Patctl patctl({.prompts = {{"secret", "Password: "}}});
    const Ran ran = patctl.run({"unlock", "--password-fd", std::to_string(password.fd())});
    EXPECT_EQ(ran.out, "Your tokens are unlocked.\n");
    EXPECT_TRUE(patctl.service.calls().front().options.empty());
}

TEST(Unlock, OpensOneTokenForAWhile) {
    const Scratch password("swordfish\nswordfish\n");
    const std::string fd = std::to_string(password.fd());
    Patctl named({.prompts = {{"secret", "Password: "}}});
    const Ran ran = named.run({"unlock", kSomeId, "--for", "2h", "--password-fd", fd});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(named.service.call_of("Unlock").options,
              dictionary({{"token", kSomeId}, {"seconds", std::uint64_t{7200}}}));
    Patctl usual({.prompts = {{"secret", "Password: "}}});
    EXPECT_EQ(usual.run({"unlock", kSomeId, "--password-fd", fd}).code, ExitCode::Success);
    EXPECT_EQ(usual.service.call_of("Unlock").options,
              dictionary({{"token", kSomeId}, {"seconds", std::uint64_t{300}}}));
}

TEST(Unlock, RefusesMoreThanAWorkingDay) {
    Patctl patctl;
    EXPECT_EQ(patctl.run({"unlock", kSomeId, "--for", "9h"}).code, ExitCode::Usage);
    EXPECT_EQ(patctl.run({"unlock", kSomeId, "--for", "9h"}).err, "patctl: --for 9h: at most 8h\n");
    EXPECT_EQ(patctl.run({"unlock", kSomeId, "--for", "5"}).err,
              "patctl: --for 5: a number needs a unit, such as 5d or 5m\n");
    EXPECT_EQ(patctl.run({"unlock", kSomeId, "--for", "x"}).code, ExitCode::Usage);
    EXPECT_TRUE(patctl.service.calls().empty());
}

TEST(Unlock, NamesTheSettingThatAllowsLess) {
    const Scratch password("swordfish\n");
    const std::string fd = std::to_string(password.fd());
    client::Script refusing{.errors = {{"Unlock", "org.patd.Tokens1.Error.InvalidExpiry"}}};
    const auto told = [&] {
        return Patctl(refusing).run({"unlock", kSomeId, "--for", "2h", "--password-fd", fd}).err;
    };
    EXPECT_EQ(told(), "patctl: --for 2h: this machine allows less (UnlockMax= of patd.conf(5))\n");
    refusing.status = dictionary({{"unlock-max", std::int64_t{1800}}});
    EXPECT_EQ(told(),
              "patctl: --for 2h: this machine allows at most 30m (UnlockMax= of patd.conf(5))\n");
}

// Never one service in place of the other.
TEST(Lock, GoesToTheOwnServiceExactlyWithSession) {
    Patctl own;
    own.reachable = false;
    own.own_reachable = true;
    EXPECT_EQ(own.run({"--session", "lock"}).code, ExitCode::Success);
    EXPECT_EQ(own.run({"lock"}).code, ExitCode::Unreachable);
    Patctl system;
    EXPECT_EQ(system.run({"lock", "--session"}).code, ExitCode::Unreachable);
    EXPECT_EQ(system.run({"lock"}).code, ExitCode::Success);
}

}  // namespace
}  // namespace patd::cli
