// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// A session that ends in the middle of each operation.
import { answer, button, createToken, takeSecret } from "./steps.mjs";
import { expect } from "./site.mjs";

const NAME = "to be cut off";
const IMPORTED = "ghp_secretThatIsCutOff123456";

const chooseMore = async (page, item) => {
    await page.click("#more");
    await page.getByRole("menuitem", { name: item }).click();
};
const openEditor = (page) => page.getByRole("button", { name: `Edit: ${NAME}` }).click();

// Each up to where the service password is asked.
const OPERATIONS = {
    edit: async (page) => {
        await openEditor(page);
        await page.fill("#description", "never");
        await button(page, "Update Token").click();
    },
    regenerate: async (page) => {
        await openEditor(page);
        await page.getByRole("button", { name: `Regenerate: ${NAME}` }).click();
    },
    delete: (page) => page.getByRole("button", { name: `Delete: ${NAME}` }).click(),
    "remove all": async (page, site) => {
        await chooseMore(page, "Remove All");
        await page.fill("#all-count", String(site.tokens("alice").length));
        await page.press("#all-count", "Enter");
    },
    import: async (page, site) => {
        await chooseMore(page, "Import a token");
        await page.fill("#description", "never");
        await page.fill("#username", "alice");
        await page.fill("#place-0", "https://forge.example/never");
        await button(page, "Import").click();
        await answer(page, site.keep(IMPORTED));
        await page.getByLabel("Service password for alice").waitFor();
    },
};

async function loseSession(site) {
    site.must("root", ["loginctl", "terminate-user", "alice"]);
    await site.untilGone("alice");
}

// Row W1.
async function aSessionLostAtAPromptChangesNothing(site) {
    const { page } = await site.logIn("alice");
    const secret = await createToken(site, page, NAME);
    const before = JSON.stringify(site.tokens("alice"));
    for (const [name, begin] of Object.entries(OPERATIONS)) {
        const again = await site.logIn("alice");
        await begin(again.page, site);
        await again.page.waitForSelector("#answer:not([readonly])");
        await loseSession(site);
        expect(JSON.stringify(site.tokens("alice")) === before, `${name} changed something`);
    }
    expect(site.isValid(secret), "the token is not valid");
}

// Row W1.
async function aSessionLostBeforeANewSecretIsTakenLeavesTheOldOne(site) {
    const { page } = await site.logIn("alice");
    await page.getByRole("button", { name: `Delete: ${NAME}` }).click();
    await answer(page, site.people.alice.service);
    await page.getByText("The token was deleted.").waitFor();
    const old = await createToken(site, page, NAME);
    await OPERATIONS.regenerate(page);
    await answer(page, site.people.alice.service);
    const fresh = await takeSecret(site, page);
    await loseSession(site);
    expect(!site.isValid(fresh), "a secret is valid that nobody acknowledged");
    expect(site.isValid(old), "the old secret is not valid");
}

// Row W1.
async function aSessionLostAtUnlockStaysLocked(site) {
    const { page } = await site.logIn("alice");
    await chooseMore(page, "Lock all tokens");
    await button(page, "Unlock").click();
    await page.waitForSelector("#answer:not([readonly])");
    await loseSession(site);
    const again = await site.logIn("alice");
    await again.page.getByText("Your tokens are locked").waitFor();
    await button(again.page, "Unlock").click();
    await answer(again.page, site.people.alice.service);
    await again.page.getByText("Your tokens are unlocked.").waitFor();
}

export const cutChecks = [
    ["a session lost at a prompt changes nothing", aSessionLostAtAPromptChangesNothing],
    ["one lost before a new secret is taken leaves the old one",
     aSessionLostBeforeANewSecretIsTakenLeavesTheOldOne],
    ["one lost at unlock stays locked", aSessionLostAtUnlockStaysLocked],
];
