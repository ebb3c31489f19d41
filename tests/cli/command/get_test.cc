// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/script_fixture.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

const Texts kGet = {"get", "-t", "https://git.example"};

Ran run(const ScriptedRelease& release, const Texts& arguments) {
    Patctl patctl;
    patctl.line_socket = release.path();
    return patctl.run(arguments);
}

TEST(Get, PrintsTheSecretIntoAPipeAsOneLine) {
    const ScriptedRelease release;
    const Ran ran = run(release, kGet);
    EXPECT_EQ(ran.code, ExitCode::Success);
    EXPECT_EQ(ran.out, "patc1_the-secret\n");
    EXPECT_EQ(ran.err, "");
}

// Row C10.
TEST(Get, AsksForNothingWhenTheSecretWouldStandOnTheScreen) {
    const ScriptedRelease release;
    Person person({});
    Patctl patctl;
    patctl.line_socket = release.path();
    patctl.person = &person;
    patctl.output_is_terminal = true;
    const Ran ran = patctl.run(kGet);
    EXPECT_EQ(ran.code, ExitCode::CannotAsk);
    EXPECT_NE(ran.err.find("--show"), std::string::npos);
    EXPECT_TRUE(release.requests().empty());
    EXPECT_EQ(person.leave(), "");
}

TEST(Get, ShowsItOnATerminalWhenToldTo) {
    const ScriptedRelease release;
    Person person({});
    Patctl patctl;
    patctl.line_socket = release.path();
    patctl.person = &person;
    patctl.output_is_terminal = true;
    EXPECT_EQ(patctl.run({"get", "-t", "https://git.example", "--show"}).code, ExitCode::Success);
    EXPECT_EQ(person.leave(), "patc1_the-secret\r\n");
}

TEST(Get, WritesItToTheNamedDescriptor) {
    const ScriptedRelease release;
    const Scratch out;
    const Ran ran =
        run(release, {"get", "-t", "https://git.example", "--output-fd", std::to_string(out.fd())});
    EXPECT_EQ(ran.code, ExitCode::Success);
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(out.content(), "patc1_the-secret\n");
}

TEST(Get, KeepsTheSecretOutOfJson) {
    const ScriptedRelease release;
    const Ran ran = run(release, {"--json", "get", "-t", "https://git.example"});
    EXPECT_EQ(ran.out, "patc1_the-secret\n");
    const ScriptedRelease none("error=Locked\ntext=t\n\n");
    const Ran refused = run(none, {"--json", "get", "-t", "https://git.example"});
    EXPECT_TRUE(refused.err.starts_with("{\"error\":\"Locked\"")) << refused.err;
    EXPECT_EQ(refused.out, "");
}

}  // namespace
}  // namespace patd::cli
