// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/io/exit_code.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

TEST(ExitCode, IsWhatTheManualSays) {
    EXPECT_EQ(exit_code_of(Errc::NotFound), ExitCode::NotFound);
    EXPECT_EQ(exit_code_of(Errc::WrongPassword), ExitCode::Refused);
    EXPECT_EQ(exit_code_of(Errc::Throttled), ExitCode::Refused);
    EXPECT_EQ(exit_code_of(Errc::AccessDenied), ExitCode::Refused);
    EXPECT_EQ(exit_code_of(Errc::InvalidTarget), ExitCode::Usage);
    EXPECT_EQ(exit_code_of(Errc::Cancelled), ExitCode::CannotAsk);
    EXPECT_EQ(exit_code_of(Errc::Unavailable), ExitCode::Unreachable);
    EXPECT_EQ(exit_code_of(Errc::InsecurePeer), ExitCode::Unreachable);
    EXPECT_EQ(exit_code_of(Errc::Internal), ExitCode::Failure);
}

TEST(ExitCode, IsNeverSuccessForAnError) {
    for (int code = 0; code <= static_cast<int>(Errc::WrongPassword); ++code)
        EXPECT_NE(exit_code_of(static_cast<Errc>(code)), ExitCode::Success) << code;
}

}  // namespace
}  // namespace patd::cli
