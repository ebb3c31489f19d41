// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/short_file.h"

#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <fstream>

namespace patd::auth {
namespace {

TEST(ShortFile, IsReadUpToItsLimitAndTellsWhatIsMissing) {
    const support::TemporaryDirectory directory;
    const std::string path = directory.file("id");
    EXPECT_EQ(read_short_file(path).error().code, Errc::NotFound);
    EXPECT_EQ(read_short_file(directory.path()).error().code, Errc::Unavailable);
    std::ofstream(path) << "one\n";
    EXPECT_EQ(read_short_file(path).value(), "one\n");
    std::ofstream(path) << std::string(65, 'x');
    EXPECT_EQ(read_short_file(path).value(), std::string(64, 'x'));
}

}  // namespace
}  // namespace patd::auth
