// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What org.patd.Tokens1(5) answers, in the names of this page.

export interface Token {
    path: string;
    id: string;
    kind: "issued" | "imported";
    state: "active" | "rejected" | "expired" | "quarantined";
    secretKind?: string; // of an imported one; another than text has several parts
    provenance: string;
    confirm: "never" | "always";
    description: string;
    permissions: string[];
    targets: string[];
    onlyUnits: string[];
    username: string;
    created: number;
    expires: number;
    expiresSoon: boolean;
    refusedPlaces: string[];
    lastUsedAt: number;
    lastUsedHow: string;
    lastUsedWhere: string;
    owner?: number;
    user?: string;
}

export interface Status {
    version: string;
    user: string;
    uid: number;
    locked: boolean;
    tokens: number;
    tokensExpiring: number;
    tokensMax: number;
    tokenLifetimeMax: number;
    expiryNotice: number;
    servicePassword?: boolean;
    passwordWait?: number;
    releaseRules: string;
    clock: string;
}

export interface Permission {
    area: string;
    object: string;
    access: ("ro" | "rw")[];
    description: string;
}

export interface AuditEvent {
    at: number;
    owner: number;
    event: string;
    token: string;
    outcome: string;
    by: number;
    where: string;
    unit: string;
    tool?: string;
    count: number;
}

export interface Exposure {
    id: string;
    path: string;
    only: string[];
    expires: number;
}

export interface Candidate {
    id: string;
    description: string;
    target: string;
    username: string;
    verdict: string;
    onlyUnits?: string[];
    unit?: string;
}

// An a{sv} as cockpit.dbus gives it: {"last-used-at": {t, v}} becomes {lastUsedAt: v}.
export function fromDict<T>(dict: unknown): T {
    const entries = Object.entries(dict as Record<string, CockpitVariant>);
    return Object.fromEntries(entries.map(([key, value]) =>
        [key.replace(/-(.)/g, (_all, letter: string) => letter.toUpperCase()), value.v])) as T;
}
