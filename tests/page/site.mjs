// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The machine under test and the browser in front of it.
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import { chromium } from "playwright-core";

const COCKPIT = "http://127.0.0.1:9090";
const HERE = "/opt/page-test";
export const WAIT_MS = 15000;

export function expect(condition, text) {
    if (!condition)
        throw new Error(text);
}

// Waits until a function of the page gives true. (Playwright's own waitForFunction needs eval in
// the page, which Cockpit's policy forbids.)
export async function until(page, condition, argument) {
    const end = Date.now() + WAIT_MS;
    while (!await page.evaluate(condition, argument)) {
        expect(Date.now() < end, `never came true: ${condition}`);
        await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
}

export class Site {
    constructor(browser) {
        this.browser = browser;
        this.people = JSON.parse(fs.readFileSync(`${HERE}/people.json`, "utf8"));
        this.secrets = new Map(); // what must be found nowhere afterwards: name -> secret
        this.contexts = [];
        this.left = []; // what browsers held when their checks were over
        for (const [name, { login, service }] of Object.entries(this.people)) {
            this.secrets.set(`${name}'s login password`, login);
            this.secrets.set(`${name}'s service password`, service);
        }
    }

    get address() {
        return COCKPIT;
    }

    static async open() {
        return new Site(await chromium.launch({
            executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"],
        }));
    }

    async close() {
        await this.browser.close();
    }

    async closePages() {
        for (const context of this.contexts)
            await this.#keepWhatIsLeft(context);
        await Promise.all(this.contexts.map((context) => context.close()));
        this.contexts = [];
    }

    // A tab or a frame may be gone meanwhile. A secret that waits for its owner is there to be
    // seen.
    async #keepWhatIsLeft(context) {
        const keep = async (reading) => this.left.push(await reading.catch(() => ""));
        await keep(context.storageState().then(JSON.stringify));
        for (const frame of context.pages().flatMap((tab) => tab.frames())) {
            await keep(frame.evaluate(() => {
                const copy = document.documentElement.cloneNode(true);
                copy.querySelectorAll(".patd-fresh").forEach((shown) => shown.remove());
                return copy.outerHTML;
            }));
            await keep(frame.evaluate(() =>
                JSON.stringify([location.href, { ...localStorage }, { ...sessionStorage }])));
        }
    }

    // The page of somebody who has just logged in; `how`: width, height, colorScheme, language.
    async logIn(name, how = {}) {
        const context = await this.browser.newContext({
            viewport: { width: how.width ?? 1280, height: how.height ?? 900 },
            colorScheme: how.colorScheme ?? "light",
        });
        context.setDefaultTimeout(WAIT_MS);
        this.contexts.push(context);
        await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: COCKPIT });
        if (how.language)
            await context.addCookies([{ name: "CockpitLang", value: how.language, url: COCKPIT }]);
        const tab = await context.newPage();
        tab.said = [];
        tab.on("console", (message) => tab.said.push(message.text()));
        tab.on("pageerror", (error) => tab.said.push(String(error)));
        await tab.goto(`${COCKPIT}/patd`);
        await tab.fill("#login-user-input", name);
        await tab.fill("#login-password-input", this.people[name].login);
        await tab.click("#login-button");
        return { context, tab, page: await this.frameOf(tab) };
    }

    async openTab(context) {
        const tab = await context.newPage();
        await tab.goto(`${COCKPIT}/patd`);
        return { context, tab, page: await this.frameOf(tab) };
    }

    async frameOf(tab) {
        const frame = await tab.waitForSelector("iframe[name$='/patd']", { state: "attached" });
        const page = await frame.contentFrame();
        await page.waitForSelector("h1");
        return page;
    }

    // Commands on the machine

    run(user, argv, input = "") {
        const become = user === "root" ? [] : ["runuser", "-u", user, "--"];
        const [program, ...rest] = [...become, ...argv];
        const done = spawnSync(program, rest, { input, encoding: "utf8", cwd: "/" });
        return { status: done.status, output: done.stdout, error: done.stderr };
    }

    must(user, argv, input = "") {
        const done = this.run(user, argv, input);
        expect(done.status === 0, `${argv.join(" ")} gave ${done.status}: ${done.error}`);
        return done.output;
    }

    tokens(user) {
        return JSON.parse(this.must(user, ["patctl", "--json", "list"]));
    }

    isValid(secret) {
        return this.run("root", ["patctl", "verify"], `${secret}\n`).status === 0;
    }

    // Until the command behind a page has ended.
    async untilGone(user) {
        const end = Date.now() + WAIT_MS;
        while (this.run("root", ["pgrep", "-u", user, "-f", "patctl converse"]).status === 0) {
            expect(Date.now() < end, "patctl is still there");
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
    }

    keep(secret) {
        this.secrets.set(`token ${this.secrets.size}`, secret);
        return secret;
    }

    // patctl as a script runs it, with passwords. (Not in an argument: the journal keeps those of
    // whoever writes to it.)
    answered(user, argv, answers) {
        const line = 'exec patctl "$@" --password-fd 3 3<&0 0</dev/null';
        return this.must(user, ["sh", "-c", line, "sh", ...argv], `${answers.join("\n")}\n`);
    }

    change(user, ...argv) {
        return this.answered(user, argv, [this.people[user].service]);
    }

    // Another service password, as an administrator sets one; it also ends a wait.
    givePassword(user) {
        this.people[user].service += "+";
        this.secrets.set(`another of ${user}`, this.people[user].service);
        const { service } = this.people[user];
        this.answered("root", ["admin", "passwd", user], [service, service]);
    }

    // Pictures

    async shoot(tab, name) {
        await tab.screenshot({ path: `${HERE}/shots/${name}.png` });
    }

    async shootAll(name) {
        for (const [index, context] of this.contexts.entries())
            for (const tab of context.pages()) {
                await this.shoot(tab, `${name}-${index}`).catch(() => undefined);
                if (tab.said?.length > 0)
                    console.log(`        the browser said: ${tab.said.slice(-8).join("\n")}`);
            }
    }
}

export const journal = () => execFileSync("journalctl", ["-b", "--no-pager", "-o", "export"],
                                          { encoding: "latin1", maxBuffer: 1 << 28 });
