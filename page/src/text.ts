// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What the page says, in the language of Cockpit, and how it writes times.

// build.js collects the texts by these two names.
export const _ = (text: string): string => cockpit.gettext(text);
export const plural = (one: string, many: string, count: number): string =>
    cockpit.format(cockpit.ngettext(one, many, count), count);
export const format = (text: string, ...values: unknown[]): string =>
    cockpit.format(text, ...values);

const language = (): string => (cockpit.language ?? "en").replace("_", "-");

export function dateText(seconds: number): string {
    return new Intl.DateTimeFormat(language(), { dateStyle: "medium" }).format(seconds * 1000);
}

export function timeText(seconds: number): string {
    return new Intl.DateTimeFormat(language(), { dateStyle: "medium", timeStyle: "medium" })
        .format(seconds * 1000);
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
    ["year", 31557600], ["month", 2629800], ["day", 86400], ["hour", 3600], ["minute", 60],
];

// "3 days ago", "in 2 hours".
export function agoText(seconds: number, now = Date.now() / 1000): string {
    const distance = seconds - now;
    const relative = new Intl.RelativeTimeFormat(language(), { numeric: "auto" });
    for (const [unit, length] of UNITS)
        if (Math.abs(distance) >= length)
            return relative.format(Math.trunc(distance / length), unit);
    return relative.format(0, "second");
}

// Control characters and marks that turn the direction of writing would make one text look like
// another; they are shown by their number.
const UNSEEN =
    /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

export function shown(text: string): string {
    return text.replace(UNSEEN, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
