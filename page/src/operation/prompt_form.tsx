// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// One prompt of an operation. Its text is the service's or PAM's own.
import { useEffect, useRef, useState } from "react";

import { HelperTextItem, Notice } from "../labelled";
import type { Note, Step } from "../patd/session";
import { _, format, shown } from "../text";
import { Form, FormGroup, FormHelperText, HelperText, TextInput } from "../ui";

const KNOWN: [RegExp, () => string][] = [
    [/^Service password for (.+)$/, () => _("Service password for $0")],
    [/^Login password for (.+)$/, () => _("Login password of $0")],
    [/^Current service password$/, () => _("Current service password")],
    [/^New service password/, () => _("New service password")],
    [/^Retype new service password$/, () => _("New service password, once more")],
];

function labelOf({ style, text }: Props["prompt"]): string {
    if (style === "token-secret")
        return _("Secret of the token");
    const plain = text.trim().replace(/\s*:$/, "");
    for (const [pattern, label] of KNOWN) {
        const found = pattern.exec(plain);
        if (found)
            return format(label(), shown(found[1] ?? ""));
    }
    return shown(plain) || _("Answer");
}

interface Props {
    id: string; // of the form; a button elsewhere submits it
    prompt: Step & { is: "prompt" };
    isWorking: boolean;
    notes: Note[];
    wrong: string;
    onAnswer: (text: string) => void;
}

export function PromptForm({ id, prompt, isWorking, notes, wrong, onAnswer }: Props) {
    const [text, setText] = useState("");
    const field = useRef<HTMLInputElement>(null);
    useEffect(() => {
        setText("");
        field.current?.focus();
    }, [prompt]);
    return (
        <Form id={id} onSubmit={(event) => {
            event.preventDefault();
            if (!isWorking)
                onAnswer(text);
        }}>
            {notes.map((note, index) =>
                <Notice key={index} isLiveRegion title={shown(note.text)}
                       variant={note.style === "error" ? "danger" : "info"} />)}
            <FormGroup label={labelOf(prompt)} fieldId="answer" isRequired>
                <TextInput id="answer" ref={field} value={text} autoComplete="off"
                           type={prompt.style === "visible" ? "text" : "password"}
                           readOnly={isWorking} aria-describedby="answer-help"
                           validated={wrong ? "error" : "default"}
                           onChange={(_event, value) => setText(value)} />
                <FormHelperText>
                    <HelperText id="answer-help" aria-live="assertive">
                        {wrong !== "" && <HelperTextItem variant="error">{wrong}</HelperTextItem>}
                    </HelperText>
                </FormHelperText>
            </FormGroup>
        </Form>
    );
}
