// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

import assert from "node:assert/strict";
import { test } from "node:test";

import { Newest } from "../../../page/src/list/newest";

test("an answer is taken although another was asked for, and dropped behind a newer one", () => {
    const newest = new Newest();
    const [first, second, third] = [newest.ask(), newest.ask(), newest.ask()];
    assert.equal(newest.take(first), true);
    assert.equal(newest.take(third), true);
    assert.equal(newest.take(second), false);
});
