// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/tools/tool_home.h"

namespace patd::cli::tools {
namespace {

class BazelSetup : public ToolHome {};

TEST_F(BazelSetup, AddsALineForEachHost) {
    const std::vector<std::string> setup = {"setup", "bazel"};
    const std::vector<std::string> places = {"https://cache.example", "https://b.example:8443"};
    EXPECT_NE(set_up(".bazelrc", "# mine\nbuild --jobs 2\n", places, setup)
                  .find("jobs 2\ncommon --credential_helper=b.example"),
              std::string::npos);
    set_up(".bazelrc", "build --jobs 2\r\ntry-import x", places, setup);
    std::filesystem::remove(home_ / ".bazelrc");
    make(".bazelrc", places, setup);
}

}  // namespace
}  // namespace patd::cli::tools
