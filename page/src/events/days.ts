// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Events counted by day and by what came of them.
import type { AuditEvent } from "../patd/types";

export type Series = "released" | "verified" | "refused";
export type Day = { date: Date } & Record<Series, number>;

// How far an event came that is no refusal; everything else is the reason of one.
const FINE = ["ok", "begun", "shown", ""];

export const isRefusal = (event: AuditEvent): boolean => !FINE.includes(event.outcome);

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
