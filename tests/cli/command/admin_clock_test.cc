// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/support.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace patd::cli {
namespace {

TEST(AdminClock, SaysToTheServiceThatTheClockIsRight) {
    Patctl patctl;
    const Ran ran = patctl.run({"admin", "accept-clock"});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(patctl.service.members(), std::vector<std::string>{"AcceptClock"});
    EXPECT_TRUE(ran.out.starts_with("From now on tokens expire by the clock: ")) << ran.out;
    EXPECT_EQ(nlohmann::json::parse(Patctl().run({"admin", "accept-clock", "--json"}).out),
              (nlohmann::json{{"accepted", "2027-01-15T08:00:00Z"}}));
}

TEST(AdminClock, IsRoots) {
    Patctl patctl(
        client::Script{.errors = {{"AcceptClock", "org.patd.Tokens1.Error.AccessDenied"}}});
    EXPECT_EQ(patctl.run({"admin", "accept-clock"}).code, ExitCode::Refused);
}

}  // namespace
}  // namespace patd::cli
