// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Reads over the bus, as the user and never as an administrator: patd would answer with root's own
// tokens. What changes something with a password is in session.ts.
import {
    type AuditEvent, type Candidate, type Exposure, fromDict, type Permission, type Status,
    type Token,
} from "./types";

const NAME = "org.patd.Tokens1";
const ROOT = "/org/patd/Tokens1";

export type Filter = { limit?: number; token?: string; unit?: string; since?: number };

const EVENT_OPTIONS: Record<keyof Filter, string> = {
    limit: "u", token: "s", unit: "s", since: "x",
};

function eventOptions(filter: Filter): Record<string, CockpitVariant> {
    const set = Object.entries(filter).filter(([, value]) => value !== undefined && value !== "");
    return Object.fromEntries(set.map(([key, value]) =>
        [key, cockpit.variant(EVENT_OPTIONS[key as keyof Filter], value)]));
}

const tokensOf = (answer: unknown): Token[] => (answer as [string, unknown][])
    .map(([path, dict]) => ({ ...fromDict<Token>(dict), path }));

export class Bus {
    readonly client: CockpitBusClient;
    #interface: string;

    constructor(client: CockpitBusClient, interfaceName = "Manager") {
        this.client = client;
        this.#interface = `${NAME}.${interfaceName}`;
    }

    protected async call(method: string, ...args: unknown[]): Promise<unknown[]> {
        return this.client.call(ROOT, this.#interface, method, args);
    }

    async events(filter: Filter): Promise<AuditEvent[]> {
        const [events] = await this.call("ListEvents", eventOptions(filter));
        return (events as unknown[]).map((event) => fromDict<AuditEvent>(event));
    }

    close(): void {
        this.client.close();
    }
}

// What everybody may read about the own tokens.
export class OwnBus extends Bus {
    constructor() {
        super(cockpit.dbus(NAME, { bus: "system" }));
    }

    async tokens(): Promise<Token[]> {
        const [tokens] = await this.call("List");
        return tokensOf(tokens);
    }

    async status(): Promise<Status> {
        const [status] = await this.call("Status");
        return fromDict<Status>(status);
    }

    async permissions(): Promise<Permission[]> {
        const [permissions] = await this.call("ListPermissions");
        return (permissions as unknown[]).map((one) => fromDict<Permission>(one));
    }

    async exposures(): Promise<Exposure[]> {
        const [exposures] = await this.call("ListExposures");
        return (exposures as unknown[]).map((one) => fromDict<Exposure>(one));
    }

    async explain(url: string): Promise<{ outcome: string; candidates: Candidate[] }> {
        const [outcome, candidates] = await this.call("Explain", url, {});
        return {
            outcome: outcome as string,
            candidates: (candidates as unknown[]).map((one) => fromDict<Candidate>(one)),
        };
    }

    async lock(): Promise<void> {
        await this.call("Lock");
    }

    async cut(exposure: string): Promise<void> {
        await this.call("Cut", exposure);
    }

    // Tabs share one connection, so nothing here ever unsubscribes.
    async subscribe(): Promise<void> {
        await this.call("Subscribe");
    }
}

export interface Owner {
    uid: number;
    user: string;
    tokens: number;
    quarantined: number;
}

// What an administrator may read and do about everybody's: never a secret.
export class AdminBus extends Bus {
    constructor() {
        super(cockpit.dbus(NAME, { bus: "system", superuser: "require" }), "Admin");
    }

    async owners(): Promise<Owner[]> {
        const [owners] = await this.call("ListOwners");
        return (owners as unknown[]).map((one) => fromDict<Owner>(one));
    }

    async tokens(uid: number): Promise<Token[]> {
        const [tokens] = await this.call("List", uid);
        return tokensOf(tokens);
    }

    async revoke(uid: number, id: string): Promise<void> {
        await this.call("Revoke", uid, id);
    }

    async reinstate(uid: number, id: string): Promise<void> {
        await this.call("Reinstate", uid, id);
    }

    async checkOwners(): Promise<number> {
        const [quarantined] = await this.call("CheckOwners");
        return quarantined as number;
    }
}
