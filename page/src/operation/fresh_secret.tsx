// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// A new secret, the only time that it is shown. It is valid once its owner says to have it; until
// then the operation waits, and whatever ends the page ends the secret too.
import { useCallback, useEffect, useRef, useState } from "react";

import { useUnwatched } from "../hidden";
import { Notice } from "../labelled";
import type { Failure } from "../patd/failure";
import { _, plural } from "../text";
import { Button, ClipboardCopy } from "../ui";
import type { Fresh } from "./dialog";

interface Props {
    fresh: Fresh;
    onEnd: (end: "valid" | "discarded" | Failure) => void;
}

const GRACE_SECONDS = 5; // for patd's own end to arrive

// Below 0 when the end should have come.
function useSecondsLeft(seconds: number): number {
    const [end] = useState(() => Date.now() + seconds * 1000);
    const [left, setLeft] = useState(seconds);
    useEffect(() => {
        const timer = window.setInterval(
            () => setLeft(Math.ceil((end - Date.now()) / 1000)), 1000);
        return () => window.clearInterval(timer);
    }, [end]);
    return left;
}

function useEnd({ fresh, onEnd }: Props): void {
    const latest = useRef(onEnd);
    latest.current = onEnd;
    useEffect(() => {
        fresh.session.listen((step) => {
            if (step.is === "done")
                latest.current("valid");
            else if (step.is === "failed")
                latest.current(step.failures[0]);
        });
        return () => fresh.session.cancel();
    }, [fresh]);
}

// Covered as soon as nobody looks at it, until it is asked for. A focus that was in the place goes
// to what stands there now.
function useCover() {
    const [isCovered, setCovered] = useState(false);
    const place = useRef<HTMLDivElement>(null);
    const hadFocus = useRef(false);
    const change = useCallback((covered: boolean) => {
        hadFocus.current = place.current?.contains(document.activeElement) ?? false;
        setCovered(covered);
    }, []);
    useUnwatched(useCallback(() => change(true), [change]));
    useEffect(() => {
        if (hadFocus.current)
            place.current?.querySelector("button")?.focus();
    }, [isCovered]);
    return { isCovered, place, uncover: () => change(false) };
}

export function FreshSecret(props: Props) {
    const { fresh, onEnd } = props;
    const left = useSecondsLeft(fresh.seconds);
    const { isCovered, place, uncover } = useCover();
    const head = useRef<HTMLDivElement>(null);
    useEnd(props);
    useEffect(() => head.current?.focus(), []);
    // Without a connection no end arrives, and the secret would stay in the document.
    const isOverdue = left < -GRACE_SECONDS;
    useEffect(() => {
        if (isOverdue)
            fresh.session.giveUp();
    }, [isOverdue, fresh]);
    return (
        <div ref={head} tabIndex={-1} role="region" aria-label={_("Your new token")}
             className="patd-fresh">
            <Notice variant="success" title={_("Your new token")}>
                <div role="status" className="patd-subtle">
                    {isCovered && _("The token is covered, because nobody looked at it.")}
                </div>
                <div ref={place}>
                    {isCovered
                        ? <Button variant="secondary" onClick={uncover}>
                            {_("Show the token")}
                        </Button>
                        : <ClipboardCopy isReadOnly isCode hoverTip={_("Copy")}
                                         clickTip={_("Copied")} className="patd-secret"
                                         textAriaLabel={_("Your new token")}>
                            {fresh.secret}
                        </ClipboardCopy>}
                </div>
                <p>{_("It is shown only now. Copy it into your application or script, and keep " +
                    "no other copy. After a test, make a new one for the final use.")}</p>
                <p>{_("It becomes valid when you confirm that you have copied it.")}{" "}
                    {plural("$0 second left.", "$0 seconds left.", Math.max(left, 0))}</p>
                <div className="patd-buttons">
                    <Button onClick={() => fresh.session.acknowledge()}>
                        {_("I have copied it")}
                    </Button>
                    <Button variant="link" onClick={() => {
                        fresh.session.cancel();
                        onEnd("discarded");
                    }}>
                        {_("Discard")}
                    </Button>
                </div>
            </Notice>
        </div>
    );
}
