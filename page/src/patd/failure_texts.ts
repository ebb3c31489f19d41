// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Errors in the page's own words: patd's name a command where the page has a button.
import { _ } from "../text";

export const OWN_WORDS: Record<string, () => string> = {
    AccessDenied: () => _("You may not do this. System accounts cannot own tokens."),
    BadFile: () => _("This file cannot be read, or holds no tokens."),
    Busy: () => _("Another of your password prompts is open. Finish or cancel it first."),
    Cancelled: () => _("Cancelled. Nothing was changed."),
    InvalidDescription: () =>
        _("Give a description of 1 to 64 bytes, without control characters."),
    InvalidExpiry: () => _("Give a time in the future, within the longest lifetime allowed here."),
    InvalidPassword: () => _("Give a password of 8 to 511 bytes without control characters."),
    InvalidPermission: () => _("Choose 1 to 64 permissions."),
    InvalidRule: () => _("Give at most 16 system units such as backup.service, and no templates."),
    InvalidSecret: () => _("Give a secret of 1 to 4096 bytes without control characters."),
    InvalidTarget: () => _("Give a place like https://host:port/path, without password or query."),
    InvalidUsername: () => _("Give a user name of 1 to 256 bytes without control characters."),
    LimitExceeded: () =>
        _("A limit is reached. Delete tokens that you do not need, or wait a minute."),
    Locked: () => _("Your tokens are locked. Unlock them first."),
    MalformedRequest: () => _("patd cannot use this. Look at what was typed."),
    NoLoginPassword: () => _("You have no login password. Ask an administrator to set your first " +
        "service password."),
    NoServicePassword: () => _("You have no service password yet."),
    NotFound: () => _("There is no such token any more."),
    OperationGone: () => _("This took too long and was given up. Nothing was changed."),
    PasswordNotAccepted: () =>
        _("The new password was not accepted: both entries must match and follow the rules."),
    Throttled: () => _("Too many wrong passwords."),
    TokenAsUsername: () => _("This user name is a token. Lists would show it, so it was refused."),
    Unavailable: () => _("A part of patd is not running."),
    UnknownPermission: () => _("This machine's catalogue does not have one of the permissions."),
    WrongPassword: () => _("The password was wrong. Nothing was changed."),
    // the page's own
    BadLines: () => _("Some lines cannot be imported. Leave them out below to see which."),
    NotInstalled: () => _("patd is not installed on this machine, or cannot be started."),
    NotRunning: () => _("The service patd is not running, and cannot be started."),
    OtherVersion: () => _("The command patctl of this machine is too old for this page."),
    Ended: () => _("The operation ended before it was done. Nothing was changed."),
    Unknown: () => _("patd did not answer. The list shows whether it was done."),
    Failed: () => _("patd does not answer as expected."),
};
