// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The tokens as they are now. patd says nothing to others about a change of a token, so while the
// page is in sight, the last entries of the audit log are read every second: they are few, and
// each change and each use of a token is one. What no event tells, because time alone changes it,
// Status does; it asks another process, so it is read more seldom.
import { useCallback, useEffect, useRef, useState } from "react";

import { OwnBus } from "./bus";
import { type Failure, failureOf } from "./failure";
import type { Permission, Status, Token } from "./types";

const POLL_MS = 1000;
const EVENTS_COMPARED = 8;
const POLLS_TO_STATUS = 10;

export interface Live {
    bus: OwnBus;
    loading: boolean;
    problem: Failure | null;
    status: Status | null;
    tokens: Token[];
    catalogue: Permission[];
    reads: number; // grows with each; for what is read beside the tokens
    reused: string[]; // tokens whose dead secret somebody used, until the user closes the notice
    forgetReused: () => void;
    refresh: () => Promise<void>;
}

type Data = Omit<Live, "bus" | "refresh" | "reused" | "forgetReused">;

const NOTHING: Data = {
    loading: true, problem: null, status: null, tokens: [], catalogue: [], reads: 0,
};

// What is the same as before keeps its identity, and is not drawn anew.
function keepSame<T>(before: T, now: T): T {
    return JSON.stringify(before) === JSON.stringify(now) ? before : now;
}

function keepTokens(before: Token[], now: Token[]): Token[] {
    const known = new Map(before.map((token) => [token.path, token]));
    const tokens = now.map((token) => keepSame(known.get(token.path) ?? token, token));
    const isSame = tokens.length === before.length &&
        tokens.every((token, index) => token === before[index]);
    return isSame ? before : tokens;
}

async function read(bus: OwnBus, before: Data, withCatalogue: boolean): Promise<Data> {
    try {
        const [status, tokens, catalogue] = await Promise.all([
            bus.status(), bus.tokens(), withCatalogue ? bus.permissions() : before.catalogue,
        ]);
        return {
            loading: false, problem: null, status: keepSame(before.status, status),
            tokens: keepTokens(before.tokens, tokens), catalogue, reads: 0,
        };
    } catch (thrown) {
        return { ...NOTHING, loading: false, problem: failureOf(thrown) };
    }
}

// Both differ after a change, whoever made it.
const markOfEvents = async (bus: OwnBus): Promise<string> =>
    JSON.stringify(await bus.events({ limit: EVENTS_COMPARED }));

async function markOfStatus(bus: OwnBus): Promise<string> {
    const { locked, servicePassword, tokens, tokensExpiring } = await bus.status();
    return JSON.stringify([locked, servicePassword, tokens, tokensExpiring]);
}

export function useLive(): Live {
    const busRef = useRef<OwnBus>(null);
    const bus = busRef.current ??= new OwnBus();
    const [data, setData] = useState(NOTHING);
    const [reused, setReused] = useState<string[]>([]);
    const latest = useRef(NOTHING);

    const load = useCallback(async (withCatalogue: boolean) => {
        const now = await read(bus, latest.current, withCatalogue);
        latest.current = { ...now, reads: latest.current.reads + 1 };
        setData(latest.current);
    }, [bus]);
    const refresh = useCallback(() => load(latest.current.catalogue.length === 0), [load]);

    useEffect(() => {
        const subscribe = () => bus.subscribe().catch(() => undefined);
        bus.client.addEventListener("owner", (_event, owner) => {
            if (owner) {
                subscribe();
                load(true);
            }
        });
        bus.client.subscribe({}, (_path, _interface, signal, args) => {
            if (signal === "SecretReused")
                setReused((before) => [...new Set([...before, args[0] as string])]);
            refresh();
        });
        subscribe();
        refresh();
    }, [bus, load, refresh]);

    useEffect(() => {
        let timer = 0;
        let polls = 0;
        const marks = ["", ""];
        const differs = async (which: 0 | 1, read: Promise<string>) => {
            const now = await read.catch((thrown) => failureOf(thrown).name);
            const before = marks[which];
            marks[which] = now;
            return before !== now;
        };
        const poll = async () => {
            if (!cockpit.hidden) {
                const isOther = await differs(0, markOfEvents(bus));
                const isOtherStatus = polls++ % POLLS_TO_STATUS === 0 &&
                    await differs(1, markOfStatus(bus));
                if (isOther || isOtherStatus)
                    await refresh();
            }
            timer = window.setTimeout(poll, POLL_MS);
        };
        timer = window.setTimeout(poll, POLL_MS);
        return () => window.clearTimeout(timer);
    }, [bus, refresh]);

    const forgetReused = useCallback(() => setReused([]), []);
    return { bus, ...data, reused, forgetReused, refresh };
}
