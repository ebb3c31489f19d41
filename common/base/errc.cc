// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/errc.h"

#include <array>

namespace patd {
namespace {

struct Row {
    Errc code;
    std::string_view name;
    std::string_view message;
};

constexpr std::array kRows = {
    Row{Errc::AccessDenied, "AccessDenied",
        "You may not do this; system accounts and sandboxed users cannot own tokens."},
    Row{Errc::Ambiguous, "Ambiguous",
        "Two tokens fit equally well; say which with https://USER@HOST/... or with git's "
        "credential.URL.username; 'patctl explain URL' shows both."},
    Row{Errc::BadListener, "BadListener",
        "The descriptor must be a UNIX stream socket that you bound to an absolute path and listen "
        "on yourself."},
    Row{Errc::BadSink, "BadSink",
        "The descriptor must be one end of a UNIX stream socketpair that you made yourself."},
    Row{Errc::Busy, "Busy", "Another password prompt of yours is open; finish or cancel it first."},
    Row{Errc::Cancelled, "Cancelled", "The operation was cancelled; nothing was changed."},
    Row{Errc::ClockUnknown, "ClockUnknown",
        "The clock is wrong: it stands before a time that has been; 'sudo patctl doctor' says "
        "more."},
    Row{Errc::ConfirmRequired, "ConfirmRequired",
        "This token is released only after confirmation; run 'patctl unlock ID --for 5m'."},
    Row{Errc::Corrupt, "Corrupt",
        "A record does not match its authentication tag; restore the store from a backup."},
    Row{Errc::Expired, "Expired",
        "The token has expired; run 'patctl edit ID --expires DATE' or 'patctl regenerate ID'."},
    Row{Errc::InsecurePeer, "InsecurePeer",
        "The process at the other end does not run as the expected user; nothing was sent."},
    Row{Errc::Internal, "Internal", "patd failed; see 'journalctl -u patd'."},
    Row{Errc::InvalidBackup, "InvalidBackup",
        "This is no backup, a damaged one, or one of another master key; try an older one."},
    Row{Errc::InvalidDescription, "InvalidDescription",
        "Give a description of 1 to 64 bytes of UTF-8 text without control characters."},
    Row{Errc::InvalidExpiry, "InvalidExpiry",
        "Give an expiry in the future, within the longest lifetime that 'patctl status' shows."},
    Row{Errc::InvalidKey, "InvalidKey",
        "The recovery key is incomplete or mistyped; compare it letter by letter."},
    Row{Errc::InvalidLifetime, "InvalidLifetime",
        "Ask for a lifetime of 1 s or more, up to ChildTokenLifetimeMax= of patd.conf(5)."},
    Row{Errc::InvalidPassword, "InvalidPassword",
        "Give a password of 8 to 511 bytes without control characters."},
    Row{Errc::InvalidPermission, "InvalidPermission",
        "Give 1 to 64 permissions of the form area:object:ro or area:object:rw."},
    Row{Errc::InvalidRule, "InvalidRule",
        "Give at most 16 system units like backup.service or job@1.service; no templates."},
    Row{Errc::InvalidSecret, "InvalidSecret",
        "Give a token secret of 1 to 4096 bytes without control characters."},
    Row{Errc::InvalidTarget, "InvalidTarget",
        "Give a place like https://host:port/path: letters outside ASCII in the host as xn--..., "
        "no password, no wildcard, no query."},
    Row{Errc::InvalidUsername, "InvalidUsername",
        "Give a user name of 1 to 256 bytes without control characters."},
    Row{Errc::KeyLost, "KeyLost",
        "Your keyring does not hold the key of your tokens; bring that keyring back, or move "
        "~/.local/state/patd away and begin anew."},
    Row{Errc::KeyringAsks, "KeyringAsks",
        "Your keyring asks before it shows or takes what patd keeps there; allow patd-user and try "
        "again."},
    Row{Errc::KeyringFailed, "KeyringFailed",
        "Your keyring does not answer as it must; log in again, or see 'journalctl --user -u "
        "patd'."},
    Row{Errc::KeyringUnencrypted, "KeyringUnencrypted",
        "Your keyring offers no encrypted session; KWallet needs libqca-qt5-2-plugins or "
        "libqca-qt6-plugins: install them and log in again."},
    Row{Errc::LimitExceeded, "LimitExceeded",
        "A limit is reached; ask for less at once, delete unused tokens, finish open operations, "
        "or "
        "wait a minute."},
    Row{Errc::Locked, "Locked", "Your tokens are locked; run 'patctl unlock'."},
    Row{Errc::MalformedRequest, "MalformedRequest",
        "The request breaks the credential format (gitcredentials(7)) and was refused whole."},
    Row{Errc::NoDefaultKeyring, "NoDefaultKeyring",
        "Your keyring has no default collection; make a keyring or a wallet, or open a database "
        "that exposes a group, and try again."},
    Row{Errc::NoKeyring, "NoKeyring",
        "No keyring runs in this session, and patd starts none; start yours (gnome-keyring, "
        "KWallet or KeePassXC) and try again."},
    Row{Errc::NoServicePassword, "NoServicePassword",
        "You have no service password yet; run 'patctl passwd' first."},
    Row{Errc::NotFound, "NotFound", "You have no such token; see 'patctl list'."},
    Row{Errc::OperationGone, "OperationGone",
        "The operation is over: it was finished, cancelled or idle for 60 s; start it again."},
    Row{Errc::OutOfOrder, "OutOfOrder",
        "The operation expects another call now: Next until done, then Commit, then Acknowledge."},
    Row{Errc::PasswordNotAccepted, "PasswordNotAccepted",
        "The new password was not accepted: the two entries must match and follow the rules."},
    Row{Errc::Rejected, "Rejected",
        "The server refused this token; run 'patctl edit ID --reinstate' or import a new one."},
    Row{Errc::RuleDenied, "RuleDenied",
        "This token is released to processes of other units only; see 'patctl explain URL'."},
    Row{Errc::SecretLost, "SecretLost",
        "Your keyring has lost the secret of this token; give it one with 'patctl --session "
        "regenerate ID', or bring that keyring back."},
    Row{Errc::ServerRefused, "ServerRefused",
        "The server refused a valid token; compare what it asks for with 'patctl show ID'."},
    Row{Errc::StoreLocked, "StoreLocked",
        "Your keyring is locked; unlock it (log in, or use your desktop's password manager) and "
        "try again."},
    Row{Errc::Throttled, "Throttled", "Too many wrong passwords; wait a few minutes."},
    Row{Errc::TokenAsUsername, "TokenAsUsername",
        "The user name is a token, which lists would show, so nothing was kept; take it out of the "
        "URL and keep it with 'patctl import'."},
    Row{Errc::Unavailable, "Unavailable",
        "A part of the service cannot be reached; 'patctl status', or 'patctl --session status', "
        "says more."},
    Row{Errc::UnknownOption, "UnknownOption",
        "An option is not known to this version; see org.patd.Tokens1(5)."},
    Row{Errc::UnknownPermission, "UnknownPermission",
        "The permission catalogue of this machine does not have this; see 'patctl permissions'."},
    Row{Errc::WrongPassword, "WrongPassword", "The password was wrong; nothing was changed."},
};

const Row& row_of(Errc code) {
    for (const Row& row : kRows) {
        if (row.code == code)
            return row;
    }
    return row_of(Errc::Internal);
}

}  // namespace

std::string_view errc_name(Errc code) {
    return row_of(code).name;
}

std::string_view errc_message(Errc code) {
    return row_of(code).message;
}

std::optional<Errc> errc_from_name(std::string_view name) {
    for (const Row& row : kRows) {
        if (row.name == name)
            return row.code;
    }
    return std::nullopt;
}

}  // namespace patd
