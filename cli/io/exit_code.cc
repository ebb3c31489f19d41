// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/io/exit_code.h"

namespace patd::cli {

ExitCode exit_code_of(Errc code) {
    switch (code) {
        case Errc::InvalidDescription:
        case Errc::InvalidExpiry:
        case Errc::InvalidKey:
        case Errc::InvalidLifetime:
        case Errc::InvalidPermission:
        case Errc::InvalidRule:
        case Errc::InvalidSecret:
        case Errc::InvalidTarget:
        case Errc::InvalidUsername:
        case Errc::MalformedRequest:
        case Errc::TokenAsUsername:
        case Errc::UnknownOption:
        case Errc::UnknownPermission:
            return ExitCode::Usage;
        case Errc::NotFound:
            return ExitCode::NotFound;
        case Errc::AccessDenied:
        case Errc::ClockUnknown:
        case Errc::ConfirmRequired:
        case Errc::Expired:
        case Errc::InvalidPassword:
        case Errc::KeyringAsks:
        case Errc::Locked:
        case Errc::NoServicePassword:
        case Errc::PasswordNotAccepted:
        case Errc::Rejected:
        case Errc::RuleDenied:
        case Errc::ServerRefused:
        case Errc::StoreLocked:
        case Errc::Throttled:
        case Errc::WrongPassword:
            return ExitCode::Refused;
        case Errc::Cancelled:
            return ExitCode::CannotAsk;
        case Errc::InsecurePeer:
        case Errc::KeyringFailed:
        case Errc::KeyringUnencrypted:
        case Errc::NoDefaultKeyring:
        case Errc::NoKeyring:
        case Errc::Unavailable:
            return ExitCode::Unreachable;
        case Errc::Ambiguous:
        case Errc::BadListener:
        case Errc::BadSink:
        case Errc::Busy:
        case Errc::Corrupt:
        case Errc::InvalidBackup:
        case Errc::Internal:
        case Errc::KeyLost:
        case Errc::LimitExceeded:
        case Errc::OperationGone:
        case Errc::OutOfOrder:
        case Errc::SecretLost:
            return ExitCode::Failure;
    }
    return ExitCode::Failure;
}

}  // namespace patd::cli
