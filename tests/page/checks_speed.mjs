// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// How fast the page is beside Cockpit's own, and beside patctl: ratios and differences of one run,
// because a machine's own times say little on another.
import fs from "node:fs";
import { fillForm } from "./steps.mjs";
import { expect } from "./site.mjs";

const MANY = 1000;
const ROUNDS = 5;
const PAINT_ROUNDS = 3; // Services takes a quarter of a minute
const PAINT_MS_MAX = 60000; // Services takes long over so many
const RATIO_MAX = 1.5;
const MORE_MS_MAX = 150;

const medianOf = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

function makeManyTokens(site) {
    site.givePassword("carol");
    const lines = Array.from({ length: MANY }, (_one, index) =>
        `https://carol:secret-${index}-xyz@many.example/${index}\n`);
    site.must("carol", ["sh", "-c", "umask 077; cat >~/many"], lines.join(""));
    site.change("carol", "import", "--from", "/home/carol/many", "--format", "git");
}

function makeManyServices(site) {
    const units = Number(site.must("root", ["sh", "-c",
        "systemctl list-unit-files --no-legend --type=service | wc -l"]));
    for (let index = 0; index < MANY - units; index++)
        fs.writeFileSync(`/run/systemd/system/many-${index}.service`,
                         `[Unit]\nDescription=One of many\n[Service]\nExecStart=/bin/true\n`);
    site.must("root", ["systemctl", "daemon-reload"]);
    // Services asks about all at once, which is more than a connection may: it would show none.
    const limit = '<limit name="max_replies_per_connection">50000</limit>';
    fs.writeFileSync("/etc/dbus-1/system-local.conf", `<busconfig>${limit}</busconfig>`);
    site.must("root", ["systemctl", "reload", "dbus.service"]);
}

// From the address to the first row that can be seen.
async function paint(site, tab, path, row) {
    const began = Date.now();
    await tab.goto(`${site.address}/${path}`);
    const frame = await tab.waitForSelector(`iframe[name$='/${path}']`, { state: "attached" });
    await (await frame.contentFrame()).waitForSelector(row, { timeout: PAINT_MS_MAX });
    return Date.now() - began;
}

async function aThousandTokensArePaintedAsFastAsServices(site) {
    makeManyTokens(site);
    makeManyServices(site);
    const { tab } = await site.logIn("carol");
    const times = { patd: [], services: [] };
    for (let round = 0; round < PAINT_ROUNDS; round++) {
        times.patd.push(await paint(site, tab, "patd", "tr[data-token]"));
        times.services.push(await paint(site, tab, "system/services", "tbody tr"));
    }
    const [own, theirs] = [medianOf(times.patd), medianOf(times.services)];
    console.log(`        first row of ${MANY}: ${own} ms; of Services ${theirs} ms; ratio ` +
        (own / theirs).toFixed(2));
    expect(own <= RATIO_MAX * theirs, "slower than that");
}

// Clicks, and waits for an element in the page itself: what drives the browser costs time too.
const timeClick = (page, clicked, awaited) => page.evaluate(([from, to]) =>
    new Promise((resolve) => {
        const began = performance.now();
        const look = () => {
            if (document.querySelector(to)) {
                observer.disconnect();
                resolve(performance.now() - began);
            }
        };
        const observer = new MutationObserver(look);
        observer.observe(document.body, { subtree: true, childList: true, attributes: true });
        document.querySelector(from).click();
        look();
    }), [clicked, awaited]);

// What the machine does for a new token; how fast somebody types is left out.
async function createOnPage(site, page, description) {
    await page.locator("#create, #first-step").first().click();
    await fillForm(page, description);
    let passed = await timeClick(page, ".patd-form [type=submit]", "#answer:not([readonly])");
    await page.fill("#answer", site.people.alice.service);
    passed += await timeClick(page, "[form=operation-form]", ".patd-secret input");
    passed += await timeClick(page, ".patd-fresh .pf-m-primary", ".pf-v6-c-tab-content " +
        ".pf-v6-c-alert.pf-m-success");
    return Math.round(passed);
}

async function creatingTakesLittleMoreThanPatctl(site) {
    site.givePassword("alice");
    const { page } = await site.logIn("alice");
    await page.locator("#create, #first-step").first().waitFor();
    const times = { page: [], patctl: [] };
    for (let round = 0; round < ROUNDS; round++) {
        times.page.push(await createOnPage(site, page, `of the page, ${round}`));
        const began = Date.now();
        site.change("alice", "create", `of patctl, ${round}`, "-p", "git:repository:rw", "-t",
                    "https://git.example", "--output-fd", "1");
        times.patctl.push(Date.now() - began);
    }
    const [own, theirs] = [medianOf(times.page), medianOf(times.patctl)];
    console.log(`        a token by the page: ${own} ms; by patctl ${theirs} ms; ` +
        `${own - theirs} ms more`);
    expect(own - theirs <= MORE_MS_MAX, "more than that");
}

export const speedChecks = [
    ["a thousand tokens are painted as fast as Cockpit's services",
     aThousandTokensArePaintedAsFastAsServices],
    ["creating a token takes little more than with patctl", creatingTakesLittleMoreThanPatctl],
];
