// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What an administrator reads: who has tokens, and the tokens of the one that was chosen.
import { useCallback, useEffect, useRef, useState } from "react";

import { AdminBus, type Owner } from "../patd/bus";
import { failureOf, type Failure } from "../patd/failure";
import type { AuditEvent, Token } from "../patd/types";

export const EVENTS = 1000; // the most that patd answers

interface Data {
    owners: Owner[];
    tokens: Token[];
    events: AuditEvent[];
}

const NOTHING: Data = { owners: [], tokens: [], events: [] };

async function read(bus: AdminBus, uid: number | null): Promise<Data> {
    const [owners, tokens, events] = await Promise.all([
        bus.owners(), uid === null ? [] : bus.tokens(uid), bus.events({ limit: EVENTS }),
    ]);
    return { owners, tokens, events };
}

export function useOwners(uid: number | null) {
    const [bus, setBus] = useState<AdminBus | null>(null);
    const [data, setData] = useState(NOTHING);
    const begun = useRef(0); // reads; what an older one gives is dropped
    const [problem, setProblem] = useState<Failure | null>(null);
    useEffect(() => {
        const opened = new AdminBus();
        setBus(opened);
        return () => opened.close();
    }, []);
    const refresh = useCallback(async () => {
        if (!bus)
            return;
        const number = ++begun.current;
        try {
            const now = await read(bus, uid);
            if (number === begun.current) {
                setData(now);
                setProblem(null);
            }
        } catch (thrown) {
            if (number === begun.current)
                setProblem(failureOf(thrown));
        }
    }, [bus, uid]);
    useEffect(() => {
        // Never one owner's tokens below another's name.
        setData((before) => ({ ...before, tokens: [] }));
        refresh();
    }, [refresh]);
    // Does one thing, and reads all anew.
    const act = async (what: (bus: AdminBus) => Promise<unknown>) => {
        if (!bus)
            return;
        const fault = await what(bus).then(() => null, failureOf);
        await refresh();
        setProblem(fault);
    };
    return { ...data, problem, act };
}
