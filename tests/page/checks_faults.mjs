// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Whatever comes between: nothing is left half done, and nobody learns of another one's tokens.
import fs from "node:fs";
import { beginToken, button, createToken, fillForm, takeSecret, answer } from "./steps.mjs";
import { expect, journal, until } from "./site.mjs";

const COCKPIT_CONF = { dir: "/etc/cockpit", path: "/etc/cockpit/cockpit.conf" };
const ENVIRONMENT = "/etc/environment"; // of sessions, by pam_env

// Ends the page in its own way with a secret shown, and then nothing must be left.
async function expectNothingLeft(site, how) {
    const { context, tab, page } = await site.logIn("alice");
    const before = site.tokens("alice").length;
    const secret = await beginToken(site, page, "never acknowledged");
    await how({ context, tab, page });
    await site.untilGone("alice");
    expect(!site.isValid(secret), "a secret is valid that nobody acknowledged");
    expect(site.tokens("alice").length === before, "a token is left");
}

// Row W1.
const aReloadEndsIt = (site) => expectNothingLeft(site, ({ tab }) => tab.reload());
// Row W1.
const aClosedTabEndsIt = (site) => expectNothingLeft(site, ({ tab }) => tab.close());
// Row W1.
const aLostSessionEndsIt = (site) => expectNothingLeft(site, () =>
    site.must("root", ["loginctl", "terminate-user", "alice"]));
// Row W1.
const aKilledPatctlEndsIt = (site) => expectNothingLeft(site, async ({ page }) => {
    site.must("root", ["pkill", "-KILL", "-u", "alice", "-f", "patctl converse"]);
    await page.getByText("The operation ended before it was done").waitFor();
});

// Row W1.
async function cockpitsOwnIdleLimitEndsIt(site) {
    fs.mkdirSync(COCKPIT_CONF.dir, { recursive: true });
    fs.writeFileSync(COCKPIT_CONF.path, "[Session]\nIdleTimeout = 1\n");
    const readAgain = () => site.must("root", ["systemctl", "stop", "cockpit.service"]);
    try {
        readAgain();
        await expectNothingLeft(site, async ({ tab }) => {
            await tab.getByText("Session is about to expire").waitFor({ timeout: 90000 });
            await site.shoot(tab, "about-to-expire");
            await tab.waitForSelector("#login-user-input", { timeout: 60000 });
        });
    } finally {
        fs.unlinkSync(COCKPIT_CONF.path);
        readAgain();
    }
}

// It is stopped first, so that it never reads the acknowledgement.
async function aPatctlKilledLaterIsToldAsUnknown(site) {
    const { page } = await site.logIn("alice");
    const signal = (name) =>
        site.must("root", ["pkill", `-${name}`, "-u", "alice", "-f", "patctl converse"]);
    await beginToken(site, page, "acknowledged to nobody");
    signal("STOP");
    await button(page, "I have copied it").click();
    signal("KILL");
    await page.getByText("patd did not answer. The list shows whether it was done.").waitFor();
}

// Row W2.
async function twoTabsDoNotDisturbEachOther(site) {
    const { context, page } = await site.logIn("alice");
    const other = await site.openTab(context);
    const first = await beginToken(site, page, "of the first tab");
    await other.page.locator("#create, #first-step").first().click();
    await fillForm(other.page, "of the second tab");
    await button(other.page, "Create Token").click();
    await other.page.waitForSelector("#answer");
    await button(other.page, "Cancel").last().click();
    await other.tab.close();
    await button(page, "I have copied it").click();
    await page.getByText("The token is valid now.").waitFor();
    expect(site.isValid(first), "the token of the first tab is not valid");
}

async function aSecondTokenWaitsForTheFirst(site) {
    const { page } = await site.logIn("alice");
    await createToken(site, page, "in the list");
    const secret = await beginToken(site, page, "the first");
    const isAtSecret = () => document.activeElement?.classList.contains("patd-fresh");
    await page.click("#create");
    await until(page, isAtSecret);
    await page.getByRole("button", { name: "Edit: in the list" }).click();
    await page.getByRole("button", { name: "Regenerate: in the list" }).click();
    await until(page, isAtSecret);
    await button(page, "I have copied it").click();
    await page.locator(".patd-secret").waitFor({ state: "detached" });
    expect(site.isValid(secret), "the first token is not valid");
}

async function patdIsRestartedUnderThePage(site) {
    const { page } = await site.logIn("alice");
    await page.waitForSelector("#create, #first-step");
    site.must("root", ["systemctl", "restart", "patd.service"]);
    const secret = await createToken(site, page, "after the restart");
    expect(site.isValid(secret), "the token is not valid");
}

// Row W3.
async function aHiddenPageHidesTheSecret(site) {
    const { tab, page } = await site.logIn("alice");
    const secret = await beginToken(site, page, "hidden");
    await tab.getByRole("link", { name: "Logs" }).click();
    await page.locator(".patd-secret").waitFor({ state: "detached" });
    expect(!(await page.content()).includes(secret), "the hidden page has the secret");
    await tab.getByRole("link", { name: "Access tokens" }).click();
    await button(page, "Show the token").click();
    expect(await takeSecret(site, page) === secret, "another secret is shown");
    await button(page, "Discard").click();
    await site.untilGone("alice");
    expect(!site.isValid(secret), "a discarded secret is valid");
}

const isCovered = (page, secret) => until(page, (known) =>
    !document.documentElement.outerHTML.includes(known) &&
    ![...document.querySelectorAll("input")].some((one) => one.value === known), secret);

// A browser hides the tab, keeps it as it is left, or shows it to whoever comes by.
// Row W3.
async function aSecretThatNobodyLooksAtIsCovered(site) {
    const { tab, page } = await site.logIn("alice");
    await tab.clock.install(); // only the time of the page is put forward
    const secret = await beginToken(site, page, "unwatched");
    const hasFocus = (selector) => until(page, (one) =>
        document.activeElement?.matches(one), selector);
    const show = button(page, "Show the token");
    // Whoever has no mouse keeps the place, and hears of it. A screen reader only clicks.
    const idle = async () => {
        await page.locator(".patd-secret button").focus();
        await tab.clock.fastForward(21000);
        await isCovered(page, secret);
        await page.getByRole("status").getByText("The token is covered").waitFor();
        await until(page, () => document.activeElement?.textContent === "Show the token");
    };
    await idle();
    await show.evaluate((element) => element.click());
    await hasFocus(".patd-secret button");
    await idle();
    await show.click();
    const ways = [
        () => page.evaluate(() => {
            Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
            document.dispatchEvent(new Event("visibilitychange"));
            delete document.hidden;
        }),
        () => page.evaluate(() => window.dispatchEvent(new Event("pagehide"))),
    ];
    for (const leave of ways) {
        await page.locator(".patd-secret").waitFor();
        await leave();
        await isCovered(page, secret);
        if (leave !== ways.at(-1))
            await show.click();
    }
    await site.shoot(tab, "covered");
    await button(page, "Discard").click();
    await site.untilGone("alice");
    expect(!site.isValid(secret), "a discarded secret is valid");
}

// Row W4: the bridge at its most talkative, over the life of a token. The hunt at the end reads it.
async function aTalkativeBridgeSaysNoSecret(site) {
    const lines = () => Number(site.must("root", ["sh", "-c", "journalctl -b -o cat | wc -l"]));
    const before = lines();
    const environment = fs.readFileSync(ENVIRONMENT, "utf8");
    // The first for 287's bridge, the second for 337's.
    fs.writeFileSync(ENVIRONMENT, `${environment}G_MESSAGES_DEBUG=all\nCOCKPIT_DEBUG=all\n`);
    try {
        site.must("root", ["loginctl", "terminate-user", "alice"]);
        const { page } = await site.logIn("alice");
        const secret = await createToken(site, page, "told to a talkative bridge");
        expect(site.isValid(secret), "the token is not valid");
        await page.getByRole("button", { name: "Delete: told to a talkative bridge" }).click();
        await answer(page, site.keep("wrong, and told to a talkative bridge"));
        await page.getByText("The password was wrong").waitFor();
        await answer(page, site.people.alice.service);
        await page.getByText("The token was deleted.").waitFor();
    } finally {
        fs.writeFileSync(ENVIRONMENT, environment);
    }
    expect(lines() - before > 200, `the bridge said too little: ${lines() - before} lines`);
}

async function anOldSecretRaisesAnAlarmThatCanBeClosed(site) {
    const { tab, page } = await site.logIn("alice");
    const old = await createToken(site, page, "with an old secret");
    await page.getByRole("button", { name: "Edit: with an old secret" }).click();
    await page.getByRole("button", { name: "Regenerate: with an old secret" }).click();
    await answer(page, site.people.alice.service);
    await takeSecret(site, page);
    await button(page, "I have copied it").click();
    await page.locator(".patd-secret").waitFor({ state: "detached" });
    expect(!site.isValid(old), "the old secret is valid");
    const alarm = page.locator(".pf-v6-c-alert.pf-m-danger");
    await alarm.getByText("with an old secret").waitFor();
    await site.shoot(tab, "alarm");
    await alarm.getByRole("button", { name: "Close" }).click();
    await alarm.waitFor({ state: "detached" });
    await until(page, () => document.activeElement?.id === "create");
}

async function escapeGivesTheFocusBack(site) {
    const { tab, page } = await site.logIn("alice");
    const has = (id) => until(page, (one) => document.activeElement?.id === one, id);
    await page.click("#create");
    await has("description");
    await tab.keyboard.press("Escape");
    await has("create");
    const remove = page.getByRole("button", { name: /^Delete: / }).first();
    await remove.focus();
    await tab.keyboard.press("Enter");
    await has("answer");
    await tab.keyboard.press("Escape");
    await until(page, () =>
        document.activeElement?.getAttribute("aria-label")?.startsWith("Delete: "));
}

async function tooManyWrongPasswordsAreToldAsAWait(site) {
    const { tab, page } = await site.logIn("alice");
    await page.click("#create");
    await fillForm(page, "guessed");
    await button(page, "Create Token").click();
    const wait = page.getByText("You can try again in");
    for (let tries = 0; tries < 12 && await wait.count() === 0; tries++) {
        await answer(page, `guess ${tries}`);
        await page.getByText("The password was wrong").or(wait).first().waitFor();
        await page.locator("#answer:not([readonly])").or(wait).first().waitFor();
    }
    await wait.waitFor();
    await site.shoot(tab, "wait");
    site.givePassword("alice");
}

async function aServiceThatCannotStartIsTold(site) {
    const units = ["patd.service", "patd.socket"];
    site.must("root", ["systemctl", "mask", "--runtime", "--now", ...units]);
    let page;
    try {
        const opened = await site.logIn("alice");
        page = opened.page;
        // Cockpit 287 calls both "not-found".
        await page.getByText(/^patd is not installed.*, or cannot be started/).waitFor();
        await site.shoot(opened.tab, "not-running");
    } finally {
        site.must("root", ["systemctl", "unmask", "--runtime", ...units]);
        site.must("root", ["systemctl", "start", "patd.socket"]);
    }
    await button(page, "Try again").click();
    await page.locator("#create").waitFor();
}

// Row W6.
async function bobSeesNothingOfAlices(site) {
    const { page } = await site.logIn("bob");
    await page.waitForSelector("#create, #first-step");
    const text = await page.content();
    const tokens = site.tokens("alice");
    expect(tokens.length > 0, "alice has no token");
    for (const { id, description } of tokens)
        expect(!text.includes(id), `bob sees ${description}`);
}

// Rows W3 and W4.
async function noSecretIsAnywhere(site) {
    const left = site.left.join("\n");
    expect(left.includes("patd-page"), "nothing is left to hunt in");
    const places = { "the journal": journal(), "a browser after a check": left };
    for (const [place, text] of Object.entries(places))
        for (const [name, secret] of site.secrets)
            expect(!text.includes(secret), `${place} has ${name}`);
}

export const faultChecks = [
    ["two tabs do not disturb each other", twoTabsDoNotDisturbEachOther],
    ["a second token waits for the first", aSecondTokenWaitsForTheFirst],
    ["a reload ends what was not acknowledged", aReloadEndsIt],
    ["a closed tab ends it", aClosedTabEndsIt],
    ["a lost session ends it", aLostSessionEndsIt],
    ["the limit that Cockpit has for idle sessions ends it", cockpitsOwnIdleLimitEndsIt],
    ["a killed patctl ends it, and the page says so", aKilledPatctlEndsIt],
    ["a patctl killed after the acknowledgement is told as not known",
     aPatctlKilledLaterIsToldAsUnknown],
    ["patd is restarted under the page", patdIsRestartedUnderThePage],
    ["a hidden page hides the secret", aHiddenPageHidesTheSecret],
    ["a secret that nobody looks at is covered", aSecretThatNobodyLooksAtIsCovered],
    ["an old secret raises an alarm, which can be closed", anOldSecretRaisesAnAlarmThatCanBeClosed],
    ["Escape gives the focus back", escapeGivesTheFocusBack],
    ["a service that cannot start is told", aServiceThatCannotStartIsTold],
    ["bob sees nothing of alice's", bobSeesNothingOfAlices],
    ["too many wrong passwords are told as a wait", tooManyWrongPasswordsAreToldAsAWait],
    ["a talkative bridge says no secret", aTalkativeBridgeSaysNoSecret],
];
export const huntChecks = [["no secret is anywhere", noSecretIsAnywhere]];
