// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What stands in the form for a file, and what patctl says of its lines.
import type { Wish } from "../patd/messages";

// As in patctl-converse(7).
export const FORMATS = ["git", "netrc", "docker", "cargo", "npm", "aws", "pip", "terraform",
                        "kube"];

export interface FileDraft {
    file: string;
    format: string; // "": as its content says
    skip: boolean; // lines that cannot be imported
}

export interface Line {
    line: number;
    targets?: string[];
    username?: string;
    kept_already?: string;
    passed_over?: string;
    skipped?: string;
}

export const wishOfFile = ({ file, format, skip }: FileDraft): Wish => ({
    operation: "import",
    arguments: {
        file: file.trim(), ...(format === "" ? {} : { format }), ...(skip ? { skip } : {}),
    },
});

export const linesOf = (result: Record<string, unknown>): Line[] =>
    [...(result.lines ?? []) as Line[]].sort((a, b) => a.line - b.line);

export const stateOf = (line: Line): "new" | "kept" | "passed-over" | "skipped" =>
    (line.kept_already !== undefined ? "kept" : line.passed_over !== undefined ? "passed-over"
        : line.skipped !== undefined ? "skipped" : "new");
