// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Which permissions were chosen, and how they are written: area:object:ro, area:object:rw, or the
// area alone for everything in it.
import type { Permission } from "../patd/types";
import { _, format } from "../text";

export type Access = "ro" | "rw";
export type Grants = ReadonlyMap<string, Access>; // by area:object

export interface Item {
    key: string;
    name: string;
    description: string;
    access: Access[]; // what there is, the least first
}

export interface Area {
    name: string;
    description: string;
    items: Item[];
}

const most = (item: Item): Access => (item.access.includes("rw") ? "rw" : "ro");

// What a token has already stays a choice, even if the catalogue does not have it any more.
function withGrants(catalogue: Permission[], grants: Grants): Permission[] {
    const known = new Set(catalogue.map(({ area, object }) => `${area}:${object}`));
    const gone = [...grants].filter(([key]) => !known.has(key));
    return catalogue.concat(gone.map(([key, access]): Permission => {
        const [area = "", object = ""] = key.split(":");
        return { area, object, access: [access], description: _("No longer in the catalogue") };
    }));
}

export function areasOf(catalogue: Permission[], grants: Grants): Area[] {
    const areas = new Map<string, Area>();
    for (const { area, object, access, description } of withGrants(catalogue, grants)) {
        const found = areas.get(area) ?? { name: area, description: "", items: [] };
        areas.set(area, found);
        if (object === "")
            found.description = description;
        else
            found.items.push({ key: `${area}:${object}`, name: object, description, access });
    }
    return [...areas.values()];
}

export function parseGrants(permissions: string[]): Map<string, Access> {
    return new Map(permissions.map((permission) => {
        const [area = "", object = "", access] = permission.split(":");
        return [`${area}:${object}`, access === "ro" ? "ro" : "rw"];
    }));
}

const isWhole = (area: Area, grants: Grants): boolean =>
    area.items.length > 1 && area.items.every((item) => grants.get(item.key) === most(item));

export function permissionList(areas: Area[], grants: Grants): string[] {
    return areas.flatMap((area) => (isWhole(area, grants)
        ? [area.name]
        : area.items.filter((item) => grants.has(item.key))
            .map((item) => `${item.key}:${grants.get(item.key)}`)));
}

export function withArea(area: Area, grants: Grants, access: Access | null): Grants {
    const changed = new Map(grants);
    for (const item of area.items) {
        changed.delete(item.key);
        if (access)
            changed.set(item.key, item.access.includes(access) ? access : most(item));
    }
    return changed;
}

// What all of an area has: one access, nothing (null), or different ones.
export function accessOf(area: Area, grants: Grants): Access | null | "mixed" {
    const chosen = area.items.filter((item) => grants.has(item.key));
    if (chosen.length === 0)
        return null;
    if (chosen.length < area.items.length)
        return "mixed";
    if (isWhole(area, grants) && chosen.some((item) => grants.get(item.key) === "rw"))
        return "rw";
    return chosen.every((item) => grants.get(item.key) === "ro") ? "ro" : "mixed";
}

// A sentence of what the choice allows.
export function sentenceOf(areas: Area[], grants: Grants): string {
    const named = (access: Access) => areas.flatMap((area) => {
        const items = area.items.filter((item) => grants.get(item.key) === access);
        const names = items.map((item) => item.name).join(", ");
        return names === "" ? [] : `${names} (${area.name})`;
    }).join("; ");
    const [read, write] = [named("ro"), named("rw")];
    if (!read && !write)
        return _("This token will not be allowed anything yet.");
    return [
        write && format(_("May read and change: $0."), write),
        read && format(_("May only read: $0."), read),
        _("Nothing else."),
    ].filter(Boolean).join(" ");
}
