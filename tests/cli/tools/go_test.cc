// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/tools/tool_home.h"

namespace patd::cli::tools {
namespace {

constexpr char kGoEnv[] = ".config/go/env";
const std::vector<std::string> kGoSetup = {"setup", "go"};

class GoSetup : public ToolHome {};

TEST_F(GoSetup, MakesAFileInWhichGosOwnStaysBehindPatd) {
    const std::string written = make(kGoEnv, {}, kGoSetup);
    EXPECT_TRUE(written.starts_with("GOAUTH=/")) << written;
    EXPECT_TRUE(written.ends_with("/pat-go; netrc\n")) << written;
}

TEST_F(GoSetup, ComesBeforeWhatIsThere) {
    EXPECT_NE(set_up(kGoEnv, "# mine\nGOPROXY=direct\nGOAUTH=git /home/x; netrc\nGOFLAGS=-x", {},
                     kGoSetup)
                  .find("/pat-go;git /home/x; netrc\nGOFLAGS=-x"),
              std::string::npos);
    set_up(kGoEnv, "GOAUTH=netrc\r\n", {}, kGoSetup);
    set_up(kGoEnv, "GOPROXY=direct", {}, kGoSetup);
}

TEST_F(GoSetup, RefusesWhatGoWouldNotRead) {
    refuse(kGoEnv, "GOAUTH=off\n", "go env -u GOAUTH", kGoSetup);
    setenv("GOENV", "off", 1);
    refuse(kGoEnv, "GOAUTH=netrc\n", "GOENV is off", kGoSetup);
    setenv("GOENV", (home_ / "elsewhere").c_str(), 1);
    EXPECT_EQ(patctl({}, kGoSetup).code, ExitCode::Success);
    EXPECT_TRUE(exists("elsewhere"));
}

}  // namespace
}  // namespace patd::cli::tools
