// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What a view wants done, and what follows.
import type { Failure } from "../patd/failure";
import type { Wish } from "../patd/session";

export interface Request {
    wish: Wish;
    title: string;
    says?: string; // what it means, above the prompt
    button: string;
    isDangerous?: boolean;
    onDone?: (result: Record<string, unknown>) => void;
    // Takes a refusal that belongs to a field of a form; then the dialog closes.
    onRefused?: (failures: Failure[]) => boolean;
}
