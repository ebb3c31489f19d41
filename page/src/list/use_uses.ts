// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The uses of each token in the last days, for the small charts. They are read after the tokens,
// so that no row waits for them, and at most every ten seconds.
import { useEffect, useRef, useState } from "react";

import { type Day, usesOf } from "../events/days";
import type { Live } from "../patd/live";
import { Newest } from "./newest";

const READ_AT_ONCE = 1000; // the most that patd answers
const DAYS = 14;
const PAUSE_MS = 10000;

export interface Uses {
    of: ReadonlyMap<string, Day[]>;
    since: number; // before it, events were not looked at; 0: all of the days were
}

const NOTHING: Uses = { of: new Map(), since: 0 };

// A token whose uses are the same keeps them, and its row is not drawn anew.
function keepSame(before: Uses["of"], now: Map<string, Day[]>): Uses["of"] {
    for (const [id, days] of now) {
        const known = before.get(id);
        if (known && JSON.stringify(known) === JSON.stringify(days))
            now.set(id, known);
    }
    return now;
}

export function useUses({ bus, reads }: Live): Uses {
    const [uses, setUses] = useState(NOTHING);
    const nextAt = useRef(0);
    const newest = useRef(new Newest());
    useEffect(() => {
        const timer = window.setTimeout(async () => {
            nextAt.current = Date.now() + PAUSE_MS;
            const since = Math.floor(Date.now() / 1000) - DAYS * 86400;
            const number = newest.current.ask();
            const events = await bus.events({ limit: READ_AT_ONCE, since }).catch(() => null);
            if (!events || !newest.current.take(number))
                return;
            const isCut = events.length === READ_AT_ONCE;
            setUses((before) => ({
                of: keepSame(before.of, usesOf(events, DAYS)),
                since: isCut ? Math.min(...events.map((event) => event.at)) : 0,
            }));
        }, Math.max(0, nextAt.current - Date.now()));
        // What was asked for is of use, although there is something new to ask.
        return () => window.clearTimeout(timer);
    }, [bus, reads]);
    return uses;
}
