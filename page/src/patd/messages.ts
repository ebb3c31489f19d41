// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What a view asks of a session and hears from it, and what patctl-converse(7) writes.
import type { Failure, WireError } from "./failure";

export interface Wish {
    operation: string;
    arguments?: Record<string, unknown>;
    dry_run?: boolean;
}

export interface Note {
    style: "info" | "error";
    text: string;
}

export type Step =
    | { is: "working" }
    | { is: "prompt"; style: "secret" | "visible" | "token-secret"; text: string; number: number }
    | { is: "secret"; id: string; secret: string; seconds: number }
    | { is: "done"; result: Record<string, unknown> }
    | { is: "failed"; failures: [Failure, ...Failure[]]; result: Record<string, unknown> };

export type Message =
    | { type: "prompt"; prompt: number; style: string; text: string }
    | { type: "commit" }
    | { type: "secret"; id: string; secret: string; seconds: number }
    | { type: "ended"; outcome: string; result: Record<string, unknown>; errors: WireError[] };
