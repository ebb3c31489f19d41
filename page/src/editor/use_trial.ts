// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What the service says about a form while it is filled in: the wish is tried out, by the rules
// that will decide later.
import { useEffect, useState } from "react";

import type { Failure } from "../patd/failure";
import { type Step, tryOut, type Wish } from "../patd/session";

const PAUSE_MS = 350; // of somebody who types

type Outcome = Step & { is: "done" | "failed" };

interface Tried {
    text: string; // of the wish
    outcome: Outcome | null;
}

const textOf = (wish: Wish | null): string => (wish ? JSON.stringify(wish) : "");

// The last wish that was tried: while somebody types, an earlier one.
function useTried(text: string): Tried {
    const [tried, setTried] = useState<Tried>({ text: "", outcome: null });
    useEffect(() => {
        let isLatest = true;
        const timer = window.setTimeout(async () => {
            const outcome = text === "" ? null : await tryOut(JSON.parse(text) as Wish);
            if (isLatest)
                setTried({ text, outcome });
        }, PAUSE_MS);
        return () => {
            isLatest = false;
            window.clearTimeout(timer);
        };
    }, [text]);
    return tried;
}

// Of this very wish. null: it was not tried yet.
export function useOutcome(wish: Wish | null): Outcome | null {
    const text = textOf(wish);
    const tried = useTried(text);
    return tried.text === text ? tried.outcome : null;
}

const NONE: Failure[] = [];

// What is wrong, as far as it is known: it does not come and go with each letter.
export function useTrial(wish: Wish | null): Failure[] {
    const { outcome } = useTried(textOf(wish));
    return outcome?.is === "failed" ? outcome.failures : NONE;
}
