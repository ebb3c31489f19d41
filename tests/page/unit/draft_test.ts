// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

import assert from "node:assert/strict";
import { test } from "node:test";

import {
    argumentsOf, type Draft, emptyDraft, expiriesFor, fieldOfTarget, hasPlainHttp, targetsOf,
    wishedOf,
} from "../../../page/src/editor/draft";
import { faultsOf, isComplete } from "../../../page/src/editor/faults";
import { linesOf, stateOf, wishOfFile } from "../../../page/src/editor/file_draft";

const draft = (changes: Partial<Draft> = {}): Draft => ({ ...emptyDraft(0), ...changes });

test("the expiries are those that the machine allows", () => {
    assert.deepEqual(expiriesFor(0), ["7d", "30d", "90d", "date", "never"]);
    assert.deepEqual(expiriesFor(30 * 86400), ["1d", "7d", "30d", "date"]);
    assert.deepEqual(expiriesFor(60), ["date"]);
    assert.equal(emptyDraft(0).expiry, "30d");
    assert.equal(emptyDraft(7 * 86400).expiry, "7d");
    assert.equal(emptyDraft(60).expiry, "date");
});

test("empty places are left out, and a fault finds its field again", () => {
    const typed = draft({ targets: ["", " https://a.example ", "", "https://b.example"] });
    assert.deepEqual(targetsOf(typed), ["https://a.example", "https://b.example"]);
    assert.equal(fieldOfTarget(typed, 1), 3);
    assert.equal(fieldOfTarget(typed, 9), 0);
});

test("http is noticed in every spelling", () => {
    for (const text of ["http://a", " HTTP://a", "bearer+http://a"])
        assert.ok(hasPlainHttp(draft({ targets: [text] })), text);
    for (const text of ["https://a", "a http://b", "httpx://a"])
        assert.ok(!hasPlainHttp(draft({ targets: [text] })), text);
});

test("units are separated by blanks and commas, and a date goes as it is", () => {
    const typed = argumentsOf(draft({ units: " a.service,b.service  c.service ", expiry: "date",
                                      date: "2027-06-30" }), [], false);
    assert.deepEqual(typed.only_units, ["a.service", "b.service", "c.service"]);
    assert.equal(typed.expires, "2027-06-30");
});

test("what must be there is sent even if empty, so that the service looks at the rest", () => {
    assert.deepEqual(Object.keys(wishedOf(draft(), [], false)).sort(),
                     ["confirm", "description", "expires", "permissions"]);
});

test("what is missing is told after a try, what is wrong at once and at its field", () => {
    assert.ok(!isComplete(draft(), false));
    assert.equal(faultsOf(draft(), false, [], false).of("description"), "");
    assert.equal(faultsOf(draft(), false, [], true).of("description"), "Say what the token is for");
    const typed = draft({ description: "x", targets: ["", "git.example"] });
    const faults = faultsOf(typed, false, [
        { name: "InvalidTarget", message: "begin with https://", field: "targets", item: 0 },
        { name: "Locked", message: "locked" }], false);
    assert.equal(faults.places.get(1), "begin with https://");
    assert.deepEqual(faults.others, ["locked"]);
});

test("a file is wished as patctl takes it, and its lines come in their order", () => {
    assert.deepEqual(wishOfFile({ file: " ~/x ", format: "", skip: false }).arguments,
                     { file: "~/x" });
    assert.deepEqual(wishOfFile({ file: "/x", format: "git", skip: true }).arguments,
                     { file: "/x", format: "git", skip: true });
    const lines = linesOf({
        lines: [{ line: 3, skipped: "why" }, { line: 1 }, { line: 2, kept_already: "A" },
                { line: 4, passed_over: "" }],
    });
    assert.deepEqual(lines.map(stateOf), ["new", "kept", "skipped", "passed-over"]);
    assert.deepEqual(linesOf({}), []);
});
