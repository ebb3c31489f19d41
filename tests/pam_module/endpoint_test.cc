// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "pam_module/endpoint.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace patd::pam {
namespace {

// Row A16.
TEST(Endpoint, IsFixedAndTakesNothingFromTheEnvironment) {
    setenv("PATD_TEST_SOCKET", "/tmp/evil", 1);
    setenv("PATD_SOCKET", "/tmp/evil", 1);
    EXPECT_EQ(line_endpoint().path, "/run/patd/socket");
    EXPECT_EQ(line_endpoint().deadline, std::chrono::seconds(5));
}

}  // namespace
}  // namespace patd::pam
