// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What is wrong with the form, at its fields. While somebody types, only of fields that hold
// something; after a try to submit, of all.
import type { Failure } from "../patd/failure";
import { _ } from "../text";
import { type Draft, fieldOfTarget, targetsOf } from "./draft";

export interface Faults {
    of: (field: string) => string;
    places: ReadonlyMap<number, string>;
    others: string[]; // of no field that the form has
}

const FIELDS = ["description", "permissions", "targets", "only_units", "expires", "username"];

// What the service need not be asked for.
function missing(draft: Draft, imported: boolean): [string, string][] {
    const found: [string, string][] = [];
    if (draft.description === "")
        found.push(["description", _("Say what the token is for")]);
    if (!imported && draft.grants.size === 0)
        found.push(["permissions", _("Choose at least one permission")]);
    if (imported && targetsOf(draft).length === 0)
        found.push(["targets", _("Name at least one place")]);
    if (imported && draft.username === "")
        found.push(["username", _("Name the user at that place")]);
    if (draft.expiry === "date" && draft.date === "")
        found.push(["expires", _("Choose a date")]);
    return found;
}

export const isComplete = (draft: Draft, imported: boolean): boolean =>
    missing(draft, imported).length === 0;

export function faultsOf(
    draft: Draft, imported: boolean, said: Failure[], isTried: boolean,
): Faults {
    const lacks = new Map(missing(draft, imported));
    const texts = new Map(isTried ? lacks : []);
    const places = new Map<number, string>();
    if (texts.has("targets"))
        places.set(0, texts.get("targets") ?? "");
    for (const { field = "", item, message } of said) {
        if (lacks.has(field))
            continue;
        if (field === "targets")
            places.set(fieldOfTarget(draft, item ?? 0), message);
        else
            texts.set(field, message);
    }
    return {
        of: (field) => texts.get(field) ?? "",
        places,
        others: said.filter(({ field = "" }) => !FIELDS.includes(field)).map((one) => one.message),
    };
}
