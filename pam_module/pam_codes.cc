// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "pam_module/pam_codes.h"

#include <security/_pam_types.h>

namespace patd::pam {

int authenticate_code(Errc code) {
    switch (code) {
        case Errc::InvalidUsername:
        case Errc::NoServicePassword:
        case Errc::NotFound:
            return PAM_USER_UNKNOWN;
        case Errc::InvalidPermission:
        case Errc::InvalidTarget:
        case Errc::UnknownOption:
        case Errc::UnknownPermission:
            return PAM_SERVICE_ERR;
        case Errc::Busy:
        case Errc::Corrupt:
        case Errc::InsecurePeer:
        case Errc::Internal:
        case Errc::KeyLost:
        case Errc::KeyringFailed:
        case Errc::KeyringUnencrypted:
        case Errc::LimitExceeded:
        case Errc::MalformedRequest:
        case Errc::NoDefaultKeyring:
        case Errc::NoKeyring:
        case Errc::OutOfOrder:
        case Errc::SecretLost:
        case Errc::Unavailable:
            return PAM_AUTHINFO_UNAVAIL;
        case Errc::Throttled:
            return PAM_MAXTRIES;
        case Errc::Cancelled:
            return PAM_CONV_ERR;
        case Errc::AccessDenied:
        case Errc::Ambiguous:
        case Errc::BadListener:
        case Errc::BadSink:
        case Errc::ClockUnknown:
        case Errc::ConfirmRequired:
        case Errc::Expired:
        case Errc::InvalidBackup:
        case Errc::InvalidDescription:
        case Errc::InvalidExpiry:
        case Errc::InvalidKey:
        case Errc::InvalidLifetime:
        case Errc::InvalidPassword:
        case Errc::InvalidRule:
        case Errc::InvalidSecret:
        case Errc::KeyringAsks:
        case Errc::Locked:
        case Errc::OperationGone:
        case Errc::PasswordNotAccepted:
        case Errc::Rejected:
        case Errc::RuleDenied:
        case Errc::ServerRefused:
        case Errc::StoreLocked:
        case Errc::TokenAsUsername:
        case Errc::WrongPassword:
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
