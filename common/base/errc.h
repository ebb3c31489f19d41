// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace patd {

// Every reason for which patd says no: closed, one per reason. Its name on D-Bus is
// `org.patd.Tokens1.Error.<name>`, on the line socket `error=<name>`.
enum class Errc : std::uint8_t {
    AccessDenied,        // the caller may not do this at all
    Ambiguous,           // two tokens fit a request equally well
    BadListener,         // a passed descriptor is not a listening socket of the caller's
    BadSink,             // a passed descriptor is not a stream socket of the caller's
    Busy,                // another conversation of this user is under way
    Cancelled,           // the user or the client gave the operation up
    ClockUnknown,        // the clock stands before a time that has been; what expires is refused
    ConfirmRequired,     // confirm=always, and the token was not opened for use
    Corrupt,             // a record or the store does not match its authentication tag
    Expired,             // the token's time is over
    InsecurePeer,        // the process at the other end is not the one that it must be
    Internal,            // a bug, or a failure of the machine
    InvalidBackup,       // no backup, a damaged one, or one under another master key
    InvalidDescription,  // description over its limit, empty, or with control characters
    InvalidExpiry,       // an expiry in the past or beyond the limit
    InvalidKey,          // a recovery file that is incomplete or mistyped
    InvalidLifetime,     // a child's lifetime that is no number, 0, or beyond the limit
    InvalidPassword,     // a service password that is empty, too long, or holds a control character
    InvalidPermission,   // not of the form area[:object[:ro|rw]], none, or too many
    InvalidRule,         // a release rule that names no service or scope, or too many of them
    InvalidSecret,       // a token secret that is empty, too long, or holds a control character
    InvalidTarget,       // not protocol://host[:port][/path]; wildcard, userinfo, bad host
    InvalidUsername,     // an account name that cannot be used
    KeyLost,             // the keyring does not hold the key of this store (per-user mode)
    KeyringAsks,         // the keyring asks its user before it shows or takes an item
    KeyringFailed,       // the keyring does not answer, or breaks its protocol
    KeyringUnencrypted,  // the keyring offers no encrypted session
    LimitExceeded,       // a named limit (common/base/limits.h) is reached
    Locked,              // the owner's tokens are locked
    MalformedRequest,    // a request that breaks the format
    NoDefaultKeyring,    // a keyring runs, but none is the default
    NoKeyring,           // no keyring runs in the session
    NoServicePassword,   // the user has not set one yet
    NotFound,            // not there, or not the caller's: the same answer
    OperationGone,       // cancelled, over its time, used up, or never there
    OutOfOrder,          // a call that the operation does not expect now
    PasswordNotAccepted,  // a new service password that the rules refuse, or two entries that
                          // differ
    Rejected,             // the server refused this token's secret; it is no longer released
    RuleDenied,           // the caller's unit is not one that the token is released to
    SecretLost,           // the keyring does not hold the secret of a token (per-user mode)
    ServerRefused,        // the server refused a child that is alive: another one would not help
    StoreLocked,          // the keyring that holds the store is locked (per-user mode)
    Throttled,            // too many wrong passwords; wait
    TokenAsUsername,      // a secret stands where a user name is expected
    Unavailable,          // a part of the service cannot be reached
    UnknownOption,        // an option key that this version does not know
    UnknownPermission,    // a permission that the catalogue does not have
    WrongPassword,        // the password was wrong
};

// The stable name on every wire, for example "NotFound".
std::string_view errc_name(Errc code);

// A fixed sentence for people that names the mend. It never holds bytes of a peer.
std::string_view errc_message(Errc code);

// The inverse of errc_name; nothing for a name that this version does not know.
std::optional<Errc> errc_from_name(std::string_view name);

}  // namespace patd
