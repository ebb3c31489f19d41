// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/support.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

TEST(Help, IsThatOfTheCommandThatIsNamed) {
    EXPECT_EQ(Patctl().run({"help"}).out, Patctl().run({"--help"}).out);
    EXPECT_EQ(Patctl().run({"help", "create"}).out, Patctl().run({"create", "--help"}).out);
    EXPECT_EQ(Patctl().run({"help", "admin", "backup"}).out,
              Patctl().run({"admin", "backup", "--help"}).out);
    EXPECT_EQ(Patctl().run({"help", "rm"}).out, Patctl().run({"delete", "--help"}).out);
}

TEST(Help, OfNoCommandIsAWrongCommandLine) {
    const Ran ran = Patctl().run({"help", "frob"});
    EXPECT_EQ(ran.code, ExitCode::Usage);
    EXPECT_EQ(ran.err, "patctl: there is no command frob; 'patctl --help' lists all\n");
}

}  // namespace
}  // namespace patd::cli
