// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What went wrong, for people. An error is known by its name; only the texts of patd itself are
// shown, because what a bus or a bridge says may hold anything (a traceback, with Debian 13's).
import { OWN_WORDS } from "./failure_texts";

export interface Failure {
    name: string; // without org.patd.Tokens1.Error., or one of the page's own
    message: string;
    field?: string; // the argument that it is about, or password or secret
    item?: number; // which of its values
    seconds?: number; // when the next password may be tried
}

// As in patctl-converse(7).
export interface WireError {
    name: string;
    message: string;
    fix: string | null;
    field: string | null;
    item: number | null;
    seconds: number | null;
}

// patctl's last words about a file that has lines of no use.
const NAMES_LINES = /\d lines? cannot be imported\.$/;

// What a file gets in the page's own words: its lines have errors of all kinds.
function nameForFile(name: string, said: string): string {
    if (NAMES_LINES.test(said))
        return "BadLines";
    return name === "MalformedRequest" ? "BadFile" : name;
}

const PREFIX = "org.patd.Tokens1.Error.";
const isEnglish = (): boolean => /^en\b|^C$/.test(cockpit.language ?? "en");

export function failure(name: string, said = ""): Failure {
    const own = OWN_WORDS[name]?.();
    return { name, message: own ?? (said || OWN_WORDS.Failed!()) };
}

export function failureOfError(error: WireError): Failure {
    const name = error.name.startsWith(PREFIX) ? error.name.slice(PREFIX.length) : "Failed";
    const said = [error.message, error.fix].filter(Boolean).join(" ");
    const { message } = failure(error.field === "file" ? nameForFile(name, said) : name, said);
    // Of a field, patd says more than its name does, but only in English.
    const isAboutValue = error.field !== null && error.field !== "password";
    return {
        name,
        message: isAboutValue && isEnglish() && name !== "Failed" ? said : message,
        field: error.field ?? undefined,
        item: error.item ?? undefined,
        seconds: error.seconds ?? undefined,
    };
}

// Of a call on the bus.
export function failureOf(thrown: unknown): Failure {
    const { problem, name, message } = thrown as Partial<CockpitProblem>;
    if (name?.startsWith(PREFIX))
        return failure(name.slice(PREFIX.length), message);
    if (problem === "not-found" || name?.endsWith(".ServiceUnknown"))
        return failure("NotInstalled");
    if (name?.startsWith("org.freedesktop."))
        return failure("NotRunning");
    return failure("Failed");
}
