// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/session/only_units.h"

#include "tests/cli/fake_systemd.h"
#include "tests/cli/private_bus.h"
#include "tests/cli/support.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

client::Dictionary ruled_token() {
    client::Dictionary token = some_token();
    token.set("only-units", Texts{"a.service", "b.service"});
    token.set("only-units-are", "advisory");
    return token;
}

TEST(OnlyUnits, AreShownWithTheirGrade) {
    EXPECT_EQ(format_rules(ruled_token()), "a.service (advisory)\nb.service (advisory)");
    EXPECT_EQ(format_rules(some_token()), "everywhere");
    EXPECT_EQ(format_short_rules(some_token()), "-");
    EXPECT_NE(format_short_rules(ruled_token()).find("(advisory)"), std::string::npos);
    EXPECT_TRUE(has_rules({some_token(), ruled_token()}));
    EXPECT_FALSE(has_rules({some_token()}));
    Patctl patctl({.tokens = {ruled_token()}});
    EXPECT_NE(patctl.run({"list"}).out.find("ONLY FOR"), std::string::npos);
}

TEST(OnlyUnits, MoveNoCursor) {
    client::Dictionary token = ruled_token();
    token.set("only-units", Texts{"\x1b[2J"});
    EXPECT_EQ((format_rules(token) + format_short_rules(token)).find('\x1b'), std::string::npos);
}

// patctl with a systemd that knows one unit.
class UnknownUnitTest : public testing::Test {
  protected:
    UnknownUnitTest() { setenv("DBUS_SYSTEM_BUS_ADDRESS", bus_.address().c_str(), 1); }
    ~UnknownUnitTest() override { unsetenv("DBUS_SYSTEM_BUS_ADDRESS"); }

    Ran edit(const Texts& more) {
        Patctl patctl({.prompts = {{"secret", "Password: "}}});
        const Scratch password("swordfish\n");
        Texts arguments{"edit", kSomeId, "--password-fd", std::to_string(password.fd())};
        arguments.insert(arguments.end(), more.begin(), more.end());
        Ran ran = patctl.run(arguments);
        sent_ = patctl.service.call_of("Update").options;
        return ran;
    }

    PrivateBus bus_;
    client::Dictionary sent_;
};

TEST_F(UnknownUnitTest, IsWarnedOfAndTaken) {
    const FakeSystemd systemd(bus_.address(),
                              {{"known.service", "loaded", "", "active", "running", "", 0, 0},
                               {"typo.service", "not-found", "", "inactive", "dead", "", 0, 0}});
    const Ran known = edit({"--only-unit", "known.service"});
    EXPECT_EQ(known.code, ExitCode::Success) << known.err;
    EXPECT_EQ(known.err, "");
    const Ran unknown = edit({"--only-unit", "known.service", "--only-unit", "typo.service"});
    EXPECT_EQ(unknown.code, ExitCode::Success);
    EXPECT_NE(unknown.err.find("systemd knows no unit typo.service"), std::string::npos);
    EXPECT_EQ(unknown.err.find("known.service"), std::string::npos);
    EXPECT_EQ(sent_.texts("only-units"), (Texts{"known.service", "typo.service"}));
}

TEST_F(UnknownUnitTest, IsNotAskedForWhereSystemdIsNotThere) {
    const Ran ran = edit({"--only-unit", "typo.service"});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(ran.err, "");
}

TEST_F(UnknownUnitTest, MalformedOnesAreRefusedAtOnce) {
    for (const char* bad : {"backup", "a.timer", "job@.service", "a b.service"}) {
        const Ran ran = edit({"--only-unit", bad});
        EXPECT_EQ(ran.code, ExitCode::Usage) << bad;
        EXPECT_TRUE(ran.err.starts_with("patctl: " + std::string(bad) + ": name ")) << ran.err;
    }
}

TEST_F(UnknownUnitTest, AnyUnitTakesTheRulesAway) {
    EXPECT_EQ(edit({"--any-unit"}).code, ExitCode::Success);
    EXPECT_TRUE(sent_.has("only-units"));
    EXPECT_TRUE(sent_.texts("only-units").empty());
    EXPECT_EQ(edit({"--any-unit", "--only-unit", "a.service"}).code, ExitCode::Usage);
}

}  // namespace
}  // namespace patd::cli
