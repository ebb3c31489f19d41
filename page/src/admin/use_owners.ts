// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What an administrator reads: who has tokens, and the tokens of the one that was chosen.
import { useCallback, useEffect, useState } from "react";

import { AdminBus, type Owner } from "../patd/bus";
import { failureOf, type Failure } from "../patd/failure";
import type { AuditEvent, Token } from "../patd/types";

const EVENTS = 100;

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
    const [problem, setProblem] = useState<Failure | null>(null);
    useEffect(() => {
        const opened = new AdminBus();
        setBus(opened);
        return () => opened.close();
    }, []);
    const refresh = useCallback(async () => {
        if (!bus)
            return;
        try {
            setData(await read(bus, uid));
            setProblem(null);
        } catch (thrown) {
            setProblem(failureOf(thrown));
        }
    }, [bus, uid]);
    useEffect(() => {
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
