// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The part of Cockpit's cockpit.js that texts need, without a catalogue.
export const cockpit = {
    language: "en",
    gettext: (text: string): string => text,
    ngettext: (one: string, many: string, count: number): string => (count === 1 ? one : many),
    format: (text: string, ...values: unknown[]): string =>
        text.replace(/\$(\d)/g, (_all, index: string) => String(values[Number(index)])),
};
