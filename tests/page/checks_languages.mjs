// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The page in other languages: what it says in English there as well is English that was forgotten,
// in a text or in a name that only a screen reader says.
import { expect } from "./site.mjs";

const LANGUAGES = ["de-de", "zh-cn"];
// Names, and words that these languages share with English.
const SHARED = /^(OK|URL|Token|Tokens|Name|Format|Unit|git|patctl|patd|backup\.service)$/;
const LABELS = ["aria-label", "title", "placeholder", "alt", "aria-valuetext", "value"];

// Every text and label that is there now, also what nobody sees yet.
const textsOf = (page) => page.evaluate((labels) => {
    const found = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode())
        if (!walker.currentNode.parentElement.closest(".patd-code")) // names, cut into parts
            found.add(walker.currentNode.data.trim());
    for (const element of document.body.querySelectorAll("*"))
        for (const label of labels)
            if (label !== "value" || element.matches("input[type=button], input[type=submit]"))
                found.add((element.getAttribute(label) ?? "").trim());
    return [...found].filter((text) => /\p{L}{2}/u.test(text));
}, LABELS);

// Goes through the page by what has no language, and gives all that it says.
async function read(site, language) {
    const { context, tab, page } = await site.logIn("bob", { language });
    const said = new Set();
    const look = async (name) => {
        (await textsOf(page)).forEach((text) => said.add(text));
        await site.shoot(tab, `${name}-${language}`);
    };
    const tabAt = (index) => page.getByRole("tab").nth(index);
    await page.getByText("laptop").first().waitFor();
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
    await context.close();
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
    take(site.tokens("bob"));
    take(JSON.parse(site.must("bob", ["patctl", "--json", "permissions"])));
    return words;
}

async function noEnglishIsLeft(site) {
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
