// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Answers may overtake each other: only one that is newer than what was taken before is of use.
export class Newest {
    #asked = 0;
    #taken = 0;

    ask(): number {
        return ++this.#asked;
    }

    take(number: number): boolean {
        const isNewer = number > this.#taken;
        if (isNewer)
            this.#taken = number;
        return isNewer;
    }
}
