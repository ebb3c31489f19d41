// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The life of alice's tokens, from the first password on.
import fs from "node:fs";
import { expectAccessible } from "./checks_views.mjs";
import { answer, button, createToken, fillForm, takeSecret, useOldSecret } from "./steps.mjs";
import { expect, until } from "./site.mjs";

const STACK = "/etc/pam.d/patd";

// A new service password, from the login password on.
async function setFirstPassword(site, page, name) {
    const { login, service } = site.people[name];
    await page.getByLabel(`Login password of ${name}`).waitFor();
    await answer(page, login);
    await page.getByLabel(/^New service password(?!,)/).waitFor();
    await answer(page, service);
    await page.getByLabel("New service password, once more").waitFor();
    await answer(page, service);
    await page.getByText("Your service password is set.").waitFor();
}

async function aliceSetsHerFirstPassword(site) {
    const { tab, page } = await site.logIn("alice");
    await page.getByText("First, set your service password").waitFor();
    await site.shoot(tab, "first");
    await button(page, "Set service password").click();
    await page.waitForSelector("#answer");
    await site.shoot(tab, "first-password");
    await setFirstPassword(site, page, "alice");
    await page.getByText("You have no access tokens").waitFor();
    await site.shoot(tab, "empty");
}

async function aliceMakesATokenWithAWrongAndTheRightPassword(site) {
    const { tab, page } = await site.logIn("alice");
    await page.click("#first-step");
    await fillForm(page, "laptop");
    await site.shoot(tab, "create-filled");
    await button(page, "Create Token").click();
    await answer(page, site.keep("not the password"));
    await page.getByText("The password was wrong").waitFor();
    await site.shoot(tab, "wrong-password");
    await answer(page, site.people.alice.service);
    const secret = await takeSecret(site, page);
    await site.shoot(tab, "secret");
    expect(/^pat1_/.test(secret), "that is no token");
    expect(!site.isValid(secret), "the token is valid before it was acknowledged");
    await page.locator(".patd-secret button").click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied === secret, "the clipboard has something else");
    await button(page, "I have copied it").click();
    await page.getByText("The token is valid now.").waitFor();
    expect(site.isValid(secret), "patctl verify refuses the token");
    await site.shoot(tab, "list-one");
    await tab.reload();
    const again = await site.frameOf(tab);
    await again.getByText("laptop").waitFor();
    expect(!(await again.content()).includes(secret), "a reload shows the secret");
}

async function everyRefusalStandsAtItsField(site) {
    const { tab, page } = await site.logIn("alice");
    await page.click("#create");
    await button(page, "Create Token").click();
    await page.getByText("Say what the token is for").waitFor();
    await page.getByText("Choose at least one permission").waitFor();
    await page.fill("#place-0", "git.example"); // told before there is a description
    await page.waitForSelector("#place-0-help .pf-m-error");
    await fillForm(page, "x".repeat(65), "git.example");
    await page.fill("#units", "backup");
    for (const id of ["description-help", "place-0-help", "units-help"])
        await page.waitForSelector(`#${id} .pf-m-error`);
    await site.shoot(tab, "create-faults");
    await page.fill("#description", "right");
    await page.fill("#place-0", "https://git.example");
    await page.fill("#units", "backup.service");
    await page.fill("#place-0", "http://git.example");
    await page.getByLabel("Also without encryption (http)").check();
    await until(page, () => !document.querySelector(".patd-form .pf-m-error"));
}

async function aliceEditsRegeneratesAndDeletesAToken(site) {
    const { tab, page } = await site.logIn("alice");
    await createToken(site, page, "to be edited");
    await page.getByRole("button", { name: "Edit: to be edited" }).click();
    await page.fill("#description", "edited");
    await button(page, "Update Token").click();
    await answer(page, site.people.alice.service);
    await page.getByText("The token was updated.").waitFor();
    expect(site.tokens("alice").some((one) => one.description === "edited"), "it was not edited");
    await page.getByRole("button", { name: "Edit: edited" }).click();
    await page.getByRole("button", { name: "Regenerate: edited" }).click();
    await answer(page, site.people.alice.service);
    const secret = await takeSecret(site, page);
    await button(page, "I have copied it").click();
    await page.locator(".patd-secret").waitFor({ state: "detached" });
    expect(site.isValid(secret), "the regenerated token is not valid");
    await page.getByRole("button", { name: "Delete: edited" }).click();
    await page.waitForSelector("#answer");
    await site.shoot(tab, "delete");
    await answer(page, site.people.alice.service);
    await page.getByText("The token was deleted.").waitFor();
    expect(!site.isValid(secret), "the deleted token is valid");
}

// The machine's own stack may ask more than a password.
async function aSecondFactorIsAskedToo(site) {
    const stack = fs.readFileSync(STACK, "utf8");
    const more = "auth required pam_pat.so password backend=file [prompt=One-time code]\n";
    fs.writeFileSync(STACK, stack.replace(/^(auth.*\n)/m, `$1${more}`));
    try {
        const { tab, page } = await site.logIn("alice");
        await page.locator("#create, #first-step").first().click();
        await fillForm(page, "with a second factor");
        await button(page, "Create Token").click();
        await answer(page, site.people.alice.service);
        await page.getByLabel("One-time code").waitFor();
        await site.shoot(tab, "second-factor");
        await answer(page, site.people.alice.service);
        const secret = await takeSecret(site, page);
        await button(page, "I have copied it").click();
        await page.getByText("The token is valid now.").waitFor();
        expect(site.isValid(secret), "the token is not valid");
    } finally {
        fs.writeFileSync(STACK, stack);
    }
}

async function aliceImportsLocksAndUnlocks(site) {
    const { tab, page } = await site.logIn("alice");
    await page.click("#more");
    await site.shoot(tab, "menu");
    await page.getByRole("menuitem", { name: "Import a token" }).click();
    await page.fill("#description", "forge");
    await page.fill("#username", "alice");
    await page.fill("#place-0", "https://forge.example/team");
    await button(page, "Import").click();
    await answer(page, site.keep("ghp_secretOfTheForge123456"));
    await page.getByLabel("Service password for alice").waitFor();
    await answer(page, site.people.alice.service);
    await page.getByText("The token was imported.").waitFor();
    await page.click("#more");
    await page.getByRole("menuitem", { name: "Lock all tokens" }).click();
    await page.getByText("Your tokens are locked").waitFor();
    await site.shoot(tab, "locked");
    await button(page, "Unlock").click();
    await answer(page, site.people.alice.service);
    await page.getByText("Your tokens are unlocked.").waitFor();
}

const FILE = "~/.git-credentials";
// And what is said of each.
const REFUSED_FILES = [
    ["nowhere", "must be absolute"],
    ["~/nowhere", "/nowhere cannot be read: No such file"],
    ["/etc/shadow", "/etc/shadow cannot be read: Permission denied"],
    ["~/pipe", "/pipe cannot be read: it is no regular file"],
    ["/etc", "/etc cannot be read: it is no regular file"],
    ["~/huge", "too long for one import"],
];

// Two lines that can be imported and one that cannot, and what is refused.
function putFiles(site) {
    const secrets = ["one", "two"].map((name) => site.keep(`secret-of-file-${name}-abc`));
    const lines = secrets.map((secret, index) => `https://alice:${secret}@file${index}.example\n`);
    const make = `umask 077; cat >${FILE}; mkfifo ~/pipe; truncate -s 2G ~/huge`;
    site.must("alice", ["sh", "-c", make],
              [...lines, "http://alice:plain@file.example\n"].join(""));
    return secrets;
}

// As soon as the wish is another one, before its own lines are there: it may have none.
async function expectNothingToImport(page) {
    expect(await button(page, "Import").isDisabled(), "lines of another wish can be imported");
    expect(await page.getByRole("grid", { name: "Lines of the file" }).count() === 0,
           "lines of another wish are shown");
    await page.press("#file", "Enter");
    await page.waitForSelector("#file-help .pf-m-error");
    expect(await page.getByRole("dialog").count() === 0, "they are imported");
}

// Row W7.
async function aliceImportsAFile(site) {
    const { tab, page } = await site.logIn("alice");
    const secrets = putFiles(site);
    await page.click("#more");
    await page.getByRole("menuitem", { name: "Import a file" }).click();
    for (const [file, fault] of REFUSED_FILES) { // told while one types
        await page.fill("#file", file);
        await page.locator("#file-help .pf-m-error").getByText(fault).waitFor();
    }
    await page.fill("#file", FILE);
    const skip = page.getByLabel("Leave out lines that cannot be imported");
    await skip.check();
    await page.getByText("2 tokens will be imported.").waitFor();
    for (const [change, back] of [
        [() => page.fill("#file", "/etc/shadow"), () => page.fill("#file", FILE)],
        [() => skip.uncheck(), () => skip.check()],
    ]) {
        await change();
        await expectNothingToImport(page);
        await back();
        await page.getByText("2 tokens will be imported.").waitFor();
    }
    await expectAccessible(page, "import-file");
    await site.shoot(tab, "import-file");
    const content = await page.content();
    for (const secret of secrets)
        expect(!content.includes(secret), "the browser has a secret of the file");
    await button(page, "Import").click();
    await page.getByRole("dialog").getByText(FILE).waitFor();
    await answer(page, site.people.alice.service);
    await page.getByText("The tokens were imported.").waitFor();
    const targets = site.tokens("alice").flatMap((one) => one.targets);
    expect(targets.includes("https://file0.example") && targets.includes("https://file1.example"),
           `not imported: ${targets}`);
}

async function aliceRemovesAll(site) {
    const { tab, page } = await site.logIn("alice");
    await page.getByText("laptop").waitFor();
    useOldSecret(site, "alice", "old at the end");
    const alarm = page.locator(".pf-v6-c-alert.pf-m-danger");
    await alarm.getByText("old at the end").waitFor();
    const count = site.tokens("alice").length;
    await page.click("#more");
    await page.getByRole("menuitem", { name: "Remove All" }).click();
    await until(page, () => document.activeElement?.id === "all-count");
    await page.fill("#all-count", String(count));
    await site.shoot(tab, "remove-all");
    await page.press("#all-count", "Enter");
    await answer(page, site.people.alice.service);
    await page.getByText("You have no access tokens").waitFor();
    expect(site.tokens("alice").length === 0, "there are tokens left");
    await alarm.getByRole("button", { name: "Close" }).click();
    await until(page, () => document.activeElement?.id === "first-step");
}

export const lifeChecks = [
    ["alice sets her first service password", aliceSetsHerFirstPassword],
    ["alice makes a token, with a wrong and the right password",
     aliceMakesATokenWithAWrongAndTheRightPassword],
    ["every refusal stands at its field", everyRefusalStandsAtItsField],
    ["alice edits, regenerates and deletes a token", aliceEditsRegeneratesAndDeletesAToken],
    ["a second factor is asked too", aSecondFactorIsAskedToo],
    ["alice imports a token, locks and unlocks", aliceImportsLocksAndUnlocks],
    ["alice imports a file, whose secrets stay on the machine", aliceImportsAFile],
];
export const lastLifeChecks = [["alice removes all", aliceRemovesAll]];
