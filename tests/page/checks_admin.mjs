// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Carol: an administrator, with many tokens of her own.
import { expectAccessible } from "./checks_views.mjs";
import { expect, until } from "./site.mjs";
import { becomeAdministrator } from "./steps.mjs";

const MANY = 1000;

async function aThousandTokensAreListed(site) {
    site.givePassword("carol");
    const lines = Array.from({ length: MANY }, (_one, index) =>
        `https://carol:${site.keep(`secret-of-many-${index}-xyz`)}@many.example/${index}\n`);
    site.must("carol", ["sh", "-c", "umask 077; cat >~/many"], lines.join(""));
    site.change("carol", "import", "--from", "/home/carol/many", "--format", "git");
    const { tab, page } = await site.logIn("carol");
    await page.getByText(`${MANY} tokens`, { exact: true }).waitFor();
    const began = Date.now();
    await tab.reload();
    const again = await site.frameOf(tab);
    await again.waitForSelector("tr[data-token]");
    console.log(`        ${MANY} tokens: first rows after ${Date.now() - began} ms`);
    await until(again, (many) => {
        const rows = document.querySelectorAll("tr[data-token]");
        rows[rows.length - 1].scrollIntoView();
        return rows.length === many;
    }, MANY);
    await site.shoot(tab, "thousand");
}

// Row W6.
async function anAdministratorSeesAllOwnersAndRevokes(site) {
    const { tab, page } = await site.logIn("carol");
    expect(await page.getByRole("tab", { name: "Administration" }).count() === 0, "shown to all");
    site.givePassword("bob");
    site.change("bob", "create", "revoked", "-p", "git:repository:ro", "--output-fd", "1");
    const before = site.tokens("bob");
    await becomeAdministrator(site, tab, "carol");
    await page.getByRole("tab", { name: "Administration" }).click();
    await page.getByLabel("Owner", { exact: true }).selectOption("1002");
    const description = "revoked";
    await page.getByRole("button", { name: `Revoke: ${description}` }).waitFor();
    await expectAccessible(page, "administration");
    await site.shoot(tab, "admin");
    await page.getByRole("button", { name: `Revoke: ${description}` }).first().click();
    await page.getByRole("button", { name: "Revoke", exact: true }).click();
    const gone = page.getByRole("button", { name: `Revoke: ${description}` });
    await gone.waitFor({ state: "detached" });
    expect(site.tokens("bob").length === before.length - 1, "it was not revoked");
}

export const adminChecks = [
    ["an administrator sees all owners, and revokes", anAdministratorSeesAllOwnersAndRevokes],
    ["a thousand tokens are listed", aThousandTokensAreListed],
];
