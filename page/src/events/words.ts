// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What an event is called. A name that this page does not know is shown as it is.
import type { AuditEvent } from "../patd/types";
import { _, format, plural, shown } from "../text";
import { isRefusal } from "./days";

const EVENTS: Record<string, () => string> = {
    create: () => _("Created"),
    import: () => _("Imported"),
    edit: () => _("Updated"),
    regenerate: () => _("Regenerated"),
    delete: () => _("Deleted"),
    "remove-all": () => _("All deleted"),
    lock: () => _("Locked"),
    unlock: () => _("Unlocked"),
    release: () => _("Release"),
    exchange: () => _("Sent by the gateway"),
    verify: () => _("Check"),
    store: () => _("Stored by git"),
    erase: () => _("Rejected by a server"),
    password: () => _("Service password set"),
    confirm: () => _("Opened"),
    expose: () => _("Exposed to a container"),
    cut: () => _("Exposure ended"),
    expiring: () => _("Expires soon"),
    quarantine: () => _("Quarantined"),
    reinstate: () => _("Released again"),
    backup: () => _("Backed up"),
    restore: () => _("Restored"),
    "rotate-key": () => _("Key changed"),
    "accept-clock": () => _("Clock confirmed"),
    "accept-rollback": () => _("Older store accepted"),
    alarm: () => _("Old secret used"),
};

// Why a release (an error's name) or a check (one word) was refused: what stands in the log.
const REASONS: Record<string, () => string> = {
    AccessDenied: () => _("not allowed"),
    Ambiguous: () => _("two tokens fit"),
    ClockUnknown: () => _("the clock is wrong"),
    ConfirmRequired: () => _("not opened for use"),
    Corrupt: () => _("damaged"),
    Expired: () => _("expired"),
    InvalidLifetime: () => _("lifetime not allowed"),
    LimitExceeded: () => _("too much at once"),
    Locked: () => _("locked"),
    NotFound: () => _("no token fits"),
    Rejected: () => _("a server refused it before"),
    RuleDenied: () => _("not for this unit"),
    SecretLost: () => _("the secret is lost"),
    ServerRefused: () => _("a server refused it"),
    SeveralParts: () => _("several tokens are needed"),
    StoreLocked: () => _("the store is locked"),
    Throttled: () => _("too many tries"),
    Unavailable: () => _("patd could not answer"),
    WrongPassword: () => _("wrong password"),
    audience: () => _("for another place"),
    dead: () => _("no longer valid"),
    expired: () => _("expired"),
    locked: () => _("locked"),
    malformed: () => _("not a token"),
    permission: () => _("lacks the permission"),
    unknown: () => _("unknown"),
    user: () => _("of another user"),
};

export const eventName = (event: string): string => EVENTS[event]?.() ?? shown(event);

// "RuleDenied" becomes "rule denied".
export const plainName = (name: string): string =>
    shown(name).replace(/([a-z])([A-Z])/g, "$1 $2").replace(/-/g, " ").toLowerCase();

const reasonText = (outcome: string): string => REASONS[outcome]?.() ?? plainName(outcome);

export function outcomeText(event: AuditEvent): string {
    const often = event.count > 1 ? ` (${plural("$0 time", "$0 times", event.count)})` : "";
    if (event.outcome === "begun")
        return _("not known") + often;
    if (!isRefusal(event))
        return _("done") + often;
    return (event.outcome === "many" ? _("refused many times")
        : `${_("refused")}: ${reasonText(event.outcome)}`) + often;
}

// What a release says of the child that it made; anything else as it is.
export function detailText(detail: string): string {
    const [, seconds, generation, permissions = ""] =
        /^child, (\d+)s, generation (\d+): (.*)$/.exec(detail) ?? [];
    return seconds === undefined ? shown(detail)
        : format(_("short-lived token for $0 s, generation $1: $2"), seconds, generation,
                 shown(permissions));
}
