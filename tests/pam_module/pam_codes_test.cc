// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "pam_module/pam_codes.h"

#include <gtest/gtest.h>
#include <security/_pam_types.h>

#include <array>
#include <set>
#include <string_view>

namespace patd::pam {
namespace {

// Administrators' stacks rely on these. A future reason need not be added here.
struct Pinned {
    std::string_view error;
    int authenticate;
    int account;
    int change;
};
constexpr std::array kPinned = {
    Pinned{"AccessDenied", PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTH_ERR},
    Pinned{"Ambiguous", PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTH_ERR},
    Pinned{"BadListener", PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTH_ERR},
    Pinned{"BadSink", PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTH_ERR},
    Pinned{"Busy", PAM_AUTHINFO_UNAVAIL, PAM_PERM_DENIED, PAM_AUTHTOK_ERR},
    Pinned{"Cancelled", PAM_CONV_ERR, PAM_PERM_DENIED, PAM_AUTHTOK_ERR},
    Pinned{"Changing", PAM_AUTHINFO_UNAVAIL, PAM_PERM_DENIED, PAM_AUTHTOK_ERR},
    Pinned{"ClockUnknown", PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTH_ERR},
    Pinned{"ConfirmRequired", PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTH_ERR},
    Pinned{"Corrupt", PAM_AUTHINFO_UNAVAIL, PAM_PERM_DENIED, PAM_AUTHTOK_ERR},
    Pinned{"Expired", PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTH_ERR},
    Pinned{"ForeignBackup", PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTH_ERR},
    Pinned{"InsecurePeer", PAM_AUTHINFO_UNAVAIL, PAM_PERM_DENIED, PAM_AUTHTOK_ERR},
    Pinned{"Internal", PAM_AUTHINFO_UNAVAIL, PAM_PERM_DENIED, PAM_AUTHTOK_ERR},
    Pinned{"InvalidBackup", PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTH_ERR},
    Pinned{"InvalidDescription", PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTH_ERR},
    Pinned{"InvalidExpiry", PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTH_ERR},
    Pinned{"InvalidKey", PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTH_ERR},
    Pinned{"InvalidLifetime", PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTH_ERR},
    Pinned{"InvalidPassword", PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTH_ERR},
    Pinned{"InvalidPermission", PAM_SERVICE_ERR, PAM_SERVICE_ERR, PAM_SERVICE_ERR},
    Pinned{"InvalidRule", PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTH_ERR},
    Pinned{"InvalidSecret", PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTH_ERR},
    Pinned{"InvalidTarget", PAM_SERVICE_ERR, PAM_SERVICE_ERR, PAM_SERVICE_ERR},
    Pinned{"InvalidUsername", PAM_USER_UNKNOWN, PAM_USER_UNKNOWN, PAM_USER_UNKNOWN},
    Pinned{"KeyLost", PAM_AUTHINFO_UNAVAIL, PAM_PERM_DENIED, PAM_AUTHTOK_ERR},
    Pinned{"KeyringAsks", PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTH_ERR},
    Pinned{"KeyringFailed", PAM_AUTHINFO_UNAVAIL, PAM_PERM_DENIED, PAM_AUTHTOK_ERR},
    Pinned{"KeyringUnencrypted", PAM_AUTHINFO_UNAVAIL, PAM_PERM_DENIED, PAM_AUTHTOK_ERR},
    Pinned{"LimitExceeded", PAM_AUTHINFO_UNAVAIL, PAM_PERM_DENIED, PAM_AUTHTOK_ERR},
    Pinned{"Locked", PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTH_ERR},
    Pinned{"MalformedRequest", PAM_AUTHINFO_UNAVAIL, PAM_PERM_DENIED, PAM_AUTHTOK_ERR},
    Pinned{"NoDefaultKeyring", PAM_AUTHINFO_UNAVAIL, PAM_PERM_DENIED, PAM_AUTHTOK_ERR},
    Pinned{"NoKeyring", PAM_AUTHINFO_UNAVAIL, PAM_PERM_DENIED, PAM_AUTHTOK_ERR},
    Pinned{"NoServicePassword", PAM_USER_UNKNOWN, PAM_USER_UNKNOWN, PAM_USER_UNKNOWN},
    Pinned{"NotFound", PAM_USER_UNKNOWN, PAM_USER_UNKNOWN, PAM_USER_UNKNOWN},
    Pinned{"OperationGone", PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTH_ERR},
    Pinned{"OutOfOrder", PAM_AUTHINFO_UNAVAIL, PAM_PERM_DENIED, PAM_AUTHTOK_ERR},
    Pinned{"PasswordNotAccepted", PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTHTOK_ERR},
    Pinned{"Rejected", PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTH_ERR},
    Pinned{"RuleDenied", PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTH_ERR},
    Pinned{"SecretLost", PAM_AUTHINFO_UNAVAIL, PAM_PERM_DENIED, PAM_AUTHTOK_ERR},
    Pinned{"ServerRefused", PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTH_ERR},
    Pinned{"StoreLocked", PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTH_ERR},
    Pinned{"Throttled", PAM_MAXTRIES, PAM_PERM_DENIED, PAM_AUTHTOK_ERR},
    Pinned{"TokenAsUsername", PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTH_ERR},
    Pinned{"Unavailable", PAM_AUTHINFO_UNAVAIL, PAM_PERM_DENIED, PAM_AUTHTOK_ERR},
    Pinned{"UnknownOption", PAM_SERVICE_ERR, PAM_SERVICE_ERR, PAM_SERVICE_ERR},
    Pinned{"UnknownPermission", PAM_SERVICE_ERR, PAM_SERVICE_ERR, PAM_SERVICE_ERR},
    Pinned{"WrongPassword", PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTH_ERR},
};

TEST(PamCodes, OfEachReasonStayWhatTheyWere) {
    for (const Pinned& row : kPinned) {
        const std::optional<Errc> code = errc_from_name(row.error);
        ASSERT_TRUE(code.has_value()) << row.error;
        EXPECT_EQ(authenticate_code(*code), row.authenticate) << row.error;
        EXPECT_EQ(account_code(*code), row.account) << row.error;
        EXPECT_EQ(change_code(*code), row.change) << row.error;
    }
}

// Row P1.
TEST(PamCodes, GiveOnlyTheCodesThatAnAuthenticationMayReturn) {
    const std::set<int> allowed = {PAM_AUTH_ERR, PAM_USER_UNKNOWN, PAM_AUTHINFO_UNAVAIL,
                                   PAM_MAXTRIES, PAM_CONV_ERR,     PAM_SERVICE_ERR};
    for (const Errc code : kEveryErrc)
        EXPECT_TRUE(allowed.contains(authenticate_code(code))) << errc_name(code);
}

TEST(PamCodes, GiveOnlyTheCodesThatAnAccountCheckMayReturn) {
    const std::set<int> allowed = {PAM_PERM_DENIED, PAM_USER_UNKNOWN, PAM_SERVICE_ERR};
    for (const Errc code : kEveryErrc)
        EXPECT_TRUE(allowed.contains(account_code(code))) << errc_name(code);
}

TEST(PamCodes, GiveOnlyTheCodesThatAPasswordChangeMayReturn) {
    const std::set<int> allowed = {PAM_AUTH_ERR, PAM_USER_UNKNOWN, PAM_SERVICE_ERR,
                                   PAM_AUTHTOK_ERR};
    for (const Errc code : kEveryErrc)
        EXPECT_TRUE(allowed.contains(change_code(code))) << errc_name(code);
}

TEST(PamCodes, TellTheReasonsApart) {
    EXPECT_EQ(authenticate_code(Errc::WrongPassword), PAM_AUTH_ERR);
    EXPECT_EQ(authenticate_code(Errc::Throttled), PAM_MAXTRIES);
    EXPECT_EQ(authenticate_code(Errc::Unavailable), PAM_AUTHINFO_UNAVAIL);
    EXPECT_EQ(authenticate_code(Errc::NoServicePassword), PAM_USER_UNKNOWN);
    EXPECT_EQ(authenticate_code(Errc::UnknownOption), PAM_SERVICE_ERR);
    EXPECT_EQ(change_code(Errc::PasswordNotAccepted), PAM_AUTHTOK_ERR);
}

}  // namespace
}  // namespace patd::pam
