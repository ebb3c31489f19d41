// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

import assert from "node:assert/strict";
import { test } from "node:test";

import {
    accessOf, type Area, areasOf, parseGrants, permissionList, sentenceOf, withArea,
} from "../../../page/src/editor/permissions";
import type { Permission } from "../../../page/src/patd/types";

const CATALOGUE: Permission[] = [
    { area: "git", object: "", access: [], description: "Repositories" },
    { area: "git", object: "repository", access: ["ro", "rw"], description: "Code" },
    { area: "git", object: "hook", access: ["ro"], description: "Hooks" },
    { area: "mail", object: "box", access: ["rw"], description: "Mail" },
];
const areas = areasOf(CATALOGUE, new Map());
const [git, mail] = areas as [Area, Area];

test("the catalogue becomes areas with their objects", () => {
    assert.deepEqual(areas.map(({ name, items }) => [name, items.length]),
                     [["git", 2], ["mail", 1]]);
    assert.equal(git.description, "Repositories");
});

test("what a token has stays a choice when the catalogue lost it", () => {
    const grants = parseGrants(["old:thing:rw"]);
    const all = areasOf(CATALOGUE, grants);
    assert.deepEqual(permissionList(all, grants), ["old:thing:rw"]);
});

test("all of an area is written as the area", () => {
    const grants = withArea(git, new Map(), "rw");
    assert.deepEqual(permissionList(areas, grants), ["git"]);
    assert.equal(accessOf(git, grants), "rw");
    assert.deepEqual(permissionList(areas, withArea(git, grants, "ro")),
                     ["git:repository:ro", "git:hook:ro"]);
    assert.deepEqual(permissionList(areas, withArea(git, grants, null)), []);
});

test("an area of one object is never widened to what it may hold later", () => {
    assert.deepEqual(permissionList(areas, withArea(mail, new Map(), "rw")), ["mail:box:rw"]);
});

test("some of an area is mixed, none of it is nothing", () => {
    assert.equal(accessOf(git, new Map([["git:hook", "ro"]])), "mixed");
    assert.equal(accessOf(git, new Map()), null);
    assert.equal(accessOf(git, new Map([["git:hook", "ro"], ["git:repository", "ro"]])), "ro");
});

test("the sentence says what may be changed, what is only read, and nothing else", () => {
    assert.equal(sentenceOf(areas, new Map()), "This token will not be allowed anything yet.");
    assert.equal(sentenceOf(areas, new Map([["git:repository", "rw"], ["git:hook", "ro"]])),
                 "May read and change: repository (git). May only read: hook (git). Nothing else.");
});
