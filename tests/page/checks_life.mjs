// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The life of alice's tokens, from the first password on.
import { expect } from "./site.mjs";

const button = (page, name) => page.getByRole("button", { name, exact: true });
const dialog = (page) => page.getByRole("dialog");

export async function answer(page, text) {
    await page.waitForSelector("#answer:not([readonly])");
    await page.fill("#answer", text);
    await page.press("#answer", "Enter");
}

// A new service password, from the login password on.
async function setFirstPassword(site, page, name) {
    const { login, service } = site.people[name];
    await page.getByLabel(`Login password of ${name}`).waitFor();
    await answer(page, login);
    await page.getByLabel("New service password", { exact: true }).waitFor();
    await answer(page, service);
    await page.getByLabel("New service password, once more").waitFor();
    await answer(page, service);
    await page.getByText("Your service password is set.").waitFor();
}

async function fillForm(page, description) {
    await page.fill("#description", description);
    await page.getByRole("button", { name: /^vcs|^git/ }).first().click();
    await page.locator("[id='permission-git:repository-rw']").click();
    await page.fill("#place-0", "https://git.example");
}

export async function takeSecret(site, page) {
    const field = page.locator(".patd-secret input");
    await field.waitFor();
    return site.keep(await field.inputValue());
}

async function aliceSetsHerFirstPassword(site) {
    const { tab, page } = await site.logIn("alice");
    await page.getByText("First, set your service password").waitFor();
    await site.shoot(tab, "first");
    await button(page, "Set service password").click();
    await setFirstPassword(site, page, "alice");
    await page.getByText("You have no access tokens").waitFor();
    await site.shoot(tab, "empty");
}

async function aliceMakesATokenWithAWrongAndTheRightPassword(site) {
    const { context, tab, page } = await site.logIn("alice");
    await page.click("#first-step");
    await fillForm(page, "laptop");
    await site.shoot(tab, "create");
    await button(page, "Create Token").click();
    await answer(page, "not the password");
    await page.getByText("The password was wrong").waitFor();
    await site.shoot(tab, "wrong-password");
    await answer(page, site.people.alice.service);
    const secret = await takeSecret(site, page);
    await site.shoot(tab, "secret");
    expect(/^pat1_/.test(secret), "that is no token");
    expect(!site.isValid(secret), "the token is valid before it was acknowledged");
    await page.getByRole("button", { name: "Copy" }).click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied === secret, "the clipboard has something else");
    await button(page, "I have copied it").click();
    await page.getByText("The token is valid now.").waitFor();
    expect(site.isValid(secret), "patctl verify refuses the token");
    await site.shoot(tab, "list");
    await tab.reload();
    const again = await site.frameOf(tab);
    await again.getByText("laptop").waitFor();
    expect(!(await again.content()).includes(secret), "a reload shows the secret");
    await context.close();
}

export const lifeChecks = [
    ["alice sets her first service password", aliceSetsHerFirstPassword],
    ["alice makes a token, with a wrong and the right password",
     aliceMakesATokenWithAWrongAndTheRightPassword],
];
