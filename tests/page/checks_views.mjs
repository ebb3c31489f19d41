// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Every view in every size and style: drawn, without a violation that axe-core finds.
import fs from "node:fs";
import { expect, until } from "./site.mjs";

const AXE = fs.readFileSync("/opt/page-test/node_modules/axe-core/axe.min.js", "utf8");

// What axe-core finds on what is shown now. The frame's own policy forbids scripts in the page, so
// it is evaluated from outside.
export async function expectAccessible(page, name) {
    if (!await page.evaluate(() => "axe" in window))
        await page.evaluate(AXE);
    // Colours that are still changing have the contrast of neither style.
    await page.evaluate(() => Promise.allSettled(
        document.getAnimations().filter((one) => one instanceof CSSTransition)
            .map((one) => one.finished)));
    const { violations } = await page.evaluate(() => window.axe.run(document));
    const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html).join(" ")}`);
    expect(violations.length === 0, `${name}: ${told.join("\n").slice(0, 2000)}`);
}

const SIZES = [{ width: 1280, height: 900 }, { width: 320, height: 720 }];
const STYLES = ["light", "dark"];

// In every size and style, without a way between them: what is drawn follows by itself.
async function lookAtAll(site, tab, page, view) {
    for (const size of SIZES) {
        await tab.setViewportSize(size);
        for (const colorScheme of STYLES) {
            await tab.emulateMedia({ colorScheme });
            await until(page, (style) => (style === "dark") ===
                document.documentElement.classList.contains("pf-v6-theme-dark"), colorScheme);
            await expectAccessible(page, `${view} ${size.width} ${colorScheme}`);
            await site.shoot(tab, `${view}-${size.width}-${colorScheme}`);
        }
    }
    await tab.setViewportSize(SIZES[0]);
}

async function visit(site, tab, page) {
    const look = (view) => lookAtAll(site, tab, page, view);
    await page.getByText("laptop").waitFor();
    await page.getByRole("img", { name: /^Uses in the last 14 days: Released: 5/ }).waitFor();
    await look("list");
    await page.getByRole("tab", { name: "Events" }).click();
    await page.getByRole("grid", { name: "Events" }).waitFor();
    await look("events");
    await page.getByRole("tab", { name: "Explain" }).click();
    await page.fill("#explain-url", "https://git.example/team/tool.git");
    await page.getByRole("button", { name: "Explain", exact: true }).click();
    await page.getByText("git would get “laptop”").waitFor();
    await look("explain");
    await page.getByRole("tab", { name: "Tokens" }).click();
    await page.click("#more");
    await page.getByRole("menuitem", { name: "Import a file" }).click();
    await page.fill("#file", "~/lines");
    await page.getByLabel("Leave out lines that cannot be imported").check();
    await page.getByText("1 token will be imported.").waitFor();
    await look("file");
    await tab.keyboard.press("Escape");
    await page.getByRole("tab", { name: "Tokens" }).click();
    await page.getByRole("button", { name: "Edit: laptop" }).click();
    await page.getByRole("button", { name: "Update Token" }).waitFor();
    await look("edit");
    await tab.keyboard.press("Escape");
    await page.click("#create");
    await page.fill("#description", "backup of the mail server");
    await page.getByRole("button", { name: /^git / }).click();
    await page.locator("[id='permission-git:repository-ro']").click();
    await page.fill("#place-0", "https://mail.example/backup");
    await look("create");
    await page.getByRole("button", { name: "Create Token" }).click();
    await page.waitForSelector("#answer");
    await look("dialog");
    await tab.keyboard.press("Escape");
    await until(page, () => document.activeElement?.textContent === "Create Token");
    await tab.keyboard.press("Escape");
    await until(page, () => document.activeElement?.id === "create");
}

// A file with one line that can be imported and one that cannot.
export function putLines(site) {
    const lines = [`https://bob:${site.keep("secret-of-a-line")}@line.example`,
                   "http://bob:plain@line.example", ""];
    site.must("bob", ["sh", "-c", "umask 077; cat >~/lines"], lines.join("\n"));
}

function makeTokens(site) {
    site.givePassword("bob");
    const make = (...argv) => site.change("bob", "create", ...argv, "--output-fd", "1");
    make("laptop", "-p", "git:repository:rw", "-t", "https://git.example", "-e", "90d");
    make("nightly backup", "-p", "git:repository:ro", "-p", "git:lfs:ro", "-t",
         "https://git.example/infra", "-e", "7d", "--only-unit", "backup.service");
    make("photo frame", "-p", "git:lfs:ro", "-p", "git:repository:ro", "-p", "git:hook:ro", "-e",
         "1d");
    make("deploy, asks first", "-p", "git:repository:ro", "-t", "https://deploy.example",
         "--confirm");
    const request = "protocol=https\nhost=git.example\npath=team/tool.git\n\n";
    for (let times = 0; times < 5; times++)
        site.must("bob", ["git-credential-pat", "get"], request);
    site.run("bob", ["git-credential-pat", "get"], request.replace("git.ex", "deploy.ex"));
}

async function everyViewIsAccessible(site) {
    makeTokens(site);
    putLines(site);
    const { tab, page } = await site.logIn("bob");
    await visit(site, tab, page);
}

// Row W5.
async function whatPatctlDoesShowsByItself(site) {
    const { page } = await site.logIn("bob");
    await page.getByText("laptop").waitFor();
    const made = "made by <b>patctl</b> & \"quoted\"";
    site.change("bob", "create", made, "-p", "git:repository:ro", "--output-fd", "1");
    const began = Date.now();
    await page.getByText(made, { exact: true }).waitFor();
    const passed = Date.now() - began;
    expect(passed < 3000, `shown only ${passed} ms after patctl had made it`);
    await page.getByRole("searchbox", { name: "Filter tokens" }).or(
        page.getByLabel("Filter tokens")).first().fill("BACKUP git.example");
    await page.getByText("1 token", { exact: true }).waitFor();
    expect(await page.getByText("laptop").count() === 0, "the filter shows what does not fit");
}

export const viewChecks = [
    ["every view is drawn and accessible", everyViewIsAccessible],
    ["what patctl does shows by itself, as text", whatPatctlDoesShowsByItself],
];
