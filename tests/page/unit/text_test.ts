// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

import assert from "node:assert/strict";
import { test } from "node:test";

import { cockpit } from "./cockpit";
import { failureOf, failureOfError } from "../../../page/src/patd/failure";
import { agoText, shown } from "../../../page/src/text";

test("a time is told in the largest unit that it fills", () => {
    const ago = (seconds: number) => agoText(1000000000 - seconds, 1000000000);
    assert.equal(ago(0), "now");
    assert.equal(ago(59), "now");
    assert.equal(ago(60), "1 minute ago");
    assert.equal(ago(86399), "23 hours ago");
    assert.equal(ago(86400), "yesterday");
    assert.equal(ago(-3 * 86400), "in 3 days");
    assert.equal(ago(2 * 31557600), "2 years ago");
});

test("what nobody sees, or what turns the text round, is shown by its number", () => {
    assert.equal(shown("a\u202eb\u0000\n\u200b"), "a\\u202eb\\u0000\\u000a\\u200b");
    assert.equal(shown("<b>ä 令牌</b>"), "<b>ä 令牌</b>");
});

test("only what patd itself says is shown", () => {
    const said = "Traceback (most recent call last): /home/alice";
    for (const thrown of [{ name: "python.error", message: said }, { message: said }, {}, "text"])
        assert.ok(!failureOf(thrown).message.includes("Traceback"));
    assert.equal(failureOf({ name: "org.patd.Tokens1.Error.Locked", message: "x" }).name, "Locked");
    assert.equal(failureOf({ problem: "not-found" }).name, "NotInstalled");
});

test("a refusal of a value is told as patd does in English, and in own words elsewhere", () => {
    const error = { name: "org.patd.Tokens1.Error.InvalidTarget", message: "a: no scheme.",
                    fix: "Did you mean https://a?", field: "targets", item: 0, seconds: null };
    assert.equal(failureOfError(error).message, "a: no scheme. Did you mean https://a?");
    cockpit.language = "de";
    try {
        assert.ok(!failureOfError(error).message.includes("no scheme"));
    } finally {
        cockpit.language = "en";
    }
});

test("a file is told in own words elsewhere: what it is, or that it has lines of no use", () => {
    const told = (name: string, message: string, fix: string | null) => failureOfError({
        name: `org.patd.Tokens1.Error.${name}`, message, fix, field: "file", item: null,
        seconds: null,
    }).message;
    cockpit.language = "de";
    try {
        assert.match(told("InvalidTarget", "line 2: http.", "1 line cannot be imported."), /^Some/);
        assert.match(told("MalformedRequest", "line 2: what.", "Line 3: what; 2 lines cannot be " +
            "imported."), /^Some lines/);
        assert.match(told("MalformedRequest", "the file is empty.", null), /holds no tokens/);
        assert.match(told("BadFile", "/x cannot be read: no.", null), /holds no tokens/);
    } finally {
        cockpit.language = "en";
    }
    assert.equal(told("BadFile", "/x cannot be read: no.", null), "/x cannot be read: no.");
});
