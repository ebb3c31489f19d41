// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "pam_module/pam_codes.h"

#include <security/_pam_types.h>

namespace patd::pam {

int authenticate_code(Errc code) {
    // Exceptions from what their kinds say.
    if (code == Errc::InvalidUsername || code == Errc::NoServicePassword)
        return PAM_USER_UNKNOWN;
    if (code == Errc::Throttled)
        return PAM_MAXTRIES;
    if (code == Errc::MalformedRequest)  // the module's own fault
        return PAM_AUTHINFO_UNAVAIL;
    switch (errc_kind(code)) {
        case ErrcKind::NotFound:
            return PAM_USER_UNKNOWN;
        case ErrcKind::Setting:
            return PAM_SERVICE_ERR;
        case ErrcKind::Failed:
        case ErrcKind::Unreachable:
            return PAM_AUTHINFO_UNAVAIL;
        case ErrcKind::Cancelled:
            return PAM_CONV_ERR;
        case ErrcKind::Refused:
        case ErrcKind::Unusable:
        case ErrcKind::Usage:
            return PAM_AUTH_ERR;
    }
    return PAM_AUTH_ERR;
}

int account_code(Errc code) {
    const int result = authenticate_code(code);
    return result == PAM_USER_UNKNOWN || result == PAM_SERVICE_ERR ? result : PAM_PERM_DENIED;
}

int change_code(Errc code) {
    const int result = authenticate_code(code);
    const bool password_refused = code == Errc::PasswordNotAccepted;
    if (!password_refused &&
        (result == PAM_AUTH_ERR || result == PAM_USER_UNKNOWN || result == PAM_SERVICE_ERR))
        return result;
    return PAM_AUTHTOK_ERR;
}

}  // namespace patd::pam
