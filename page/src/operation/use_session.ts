// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// An operation and where it stands, for a dialog. What a wrong password ends is begun again, so
// that the dialog can ask once more.
import { useCallback, useEffect, useRef, useState } from "react";

import type { Failure } from "../patd/failure";
import { type Note, Session, type Step, type Wish } from "../patd/session";
import type { Fresh } from "./dialog";

type Prompt = Step & { is: "prompt" };

export interface Progress {
    step: Step;
    prompt: Prompt | null; // the last one, also while its answer is looked at
    notes: Note[];
    wrong: Failure | null; // why it asks again
    answer: (text: string) => void;
    again: () => void;
}

const ASKS_AGAIN = ["WrongPassword", "PasswordNotAccepted", "InvalidPassword", "InvalidSecret"];

export function useSession(wish: Wish, onSecret: (fresh: Fresh) => void): Progress {
    const [attempt, setAttempt] = useState(0);
    const [step, setStep] = useState<Step>({ is: "working" });
    const [prompt, setPrompt] = useState<Prompt | null>(null);
    const [notes, setNotes] = useState<Note[]>([]);
    const [wrong, setWrong] = useState<Failure | null>(null);
    const session = useRef<Session>(null);
    const handOver = useRef(onSecret);
    handOver.current = onSecret;

    useEffect(() => {
        let isHandedOver = false;
        const started = new Session(wish);
        session.current = started;
        started.listen((next) => {
            if (next.is === "secret") {
                isHandedOver = true;
                handOver.current({ session: started, ...next });
                return;
            }
            if (next.is === "failed" && ASKS_AGAIN.includes(next.failures[0].name)) {
                setWrong(next.failures[0]);
                setAttempt((before) => before + 1);
                return;
            }
            setNotes(started.notes);
            setStep(next);
            if (next.is === "prompt")
                setPrompt(next);
        });
        return () => {
            if (!isHandedOver)
                started.cancel();
        };
    }, [wish, attempt]);

    const answer = useCallback((text: string) => {
        setWrong(null);
        session.current?.answer(text);
    }, []);
    const again = useCallback(() => {
        setWrong(null);
        setStep({ is: "working" });
        setAttempt((before) => before + 1);
    }, []);
    return { step, prompt, notes, wrong, answer, again };
}
