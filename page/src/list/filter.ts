// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Which tokens the list shows, and in which order.
import type { Token } from "../patd/types";

export type Column = "description" | "lastUsedAt" | "expires" | "created";
export type Kind = "all" | "issued" | "imported" | "attention";

export interface Order {
    column: Column;
    isDescending: boolean;
}

const needsAttention = (token: Token): boolean =>
    token.state !== "active" || token.expiresSoon || token.refusedPlaces.length > 0;

function fits(token: Token, words: string[], kind: Kind): boolean {
    if (kind === "attention" ? !needsAttention(token) : kind !== "all" && token.kind !== kind)
        return false;
    const text = [token.description, token.id, token.username, ...token.permissions,
                  ...token.targets, ...token.onlyUnits].join("\n").toLowerCase();
    return words.every((word) => text.includes(word));
}

// A time that never comes is later than any other.
const valueOf = (token: Token, column: Column): string | number =>
    column === "description" ? token.description.toLowerCase()
        : column === "expires" ? token.expires || Infinity : token[column];

export function choose(tokens: Token[], wanted: string, kind: Kind, order: Order): Token[] {
    const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
    const sign = order.isDescending ? -1 : 1;
    return tokens.filter((token) => fits(token, words, kind)).sort((a, b) => {
        const [left, right] = [valueOf(a, order.column), valueOf(b, order.column)];
        return left < right ? -sign : left > right ? sign : a.id < b.id ? -1 : 1;
    });
}
