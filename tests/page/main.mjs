// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Drives the token page in a real browser, on the machine where Cockpit and patd run: one line for
// each check.
import { adminChecks } from "./checks_admin.mjs";
import { cutChecks } from "./checks_cut.mjs";
import { faultChecks, huntChecks } from "./checks_faults.mjs";
import { languageChecks } from "./checks_languages.mjs";
import { lastLifeChecks, lifeChecks } from "./checks_life.mjs";
import { speedChecks } from "./checks_speed.mjs";
import { viewChecks } from "./checks_views.mjs";
import { Site } from "./site.mjs";

const ALL = [...lifeChecks, ...viewChecks, ...languageChecks, ...faultChecks, ...cutChecks,
                ...adminChecks, ...lastLifeChecks, ...huntChecks];
// SPEED: only how fast it is. ONLY: a regular expression of names.
const CHECKS = process.env.SPEED ? speedChecks : ALL;
const only = new RegExp(process.env.ONLY ?? "");

async function run(site, [name, check]) {
    const began = Date.now();
    const seconds = () => ((Date.now() - began) / 1000).toFixed(1).padStart(6);
    try {
        await check(site);
        console.log(`ok      ${seconds()} s  ${name}`);
    } catch (error) {
        const told = `${name}\n${error.stack}`.replaceAll("\n", "\n        ");
        console.log(`FAILED  ${seconds()} s  ${told}`);
        await site.shootAll(`failed-${name.replaceAll(" ", "-")}`);
    } finally {
        await site.closePages();
    }
}

const chosen = CHECKS.filter(([name]) => only.test(name));
console.log(`wanted ${chosen.length}`);
const site = await Site.open();
for (const check of chosen)
    await run(site, check);
await site.close();
