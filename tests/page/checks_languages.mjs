// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The page in other languages: what it says in English there as well is English that was forgotten,
// in a text or in a name that only a screen reader says.
import { putLines } from "./checks_views.mjs";
import { expect, until } from "./site.mjs";
import { answer, becomeAdministrator, takeSecret, useOldSecret } from "./steps.mjs";

const LANGUAGES = ["de-de", "zh-cn"];
// Names, and words that these languages share with English.
const SHARED = new RegExp("^(OK|URL|Token|Tokens|Name|Format|Unit|patctl|patd|backup\\.service|" +
    "git|netrc|docker|cargo|npm|aws|pip|terraform|kube)$");
const LABELS = ["aria-label", "title", "placeholder", "alt", "aria-valuetext", "value"];

// Every text and label that is there now, also what nobody sees yet; but not what says itself that
// it is English, patctl's own words.
const textsOf = (page) => page.evaluate((labels) => {
    const found = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode())
        if (!walker.currentNode.parentElement.closest(
            ".patd-code, body [lang=en]")) // names, cut into parts
            found.add(walker.currentNode.data.trim());
    for (const element of document.body.querySelectorAll("*"))
        for (const label of labels)
            if (label !== "value" || element.matches("input[type=button], input[type=submit]"))
                found.add((element.getAttribute(label) ?? "").trim());
    return [...found].filter((text) => /\p{L}{2}/u.test(text));
}, LABELS);

const lookerAt = (site, { tab, page, said, language }) => async (name) => {
    (await textsOf(page)).forEach((text) => said.add(text));
    await site.shoot(tab, `${name}-${language}`);
};

// One line that can be imported and one that cannot, and why not.
async function readFileForm({ tab, page, look }) {
    const fault = page.locator("#file-help .pf-m-error");
    await page.click("#more");
    await page.getByRole("menuitem").nth(1).click();
    await page.fill("#file", "~/nowhere");
    await fault.waitFor();
    const ofNoFile = await fault.textContent();
    await look("import-no-file");
    await page.fill("#file", "~/lines");
    await until(page, (before) => {
        const now = document.querySelector("#file-help .pf-m-error")?.textContent;
        return now && now !== before;
    }, ofNoFile);
    await look("import-refused");
    await page.check("#file-skip");
    await page.locator(".patd-form td [lang=en]").waitFor();
    await look("import-file");
    await tab.keyboard.press("Escape");
}

async function readAlarm({ site, page, look, language }) {
    useOldSecret(site, "bob", `old ${language}`);
    const close = page.locator(".pf-v6-c-alert.pf-m-danger button");
    await close.waitFor();
    await look("alarm");
    await close.click();
}

// From the dialog on, which has refused a wrong password.
async function readSecret({ site, page, look }) {
    await answer(page, site.people.bob.service);
    await takeSecret(site, page);
    await look("secret");
    await page.evaluate(() => window.dispatchEvent(new Event("pagehide")));
    await page.locator(".patd-secret").waitFor({ state: "detached" });
    await look("covered");
    await page.locator(".patd-fresh .patd-buttons button").last().click();
    await page.locator(".patd-fresh").waitFor({ state: "detached" });
}

async function readAdministration(site, language, said) {
    const { context, tab, page } = await site.logIn("carol", { language });
    const look = lookerAt(site, { tab, page, said, language });
    await becomeAdministrator(site, tab, "carol");
    await page.getByRole("tab").nth(3).click();
    await page.locator("select option[value='1002']").waitFor({ state: "attached" });
    await page.locator("select").selectOption("1002");
    await page.locator("td button").first().waitFor();
    await page.locator("[role=progressbar]").waitFor({ state: "detached" });
    await look("administration");
    await page.locator("td button").first().click();
    await page.waitForSelector("#revoke-no");
    await look("revoke");
    await context.close();
}

// Goes through the page by what has no language, and gives all that it says.
async function read(site, language) {
    const { context, tab, page } = await site.logIn("bob", { language });
    const said = new Set();
    const look = lookerAt(site, { tab, page, said, language });
    const tabAt = (index) => page.getByRole("tab").nth(index);
    const on = { site, tab, page, look, language };
    await page.getByText("laptop").first().waitFor();
    await readAlarm(on);
    await readFileForm(on);
    await page.locator("input[type=text]").first().fill("a"); // with its button to empty it
    await look("list");
    await page.click("#more");
    await page.getByRole("menu").waitFor();
    await look("menu");
    await page.getByRole("menuitem").last().click();
    await page.waitForSelector("#all-count");
    await look("remove-all");
    await tab.keyboard.press("Escape");
    await tabAt(1).click();
    await page.locator("time").first().waitFor();
    await look("events");
    await tabAt(2).click();
    await page.fill("#explain-url", "https://git.example/team/tool.git");
    await page.press("#explain-url", "Enter");
    await page.locator(".pf-v6-c-alert").first().waitFor();
    await look("explain");
    await tabAt(0).click();
    await page.click("#create");
    await page.press("#description", "Enter");
    await page.fill("#place-0", "git.example");
    await page.waitForSelector("#place-0-help .pf-m-error");
    await page.locator(".patd-area-toggle").first().click();
    await look("create");
    await page.fill("#description", "x");
    await page.fill("#place-0", "https://git.example");
    await page.locator(".patd-objects button").nth(1).click();
    await page.press("#description", "Enter");
    await page.waitForSelector("#answer");
    await page.fill("#answer", "wrong");
    await page.press("#answer", "Enter");
    await page.waitForSelector("#answer-help .pf-m-error");
    await look("dialog");
    await readSecret(on);
    await context.close();
    await readAdministration(site, language, said);
    return said;
}

// What is no text of the page: tokens, the machine's catalogue, commands and places.
function dataOf(site) {
    const words = new Set();
    const take = (value) => {
        if (typeof value === "string")
            words.add(value);
        else if (value && typeof value === "object")
            Object.entries(value).forEach(([key, inner]) => {
                words.add(key);
                take(inner);
            });
    };
    take(Object.keys(site.people));
    take(site.tokens("bob"));
    const lines = site.must("root", ["patctl", "--json", "audit", "--all", "--limit", "1000"]);
    take(JSON.parse(lines).map(({ token }) => token));
    take(JSON.parse(site.must("bob", ["patctl", "--json", "permissions"])));
    return words;
}

async function noEnglishIsLeft(site) {
    putLines(site);
    const english = await read(site, "en-us");
    const data = dataOf(site);
    const isData = (text) => SHARED.test(text) || data.has(text) || /^https?:\/\/|^~?\//.test(text);
    for (const language of LANGUAGES) {
        const said = await read(site, language);
        const left = [...said].filter((text) => english.has(text) && !isData(text));
        expect(said.size > 60, `only ${said.size} texts were read`);
        expect(left.length === 0, `${language} says in English: ${left.join(" | ")}`);
    }
}

export const languageChecks = [["no English is left in German and Chinese", noEnglishIsLeft]];
