// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The uses of one token in the last days, as small as a word: one bar for each day.
import { _, plural } from "../text";
import { type Day, SERIES, type Series, sumsOf, totalOf } from "./days";

const HEIGHT = 16;
const STEP = 5;
const BAR = 4;
const LABELS: Record<Series, () => string> = {
    released: () => _("Released"), verified: () => _("Verified"), refused: () => _("Refused"),
};

export const labelOf = (series: Series): string => LABELS[series]();

// One path for each series: a page may have a thousand of these.
function pathOf(days: Day[], index: number, most: number): string {
    return days.map((day, at) => {
        const height = (count: number) => (HEIGHT - 2) * count / most + (count > 0 ? 2 : 0);
        const below = SERIES.slice(0, index).reduce((sum, one) => sum + day[one], 0);
        const bottom = HEIGHT - height(below);
        const top = HEIGHT - height(below + day[SERIES[index]!]);
        return day[SERIES[index]!] === 0 ? ""
            : `M${at * STEP} ${bottom.toFixed(1)}V${top.toFixed(1)}h${BAR}V${bottom.toFixed(1)}z`;
    }).join("");
}

export function RowChart({ days }: { days: Day[] }) {
    const most = Math.max(1, ...days.map(totalOf));
    const sums = sumsOf(days).filter(([, sum]) => sum > 0)
        .map(([series, sum]) => `${labelOf(series)}: ${sum}`).join(", ");
    const title = plural("Uses in the last day", "Uses in the last $0 days", days.length);
    const text = `${title}: ${sums}`;
    return (
        <svg className="patd-row-chart" role="img" aria-label={text}
             viewBox={`0 0 ${days.length * STEP} ${HEIGHT}`}>
            <title>{text}</title>
            {SERIES.map((series, index) =>
                <path key={series} className={`patd-bar-${series}`}
                      d={pathOf(days, index, most)} />)}
        </svg>
    );
}
