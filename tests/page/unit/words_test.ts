// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import "./cockpit";
import { outcomeText } from "../../../page/src/events/words";
import type { AuditEvent } from "../../../page/src/patd/types";

const told = (outcome: string) => outcomeText({ event: "verify", outcome, count: 1 } as AuditEvent);

test("a reason that the page does not know is told by its name", () => {
    assert.equal(told("SomethingNew"), "refused: something new");
    assert.equal(told("RuleDenied"), "refused: not for this unit");
    assert.equal(told("ok"), "done");
});

test("each reason of a refused check is told in words", () => {
    const source = readFileSync(`${process.env.CHECKOUT}/daemon/release/verify.cc`, "utf8");
    const names = [...source.matchAll(/return "([a-z]+)";/g)].map(([, name = ""]) => name);
    assert.ok(names.length >= 8, `${names}`);
    const words = readFileSync(`${process.env.CHECKOUT}/page/src/events/words.ts`, "utf8");
    for (const name of names)
        assert.ok(words.includes(`    ${name}: () => _(`), name);
});
