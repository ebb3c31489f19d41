// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// node build.js [FOLDER]: writes the page as Cockpit serves it, by default to dist. Refuses a text
// that a catalogue lacks, or has for nothing, and a page that has grown too big.
import { build } from "esbuild";
import fs from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";

const BYTES_MAX = 700_000; // scripts, styles and fonts together, as shipped
const LANGUAGES = { de: "(n) => n !== 1", zh_CN: "() => 0" };
const LABEL = "Access tokens"; // in manifest.json
const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const out = path.resolve(process.argv[2] ?? path.join(here, "dist"));

const zipped = (name, text) =>
    fs.writeFileSync(path.join(out, `${name}.gz`), gzipSync(text, { level: 9 }));

// Texts

// Literals, joined with + where one line is too short.
const LITERAL = String.raw`"(?:[^"\\]|\\.)*"`;
const CALL = new RegExp(String.raw`\b(?:_|plural)\(\s*(${LITERAL}(?:\s*\+\s*${LITERAL})*)`, "g");

const textsOf = (source) => [...source.matchAll(CALL)].map(([, literals]) =>
    literals.match(new RegExp(LITERAL, "g")).map((literal) => JSON.parse(literal)).join(""));

function allTexts() {
    const files = fs.readdirSync(path.join(here, "src"), { recursive: true });
    const texts = new Set([LABEL]);
    for (const file of files.filter((name) => /\.tsx?$/.test(name)))
        textsOf(fs.readFileSync(path.join(here, "src", file), "utf8")).forEach((t) => texts.add(t));
    return texts;
}

function writeCatalogue(language, plurals, texts) {
    const translations = JSON.parse(fs.readFileSync(path.join(here, "po", `${language}.json`)));
    const faults = [
        ...[...texts].filter((text) => !(text in translations)).map((t) => `lacks ${t}`),
        ...Object.keys(translations).filter((text) => !texts.has(text)).map((t) => `unused: ${t}`),
    ];
    if (faults.length > 0)
        throw new Error(`po/${language}.json:\n${faults.join("\n")}`);
    const scriptOf = (chosen) => {
        const entries = chosen.map((text) =>
            `${JSON.stringify(text)}: ${JSON.stringify([null].concat(translations[text]))}`);
        const head = `"": {"plural-forms": ${plurals}, "language": "${language}", ` +
            `"language-direction": "ltr"}`;
        return `cockpit.locale({\n${[head, ...entries].join(",\n")}\n});\n`;
    };
    zipped(`po.${language}.js`, scriptOf([...texts]));
    zipped(`po.manifest.${language}.js`, scriptOf([LABEL])); // for the shell's menu
}

// Scripts and styles

async function writeBundle() {
    const result = await build({
        entryPoints: { index: path.join(here, "src/main.tsx") },
        bundle: true,
        minify: true,
        format: "iife",
        target: ["chrome90", "firefox90", "safari15"],
        outdir: out,
        assetNames: "fonts/[name]",
        loader: { ".woff2": "file", ".svg": "dataurl", ".png": "dataurl" },
        define: { "process.env.NODE_ENV": '"production"' },
        legalComments: "eof",
        write: false,
    });
    for (const file of result.outputFiles) {
        const name = path.relative(out, file.path);
        if (/\.(js|css)$/.test(name))
            zipped(name, file.contents);
        else {
            fs.mkdirSync(path.dirname(file.path), { recursive: true });
            fs.writeFileSync(file.path, file.contents);
        }
    }
}

function checkSize() {
    const files = fs.readdirSync(out, { recursive: true }).map((name) => path.join(out, name));
    const bytes = files.map((file) => fs.statSync(file))
        .filter((found) => found.isFile()).reduce((sum, found) => sum + found.size, 0);
    if (bytes > BYTES_MAX)
        throw new Error(`the page has ${bytes} bytes, more than ${BYTES_MAX}`);
    console.log(`${out}: ${bytes} bytes`);
}

fs.rmSync(out, { recursive: true, force: true });
fs.mkdirSync(out, { recursive: true });
const texts = allTexts();
for (const [language, plurals] of Object.entries(LANGUAGES))
    writeCatalogue(language, plurals, texts);
for (const name of ["index.html", "manifest.json"])
    fs.copyFileSync(path.join(here, name), path.join(out, name));
await writeBundle();
checkSize();
