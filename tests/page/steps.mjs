// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What people do on the page, for several checks.
import { expect, until } from "./site.mjs";

export const button = (page, name) => page.getByRole("button", { name, exact: true });

// To the prompt that is shown, whose field has the focus.
export async function answer(page, text) {
    await page.waitForSelector("#answer:not([readonly])");
    await until(page, () => document.activeElement?.id === "answer");
    await page.fill("#answer", text);
    await page.press("#answer", "Enter");
}

export async function fillForm(page, description, place = "https://git.example") {
    await page.fill("#description", description);
    await page.getByRole("button", { name: /^git / }).click();
    await page.locator("[id='permission-git:repository-rw']").click();
    await page.fill("#place-0", place);
}

export async function takeSecret(site, page) {
    const field = page.locator(".patd-secret input");
    await field.waitFor();
    return site.keep(await field.inputValue());
}

// Up to the secret, which is not acknowledged yet.
export async function beginToken(site, page, description, name = "alice") {
    await page.locator("#create, #first-step").first().click();
    await fillForm(page, description);
    await button(page, "Create Token").click();
    await answer(page, site.people[name].service);
    return takeSecret(site, page);
}

export async function createToken(site, page, description, name = "alice") {
    const secret = await beginToken(site, page, description, name);
    await button(page, "I have copied it").click();
    await page.getByText("The token is valid now.").waitFor();
    return secret;
}

// A new token, whose first secret is used when there is a second one.
export function useOldSecret(site, name, description) {
    const make = (...argv) => site.keep(site.change(name, ...argv, "--output-fd", "1").trim());
    const old = make("create", description, "-p", "git:repository:ro");
    make("regenerate", site.tokens(name).find((one) => one.description === description).id);
    expect(!site.isValid(old), "the old secret is valid");
}

// By what has no language.
export async function becomeAdministrator(site, tab, name) {
    await tab.click("#super-user-indicator button");
    await tab.fill("#switch-to-admin-access-password", site.people[name].login);
    await tab.locator("[role=dialog] button.pf-m-primary").click();
    await tab.locator("[role=dialog]").waitFor({ state: "detached" });
}
