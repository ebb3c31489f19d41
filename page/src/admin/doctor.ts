// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What `patctl doctor` finds on this machine, as an administrator.
export interface Finding {
    severity: "error" | "warning" | "note";
    check: string;
    text: string;
    fix: string | null;
}

export function readFindings(): Promise<Finding[]> {
    const read = (output: string) => (JSON.parse(output) as { findings: Finding[] }).findings;
    return new Promise((resolve, reject) => {
        // It has another exit status when it finds something.
        cockpit.spawn(["/usr/bin/patctl", "--json", "doctor"],
                      { err: "message", superuser: "require", directory: "/" })
            .then((output) => resolve(read(output)), ((problem: unknown, output?: string) => {
                if (output)
                    resolve(read(output));
                else
                    reject(problem);
            }) as (problem: unknown) => void);
    });
}
