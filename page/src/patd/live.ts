// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The tokens as they are now. patd says nothing to others about a change of a token, so while the
// page is in sight, the last entries of the audit log are read every second: they are few, and each
// change and each use of a token is one.
import { useCallback, useEffect, useRef, useState } from "react";

import { OwnBus } from "./bus";
import { type Failure, failureOf } from "./failure";
import type { Permission, Status, Token } from "./types";

const POLL_MS = 1000;
const EVENTS_COMPARED = 8;

export interface Live {
    bus: OwnBus;
    loading: boolean;
    problem: Failure | null;
    status: Status | null;
    tokens: Token[];
    catalogue: Permission[];
    reused: string[]; // tokens whose dead secret somebody used since the page was opened
    refresh: () => Promise<void>;
}

type Data = Omit<Live, "bus" | "refresh" | "reused">;

const NOTHING: Data = { loading: true, problem: null, status: null, tokens: [], catalogue: [] };

async function read(bus: OwnBus): Promise<Data> {
    try {
        const [status, tokens, catalogue] =
            await Promise.all([bus.status(), bus.tokens(), bus.permissions()]);
        return { loading: false, problem: null, status, tokens, catalogue };
    } catch (thrown) {
        return { ...NOTHING, loading: false, problem: failureOf(thrown) };
    }
}

// Differs after a change, whoever made it.
async function markOf(bus: OwnBus): Promise<string> {
    const [status, events] =
        await Promise.all([bus.status(), bus.events({ limit: EVENTS_COMPARED })]);
    return JSON.stringify([status.locked, status.servicePassword, status.tokens, events]);
}

export function useLive(): Live {
    const busRef = useRef<OwnBus>(null);
    const bus = busRef.current ??= new OwnBus();
    const [data, setData] = useState(NOTHING);
    const [reused, setReused] = useState<string[]>([]);
    const mark = useRef("");

    const refresh = useCallback(async () => setData(await read(bus)), [bus]);

    useEffect(() => {
        const subscribe = () => bus.subscribe().catch(() => undefined);
        bus.client.addEventListener("owner", (_event, owner) => {
            if (owner)
                subscribe();
        });
        bus.client.subscribe({}, (_path, _interface, signal, args) => {
            if (signal === "SecretReused")
                setReused((before) => [...new Set([...before, args[0] as string])]);
            refresh();
        });
        subscribe();
        refresh();
    }, [bus, refresh]);

    useEffect(() => {
        let timer = 0;
        const poll = async () => {
            if (!cockpit.hidden) {
                const now = await markOf(bus).catch((thrown) => failureOf(thrown).name);
                if (mark.current !== now)
                    await refresh();
                mark.current = now;
            }
            timer = window.setTimeout(poll, POLL_MS);
        };
        timer = window.setTimeout(poll, POLL_MS);
        return () => window.clearTimeout(timer);
    }, [bus, refresh]);

    return { bus, ...data, reused, refresh };
}
