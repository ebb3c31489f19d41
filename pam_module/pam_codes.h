// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/errc.h"

namespace patd::pam {

// What pam_sm_authenticate returns for a failure: one of PAM_AUTH_ERR, PAM_USER_UNKNOWN,
// PAM_AUTHINFO_UNAVAIL, PAM_MAXTRIES, PAM_CONV_ERR, and PAM_SERVICE_ERR for a bad configuration.
// Never PAM_SUCCESS, and never PAM_IGNORE: a stack would skip the module (CVE-2025-23013).
int authenticate_code(Errc code);

// The same for pam_sm_acct_mgmt: PAM_PERM_DENIED, PAM_USER_UNKNOWN, PAM_SERVICE_ERR.
int account_code(Errc code);

// The same for pam_sm_chauthtok: PAM_AUTH_ERR for a wrong old password, PAM_AUTHTOK_ERR, ...
int change_code(Errc code);

}  // namespace patd::pam
