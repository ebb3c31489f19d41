// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

import assert from "node:assert/strict";
import { test } from "node:test";

import { daysOf, isRefusal, sumsOf, usesOf } from "../../../page/src/events/days";
import type { AuditEvent } from "../../../page/src/patd/types";

const NOW = new Date(2027, 2, 10, 12, 0, 0); // in the zone of the user

function event(changes: Partial<AuditEvent>): AuditEvent {
    return {
        at: NOW.getTime() / 1000, owner: 1001, event: "release", token: "A", outcome: "ok",
        by: 1001, where: "", unit: "", count: 1, ...changes,
    };
}
const at = (day: number, hour: number, minute = 0): number =>
    new Date(2027, 2, day, hour, minute).getTime() / 1000;

test("a day begins at the user's midnight", () => {
    const days = daysOf([event({ at: at(9, 23, 59) }), event({ at: at(10, 0) })], 2, NOW);
    assert.deepEqual(days.map((day) => day.released), [1, 1]);
});

test("what is older than the days, or of tomorrow, is not counted", () => {
    const days = daysOf([event({ at: at(8, 23, 59) }), event({ at: at(11, 0) })], 2, NOW);
    assert.deepEqual(sumsOf(days), [["released", 0], ["verified", 0], ["refused", 0]]);
});

test("aggregated events count as often as they happened", () => {
    const days = daysOf([event({ event: "verify", count: 60 }), event({ count: 2 })], 1, NOW);
    assert.deepEqual(sumsOf(days), [["released", 2], ["verified", 60], ["refused", 0]]);
});

test("a refusal is one by its outcome, and a change is no use", () => {
    assert.ok(isRefusal(event({ outcome: "RuleDenied" })));
    assert.ok(isRefusal(event({ outcome: "many" })));
    assert.ok(isRefusal(event({ event: "verify", outcome: "expired" })));
    assert.ok(!isRefusal(event({ outcome: "begun" })));
    const days = daysOf([event({ outcome: "Locked" }), event({ event: "edit" })], 1, NOW);
    assert.deepEqual(sumsOf(days), [["released", 0], ["verified", 0], ["refused", 1]]);
});

test("each token has its own days, and one that was not used has none", () => {
    const uses = usesOf([event({}), event({ token: "B", outcome: "Locked" }),
                         event({ token: "C", event: "create" })], 3, NOW);
    assert.deepEqual([...uses.keys()], ["A", "B"]);
    assert.equal(uses.get("A")?.[2]?.released, 1);
    assert.equal(uses.get("B")?.[2]?.refused, 1);
});

test("the days are all there when a clock is put forward or back", () => {
    const autumn = daysOf([], 30, new Date(2027, 3, 10)); // Auckland's summer time ends on 4 April
    assert.equal(new Set(autumn.map(({ date }) => date.toDateString())).size, 30);
    for (const { date } of autumn)
        assert.equal(date.getHours(), 0);
});
