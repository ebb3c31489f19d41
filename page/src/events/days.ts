// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Events counted by day and by what came of them.
import type { AuditEvent } from "../patd/types";

export type Series = "released" | "verified" | "refused";
export type Day = { date: Date } & Record<Series, number>;

// The name of an error, or why a token is not valid; else how far it came: `begun`, `shown`.
export const isRefusal = ({ event, outcome }: AuditEvent): boolean =>
    outcome === "many" || /^[A-Z]/.test(outcome) || (event === "verify" && outcome !== "ok");

function seriesOf(event: AuditEvent): Series | null {
    if (event.event !== "release" && event.event !== "verify")
        return null;
    return isRefusal(event) ? "refused" : event.event === "release" ? "released" : "verified";
}

const midnight = (time: Date): number =>
    new Date(time.getFullYear(), time.getMonth(), time.getDate()).getTime();

// The last `count` days, today last.
export function daysOf(events: AuditEvent[], count: number, now = new Date()): Day[] {
    const days = Array.from({ length: count }, (_one, index): Day => {
        const date = new Date(now.getFullYear(), now.getMonth(), now.getDate() - count + 1 + index);
        return { date, released: 0, verified: 0, refused: 0 };
    });
    const byDay = new Map(days.map((day) => [day.date.getTime(), day]));
    for (const event of events) {
        const series = seriesOf(event);
        const day = byDay.get(midnight(new Date(event.at * 1000)));
        if (series && day)
            day[series] += event.count;
    }
    return days;
}
