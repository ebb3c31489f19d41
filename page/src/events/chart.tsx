// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Uses per day: bars of what was released, verified and refused, one on the other.
import type { AuditEvent } from "../patd/types";
import { dateText, plural } from "../text";
import { type Day, daysOf, SERIES, sumsOf, totalOf } from "./days";
import { labelOf } from "./row_chart";

const DAYS = 30;
const HEIGHT = 64;
const STEP = 10;
const BAR = 7;

function Bar({ day, index, most }: { day: Day; index: number; most: number }) {
    let top = HEIGHT;
    return (
        <g>
            <title>{`${dateText(day.date.getTime() / 1000)}: ${totalOf(day)}`}</title>
            <rect x={index * STEP} y={0} width={STEP} height={HEIGHT} className="patd-day" />
            {SERIES.map((series) => {
                const height = day[series] === 0 ? 0 : Math.max(2, HEIGHT * day[series] / most);
                top -= height;
                return <rect key={series} x={index * STEP} y={top} width={BAR} height={height}
                             className={`patd-bar-${series}`} />;
            })}
        </g>
    );
}

export function UseChart({ events }: { events: AuditEvent[] }) {
    const days = daysOf(events, DAYS);
    const most = Math.max(1, ...days.map(totalOf));
    const sums = sumsOf(days).map(([series, sum]) => [series, labelOf(series), sum] as const);
    const title = plural("Uses in the last day", "Uses in the last $0 days", DAYS);
    const summary = sums.map(([, label, sum]) => `${label}: ${sum}`).join(", ");
    return (
        <figure className="patd-chart">
            <svg viewBox={`0 0 ${DAYS * STEP} ${HEIGHT}`} preserveAspectRatio="none" role="img"
                 aria-label={`${title}: ${summary}`}>
                {days.map((day, index) =>
                    <Bar key={day.date.getTime()} day={day} index={index} most={most} />)}
            </svg>
            <figcaption className="patd-subtle">
                {title}
                {sums.map(([series, label, sum]) =>
                    <span key={series} className="patd-key">
                        <span className={`patd-dot patd-bar-${series}`} />{label}: {sum}
                    </span>)}
            </figcaption>
        </figure>
    );
}
