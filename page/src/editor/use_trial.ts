// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What the service says about a form while it is filled in: the wish is tried out, by the rules
// that will decide later.
import { useEffect, useState } from "react";

import type { Failure } from "../patd/failure";
import { type Step, tryOut, type Wish } from "../patd/session";

const PAUSE_MS = 350; // of somebody who types

type Outcome = Step & { is: "done" | "failed" };

// null: nothing was tried yet.
export function useOutcome(wish: Wish | null): Outcome | null {
    const [outcome, setOutcome] = useState<Outcome | null>(null);
    const text = wish ? JSON.stringify(wish) : "";
    useEffect(() => {
        let isLatest = true;
        const timer = window.setTimeout(async () => {
            const end = text === "" ? null : await tryOut(JSON.parse(text) as Wish);
            if (isLatest)
                setOutcome(end);
        }, PAUSE_MS);
        return () => {
            isLatest = false;
            window.clearTimeout(timer);
        };
    }, [text]);
    return outcome;
}

const NONE: Failure[] = [];

export function useTrial(wish: Wish | null): Failure[] {
    const outcome = useOutcome(wish);
    return outcome?.is === "failed" ? outcome.failures : NONE;
}
