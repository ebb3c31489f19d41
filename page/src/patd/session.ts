// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// One operation: one process of patctl-converse(7), from its beginning to its end. Closing the
// page, or cancel(), ends the process and with it the operation; so does a lost connection.
import { failure, failureOfError, type WireError } from "./failure";
import type { Message, Note, Step, Wish } from "./messages";

export type { Note, Step, Wish } from "./messages";

const COMMAND = ["/usr/bin/patctl", "converse"];

export class Session {
    notes: Note[] = []; // what PAM said by the way
    #listener: ((step: Step) => void) | null = null;
    #process: CockpitProcess;
    #rest = "";
    #prompt = 0;
    #isOver = false;
    #setsByAnswer: boolean; // the last answer carries it out, before any commit
    #mayBeDone = false; // what was sent may have been carried out; the answer to it is not there

    constructor(wish: Wish) {
        this.#setsByAnswer = wish.operation === "passwd";
        this.#process = cockpit.spawn(COMMAND, { err: "message", directory: "/" });
        // The callback returns nothing: a number would mean how much of the text was taken.
        this.#process.stream((data) => {
            this.#read(data);
        });
        this.#process.then(() => this.#fail("Ended"), (problem: CockpitProblem) =>
            this.#fail(problem.problem === "not-found" ? "NotInstalled"
                : problem.exit_status === 2 ? "OtherVersion" : "Ended"));
        this.#send({ type: "begin", ...wish, language: cockpit.language ?? "en" });
    }

    // Whoever shows the operation, one after the other.
    listen(listener: (step: Step) => void): void {
        this.#listener = listener;
    }

    answer(text: string): void {
        this.notes = [];
        this.#mayBeDone ||= this.#setsByAnswer;
        this.#send({ type: "answer", prompt: this.#prompt, text });
        this.#step({ is: "working" });
    }

    // The user has the new secret: it is valid from now on.
    acknowledge(): void {
        this.#mayBeDone = true;
        this.#send({ type: "acknowledge" });
        this.#step({ is: "working" });
    }

    cancel(): void {
        this.#isOver = true;
        this.#process.close("cancelled");
    }

    // No end came in time.
    giveUp(): void {
        this.#fail("OperationGone");
        this.cancel();
    }

    #send(message: object): void {
        this.#process.input(`${JSON.stringify(message)}\n`, true);
    }

    #step(step: Step): void {
        if (!this.#isOver)
            this.#listener?.(step);
    }

    #end(step: Step): void {
        this.#step(step);
        this.#isOver = true;
    }

    // Of what may be done, nobody may say that nothing was changed.
    #fail(name: string): void {
        const known = failure(this.#mayBeDone ? "Unknown" : name);
        this.#end({ is: "failed", failures: [known], result: {} });
    }

    #read(data: string): void {
        const lines = (this.#rest + data).split("\n");
        this.#rest = lines.pop() ?? "";
        try {
            lines.forEach((line) => this.#take(JSON.parse(line) as Message));
        } catch {
            this.#fail("Failed");
            this.cancel();
        }
    }

    #take(message: Message): void {
        if (message.type === "prompt")
            this.#takePrompt(message.prompt, message.style, message.text);
        else if (message.type === "commit")
            this.#mayBeDone = true;
        else if (message.type === "secret")
            this.#takeSecret(message);
        else if (message.type === "ended")
            this.#takeEnd(message.outcome, message.result, message.errors);
    }

    #takePrompt(number: number, style: string, text: string): void {
        if (style === "info" || style === "error") {
            this.notes = [...this.notes, { style, text }];
        } else if (style === "secret" || style === "visible" || style === "token-secret") {
            this.#prompt = number;
            this.#mayBeDone &&= !this.#setsByAnswer;
            this.#step({ is: "prompt", style, text, number });
        }
    }

    // It is not valid before acknowledge().
    #takeSecret({ id, secret, seconds }: Message & { type: "secret" }): void {
        this.#mayBeDone = false;
        this.#step({ is: "secret", id, secret, seconds });
    }

    #takeEnd(outcome: string, result: Record<string, unknown>, errors: WireError[]): void {
        const [first, ...others] = errors.map(failureOfError);
        if (outcome === "done")
            this.#end({ is: "done", result });
        else if (outcome === "unknown")
            this.#end({ is: "failed", failures: [failure("Unknown")], result });
        else
            this.#end({
                is: "failed", failures: [first ?? failure("Cancelled"), ...others], result,
            });
    }
}

// What the service would say to a wish: nothing is asked, and nothing is changed.
export function tryOut(wish: Wish): Promise<Step & { is: "done" | "failed" }> {
    return new Promise((resolve) => {
        new Session({ ...wish, dry_run: true }).listen((step) => {
            if (step.is === "done" || step.is === "failed")
                resolve(step);
        });
    });
}
