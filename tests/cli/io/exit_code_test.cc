// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/io/exit_code.h"

#include <gtest/gtest.h>

#include <array>
#include <string_view>

namespace patd::cli {
namespace {

// What scripts of users rely on. A reason of the future need not be added here.
struct Pinned {
    std::string_view error;
    int status;
};
constexpr std::array kPinned = {
    Pinned{"AccessDenied", 4},
    Pinned{"Ambiguous", 1},
    Pinned{"BadFile", 1},
    Pinned{"BadListener", 1},
    Pinned{"BadSink", 1},
    Pinned{"Busy", 1},
    Pinned{"Cancelled", 5},
    Pinned{"Changing", 1},
    Pinned{"ClockUnknown", 4},
    Pinned{"ConfirmRequired", 4},
    Pinned{"Corrupt", 1},
    Pinned{"Expired", 4},
    Pinned{"ForeignBackup", 1},
    Pinned{"InsecurePeer", 6},
    Pinned{"Internal", 1},
    Pinned{"InvalidBackup", 1},
    Pinned{"InvalidDescription", 2},
    Pinned{"InvalidExpiry", 2},
    Pinned{"InvalidKey", 2},
    Pinned{"InvalidLifetime", 2},
    Pinned{"InvalidPassword", 4},
    Pinned{"InvalidPermission", 2},
    Pinned{"InvalidRule", 2},
    Pinned{"InvalidSecret", 2},
    Pinned{"InvalidTarget", 2},
    Pinned{"InvalidUsername", 2},
    Pinned{"KeyLost", 1},
    Pinned{"KeyringAsks", 4},
    Pinned{"KeyringFailed", 6},
    Pinned{"KeyringUnencrypted", 6},
    Pinned{"LimitExceeded", 1},
    Pinned{"Locked", 4},
    Pinned{"MalformedRequest", 2},
    Pinned{"NoDefaultKeyring", 6},
    Pinned{"NoKeyring", 6},
    Pinned{"NoLoginPassword", 4},
    Pinned{"NoServicePassword", 4},
    Pinned{"NotFound", 3},
    Pinned{"OperationGone", 1},
    Pinned{"OutOfOrder", 1},
    Pinned{"PasswordNotAccepted", 4},
    Pinned{"Rejected", 4},
    Pinned{"RuleDenied", 4},
    Pinned{"SecretLost", 1},
    Pinned{"ServerRefused", 4},
    Pinned{"StoreLocked", 4},
    Pinned{"Throttled", 4},
    Pinned{"TokenAsUsername", 2},
    Pinned{"Unavailable", 6},
    Pinned{"UnknownOption", 2},
    Pinned{"UnknownPermission", 2},
    Pinned{"WrongPassword", 4},
};

TEST(ExitCode, OfEachReasonStaysWhatItWas) {
    for (const Pinned& row : kPinned) {
        const std::optional<Errc> code = errc_from_name(row.error);
        ASSERT_TRUE(code.has_value()) << row.error;
        EXPECT_EQ(static_cast<int>(exit_code_of(*code)), row.status) << row.error;
    }
}

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
    for (const Errc code : kEveryErrc)
        EXPECT_NE(exit_code_of(code), ExitCode::Success) << errc_name(code);
}

}  // namespace
}  // namespace patd::cli
