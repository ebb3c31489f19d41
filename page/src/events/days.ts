// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Events counted by day and by what came of them.
import type { AuditEvent } from "../patd/types";

export const SERIES = ["released", "verified", "refused"] as const;
export type Series = typeof SERIES[number];
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

export const totalOf = (day: Day): number =>
    SERIES.reduce((sum, series) => sum + day[series], 0);

export const sumsOf = (days: Day[]): [Series, number][] => SERIES.map((series) =>
    [series, days.reduce((sum, day) => sum + day[series], 0)]);

// The same for each token that was used in these days, by its id.
export function usesOf(events: AuditEvent[], count: number, now = new Date()): Map<string, Day[]> {
    const byToken = new Map<string, AuditEvent[]>();
    for (const event of events) {
        const known = byToken.get(event.token);
        if (known)
            known.push(event);
        else
            byToken.set(event.token, [event]);
    }
    return new Map([...byToken].map(([id, own]) => [id, daysOf(own, count, now)] as const)
        .filter(([, days]) => days.some((day) => totalOf(day) > 0)));
}
