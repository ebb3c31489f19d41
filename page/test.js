// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// node test.js: runs tests/page/unit, the tests of what needs no browser, with node's own runner.
// esbuild makes them into scripts that node 18 understands.
import { spawnSync } from "node:child_process";
import { build } from "esbuild";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const here = path.dirname(new URL(import.meta.url).pathname);
const folder = path.join(here, "../tests/page/unit");
const names = fs.readdirSync(folder).filter((name) => name.endsWith("_test.ts"));
const out = fs.mkdtempSync(path.join(os.tmpdir(), "patd-page-test-"));
try {
    await build({
        entryPoints: names.map((name) => path.join(folder, name)),
        inject: [path.join(folder, "cockpit.ts")],
        bundle: true, platform: "node", format: "esm", outdir: out, outExtension: { ".js": ".mjs" },
        logLevel: "warning",
    });
    const files = names.map((name) => path.join(out, name.replace(/ts$/, "mjs")));
    // A fixed zone, in which a day of the chart ends elsewhere than in UTC.
    const env = { ...process.env, TZ: "Pacific/Auckland",
                  CHECKOUT: path.join(here, "..") };
    const { status } = spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit", env });
    process.exitCode = status ?? 1;
} finally {
    fs.rmSync(out, { recursive: true, force: true });
}
