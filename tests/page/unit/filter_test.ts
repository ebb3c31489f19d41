// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

import assert from "node:assert/strict";
import { test } from "node:test";

import { choose, type Order } from "../../../page/src/list/filter";
import type { Token } from "../../../page/src/patd/types";

const ORDER: Order = { column: "created", isDescending: true };

function token(id: string, changes: Partial<Token> = {}): Token {
    return {
        path: `/${id}`, id, kind: "issued", state: "active", provenance: "", confirm: "never",
        description: id, permissions: [], targets: [], onlyUnits: [], username: "", created: 0,
        expires: 0, expiresSoon: false, refusedPlaces: [], lastUsedAt: 0, lastUsedHow: "",
        lastUsedWhere: "", ...changes,
    };
}
const idsOf = (tokens: Token[]) => tokens.map(({ id }) => id).join("");

test("every word must be somewhere, in any case", () => {
    const tokens = [token("a", { description: "Backup", targets: ["https://git.example/infra"] }),
                    token("b", { description: "backup" })];
    assert.equal(idsOf(choose(tokens, " BACKUP  git.example ", "all", ORDER)), "a");
    assert.equal(choose(tokens, "", "all", ORDER).length, 2);
    assert.equal(choose(tokens, ".*", "all", ORDER).length, 0);
});

test("what needs attention is what does not work, or soon will not", () => {
    const tokens = [token("a"), token("b", { state: "rejected" }), token("e", { kind: "imported" }),
                    token("c", { expiresSoon: true }), token("d", { refusedPlaces: ["x"] })];
    assert.equal(idsOf(choose(tokens, "", "attention", ORDER)), "bcd");
    assert.equal(idsOf(choose(tokens, "", "imported", ORDER)), "e");
});

test("a token that never expires comes after all that do", () => {
    const tokens = [token("a"), token("b", { expires: 20 }), token("c", { expires: 10 })];
    const sorted = (isDescending: boolean) =>
        idsOf(choose(tokens, "", "all", { column: "expires", isDescending }));
    assert.equal(sorted(false), "cba");
    assert.equal(sorted(true), "abc");
});

test("equal ones keep one order, and the list that was given is left as it is", () => {
    const tokens = [token("b"), token("a")];
    assert.equal(idsOf(choose(tokens, "", "all", ORDER)), "ab");
    assert.equal(idsOf(tokens), "ba");
});
