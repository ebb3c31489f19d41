// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What the page uses of Cockpit's cockpit.js, which comes without types.

interface CockpitProblem {
    problem: string | null;
    name?: string;
    message: string;
    exit_status?: number | null;
}

interface CockpitProcess extends PromiseLike<string> {
    stream(callback: (data: string) => void): CockpitProcess;
    input(data: string, more?: boolean): CockpitProcess;
    close(problem: string): void;
}

interface CockpitVariant {
    t: string;
    v: unknown;
}

interface CockpitBusClient {
    call(path: string, iface: string, method: string, args: unknown[]): PromiseLike<unknown[]>;
    subscribe(
        match: { interface?: string; path?: string },
        callback: (path: string, iface: string, signal: string, args: unknown[]) => void,
    ): { remove(): void };
    addEventListener(
        event: "owner",
        callback: (event: unknown, owner: string | null) => void,
    ): void;
    close(): void;
}

interface CockpitPermission {
    allowed: boolean | null;
    addEventListener(event: "changed", callback: () => void): void;
    close(): void;
}

declare const cockpit: {
    language?: string;
    hidden: boolean;
    gettext(text: string): string;
    ngettext(one: string, many: string, count: number): string;
    format(text: string, ...values: unknown[]): string;
    variant(type: string, value: unknown): CockpitVariant;
    dbus(name: string, options: { bus: "system"; superuser?: "require" }): CockpitBusClient;
    spawn(
        argv: string[],
        options: { err: "message"; directory?: string; superuser?: "require" },
    ): CockpitProcess;
    permission(options: { admin: true }): CockpitPermission;
    addEventListener(event: "visibilitychange", callback: () => void): void;
    removeEventListener(event: "visibilitychange", callback: () => void): void;
};

declare module "*.css";
