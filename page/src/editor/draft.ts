// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What stands in the form, and as which arguments of patctl-converse(7) it is sent. What is wrong
// with it, the service says.
import type { Token } from "../patd/types";
import { type Area, type Grants, parseGrants, permissionList } from "./permissions";

const LENGTHS = ["1h", "12h", "1d", "7d", "30d", "90d"] as const;

export type Expiry = typeof LENGTHS[number] | "date" | "never";

export interface Draft {
    description: string;
    grants: Grants;
    targets: string[];
    expiry: Expiry;
    date: string; // yyyy-mm-dd
    units: string; // with blanks or commas between them
    confirm: boolean;
    insecure: boolean; // http:// is meant
    username: string; // of an imported token
}

const SECONDS = { h: 3600, d: 86400 };
const OFFERED = 3; // lengths, the longest

const lengthsFor = (longest: number): Expiry[] => LENGTHS.filter((length) =>
    longest === 0 || parseInt(length, 10) * SECONDS[length.slice(-1) as "h" | "d"] <= longest)
    .slice(-OFFERED);

export function emptyDraft(longest: number): Draft {
    const lengths = lengthsFor(longest);
    const expiry = lengths.includes("30d") ? "30d" : lengths[lengths.length - 1] ?? "date";
    return {
        description: "", grants: new Map(), targets: [""], expiry, date: "", units: "",
        confirm: false, insecure: false, username: "",
    };
}

const dayOf = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);

export function draftOf(token: Token): Draft {
    return {
        description: token.description,
        grants: parseGrants(token.permissions),
        targets: token.targets.length > 0 ? token.targets : [""],
        expiry: token.expires === 0 ? "never" : "date",
        date: token.expires === 0 ? "" : dayOf(token.expires),
        units: token.onlyUnits.join(" "),
        confirm: token.confirm === "always",
        insecure: false,
        username: token.username,
    };
}

// Which expiries this machine allows.
export const expiriesFor = (longest: number): Expiry[] =>
    [...lengthsFor(longest), "date", ...(longest === 0 ? ["never" as const] : [])];

export const targetsOf = (draft: Draft): string[] =>
    draft.targets.map((target) => target.trim()).filter((target) => target !== "");

export const hasPlainHttp = (draft: Draft): boolean =>
    draft.targets.some((target) => /^(bearer\+)?http:/i.test(target.trim()));

// The service counts the places without the empty fields between them.
export const fieldOfTarget = (draft: Draft, item: number): number =>
    draft.targets.map((target, index) => (target.trim() === "" ? -1 : index))
        .filter((index) => index >= 0)[item] ?? 0;

export function argumentsOf(draft: Draft, areas: Area[], imported: boolean) {
    return {
        description: draft.description,
        permissions: permissionList(areas, draft.grants),
        targets: targetsOf(draft),
        only_units: draft.units.split(/[\s,]+/).filter(Boolean),
        expires: draft.expiry === "date" ? draft.date : draft.expiry,
        confirm: draft.confirm ? "always" : "never",
        ...(imported ? { username: draft.username } : {}),
    };
}

const required = (imported: boolean): string[] =>
    (imported ? ["description", "targets", "username"] : ["description", "permissions"]);

// The same for a new token, where what is empty is left out, unless it must be there: without it
// the service would look at nothing else.
export const wishedOf = (draft: Draft, areas: Area[], imported: boolean) =>
    Object.fromEntries(Object.entries(argumentsOf(draft, areas, imported))
        .filter(([key, value]) => value.length > 0 || required(imported).includes(key)));

// What an edit changes.
export function changesOf(draft: Draft, token: Token, areas: Area[]): Record<string, unknown> {
    const imported = token.kind === "imported";
    const before = argumentsOf(draftOf(token), areas, imported);
    const after = argumentsOf(draft, areas, imported);
    return Object.fromEntries(Object.entries(after).filter(([key, value]) =>
        JSON.stringify(value) !== JSON.stringify(before[key as keyof typeof before])));
}
