// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What stands in the form, and as which arguments of patctl-converse(7) it is sent. What is wrong
// with it, the service says.
import type { Token } from "../patd/types";
import { type Area, type Grants, parseGrants, permissionList } from "./permissions";

export type Expiry = "7d" | "30d" | "90d" | "date" | "never";

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

const DAY = 86400;

export function emptyDraft(longest: number): Draft {
    const expiry = longest > 0 && longest < 30 * DAY ? "7d" : "30d";
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
export function expiriesFor(longest: number): Expiry[] {
    const days: Expiry[] = (["7d", "30d", "90d"] as const).filter((days) =>
        longest === 0 || parseInt(days, 10) * DAY <= longest);
    return [...days, "date", ...(longest === 0 ? ["never" as const] : [])];
}

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

// The same for a new token, where what is empty is left out.
export const wishedOf = (draft: Draft, areas: Area[], imported: boolean) =>
    Object.fromEntries(Object.entries(argumentsOf(draft, areas, imported))
        .filter(([, value]) => value.length > 0));

// What an edit changes.
export function changesOf(draft: Draft, token: Token, areas: Area[]): Record<string, unknown> {
    const imported = token.kind === "imported";
    const before = argumentsOf(draftOf(token), areas, imported);
    const after = argumentsOf(draft, areas, imported);
    return Object.fromEntries(Object.entries(after).filter(([key, value]) =>
        JSON.stringify(value) !== JSON.stringify(before[key as keyof typeof before])));
}
