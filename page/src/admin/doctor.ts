// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What `patctl doctor` finds on this machine, as an administrator.
export interface Finding {
    severity: "error" | "warning" | "note";
    check: string;
    text: string;
    fix: string | null;
}

function runDoctor(): Promise<string> {
    return new Promise((resolve, reject) => {
        // It has another exit status when it finds something.
        cockpit.spawn(["/usr/bin/patctl", "--json", "doctor"],
                      { err: "message", superuser: "require", directory: "/" })
            .then(resolve, ((problem: unknown, output?: string) => {
                if (output)
                    resolve(output);
                else
                    reject(problem);
            }) as (problem: unknown) => void);
    });
}

// Fails for an answer that is none, too.
export async function readFindings(): Promise<Finding[]> {
    return (JSON.parse(await runDoctor()) as { findings: Finding[] }).findings;
}
