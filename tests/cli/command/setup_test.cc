// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/git_home.h"
#include "tests/cli/support.h"

namespace patd::cli {
namespace {

class SetupCommand : public GitHome {};

TEST_F(SetupCommand, TakesBackOrKeepsButNotBothAndNotOfOnePlace) {
    for (const char* other : {"--keep", "https://git.example"})
        EXPECT_EQ(Patctl().run({"setup", "git", "--undo", other}).code, ExitCode::Usage);
    EXPECT_EQ(Patctl().run({"setup", "git", "--keep", "https://git.example"}).code,
              ExitCode::Usage);
    EXPECT_EQ(Patctl().run({"setup"}).code, ExitCode::Usage);
}

}  // namespace
}  // namespace patd::cli
