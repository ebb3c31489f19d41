// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "pam_module/pam_codes.h"

#include <gtest/gtest.h>
#include <security/_pam_types.h>

#include <set>

namespace patd::pam {
namespace {

std::vector<Errc> every_errc() {
    std::vector<Errc> all;
    for (int i = 0; i <= static_cast<int>(Errc::WrongPassword); ++i)
        all.push_back(static_cast<Errc>(i));
    return all;
}

// Row P1.
TEST(PamCodes, GiveOnlyTheCodesThatAnAuthenticationMayReturn) {
    const std::set<int> allowed = {PAM_AUTH_ERR, PAM_USER_UNKNOWN, PAM_AUTHINFO_UNAVAIL,
                                   PAM_MAXTRIES, PAM_CONV_ERR,     PAM_SERVICE_ERR};
    for (const Errc code : every_errc())
        EXPECT_TRUE(allowed.contains(authenticate_code(code))) << errc_name(code);
}

TEST(PamCodes, GiveOnlyTheCodesThatAnAccountCheckMayReturn) {
    const std::set<int> allowed = {PAM_PERM_DENIED, PAM_USER_UNKNOWN, PAM_SERVICE_ERR};
    for (const Errc code : every_errc())
        EXPECT_TRUE(allowed.contains(account_code(code))) << errc_name(code);
}

TEST(PamCodes, GiveOnlyTheCodesThatAPasswordChangeMayReturn) {
    const std::set<int> allowed = {PAM_AUTH_ERR, PAM_USER_UNKNOWN, PAM_SERVICE_ERR,
                                   PAM_AUTHTOK_ERR};
    for (const Errc code : every_errc())
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
