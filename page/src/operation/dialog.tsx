// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// An operation under way: its prompts, one after the other, and what came of it. The dialog shows
// itself with the first prompt, so that its field has the focus at once.
import { useEffect, useRef } from "react";

import { Modal, ModalHeader, Notice } from "../labelled";
import { type Failure } from "../patd/failure";
import type { Session, Step } from "../patd/session";
import { _, shown } from "../text";
import { Button, ModalBody, ModalFooter } from "../ui";
import { PromptForm } from "./prompt_form";
import type { Request } from "./request";
import { useSession } from "./use_session";
import { Wait } from "./wait";

export interface Fresh {
    session: Session;
    id: string;
    secret: string;
    seconds: number;
}

interface Props {
    request: Request;
    onSecret: (fresh: Fresh) => void;
    onClose: () => void;
    onNeedsPassword: () => void;
}

const FORM = "operation-form";

function Refusal({ what, onAgain }: { what: Failure; onAgain: () => void }) {
    if (what.name === "Throttled")
        return <Wait seconds={what.seconds ?? 1} onOver={onAgain} />;
    return <Notice isLiveRegion variant="danger" title={what.message} />;
}

// Tells the caller how it ended, once.
function useOutcome(step: Step, props: Props): void {
    const latest = useRef(props);
    latest.current = props;
    useEffect(() => {
        const { request, onClose, onNeedsPassword } = latest.current;
        if (step.is === "done") {
            onClose();
            request.onDone?.(step.result);
        } else if (step.is === "failed") {
            const name = step.failures[0].name;
            if (name === "NoServicePassword")
                onNeedsPassword();
            else if (request.onRefused?.(step.failures))
                onClose();
        }
    }, [step]);
}

export function OperationDialog(props: Props) {
    const { request, onSecret, onClose } = props;
    const { step, prompt, notes, wrong, answer, again } = useSession(request.wish, onSecret);
    useOutcome(step, props);
    if (!prompt && step.is !== "failed")
        return null;
    const isAsking = prompt !== null && step.is !== "failed";
    return (
        <Modal variant="small" isOpen onClose={onClose} aria-labelledby="operation-title"
               aria-describedby="operation-body"
               elementToFocus={isAsking ? "#answer" : "#operation-close"}>
            <ModalHeader title={request.title} labelId="operation-title"
                         isWarning={request.isDangerous} />
            <ModalBody id="operation-body">
                {request.says && <p className="patd-says">{shown(request.says)}</p>}
                {step.is === "failed" && <Refusal what={step.failures[0]} onAgain={again} />}
                {isAsking && <PromptForm id={FORM} prompt={prompt} notes={notes}
                                         isWorking={step.is !== "prompt"}
                                         wrong={wrong?.message ?? ""} onAnswer={answer} />}
            </ModalBody>
            <ModalFooter>
                {isAsking && <Button type="submit" form={FORM} isLoading={step.is !== "prompt"}
                                     spinnerAriaLabel={_("Loading")}
                                     spinnerAriaValueText={_("Loading")}
                                     variant={request.isDangerous ? "danger" : "primary"}>
                    {request.button}
                </Button>}
                <Button variant="link" id="operation-close" onClick={onClose}>
                    {isAsking ? _("Cancel") : _("Close")}
                </Button>
            </ModalFooter>
        </Modal>
    );
}
