// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The state of a token, and the button that puts it right.
import { Code } from "../code";
import type { Token } from "../patd/types";
import { _, plural, shown } from "../text";
import { Button, Label } from "../ui";
import type { Actions } from "./actions";

type Color = "green" | "red" | "orange" | "grey" | "blue";

interface State {
    color: Color;
    text: string;
    says?: string;
    fix?: [string, (token: Token) => void];
}

function stateOf(token: Token, isLocked: boolean, actions: Actions): State {
    if (token.state === "expired")
        return { color: "red", text: _("Expired"), fix: [_("Extend"), actions.edit] };
    if (token.state === "rejected")
        return {
            color: "red", text: _("Rejected"),
            says: _("A server refused it. Give it a new secret, or let it be tried again."),
            fix: token.kind === "imported" ? [_("Try again"), actions.reinstate]
                : [_("Regenerate"), actions.regenerate],
        };
    if (token.state === "quarantined")
        return { color: "red", text: _("Quarantined") };
    if (isLocked)
        return { color: "orange", text: _("Locked") };
    if (token.refusedPlaces.length > 0)
        return {
            color: "orange", text: _("Partly refused"),
            says: `${_("Refused at:")} ${shown(token.refusedPlaces.join(", "))}`,
            fix: [_("Try again"), actions.reinstate],
        };
    if (token.confirm === "always")
        return { color: "blue", text: _("Asks each time"), fix: [_("Open"), actions.open] };
    return { color: "green", text: _("Active") };
}

export function TokenState({ token, isLocked, actions }: {
    token: Token; isLocked: boolean; actions: Actions;
}) {
    const { color, text, says, fix } = stateOf(token, isLocked, actions);
    return (
        <div className="patd-state">
            <Label isCompact color={color}>{text}</Label>
            {fix && <Button variant="link" isInline onClick={() => fix[1](token)}
                            aria-label={`${fix[0]}: ${shown(token.description)}`}>{fix[0]}</Button>}
            {says && <div className="patd-subtle">{says}</div>}
        </div>
    );
}

export function More({ texts, none }: { texts: string[]; none: string }) {
    const [first, second, ...others] = texts;
    if (first === undefined)
        return <span className="patd-subtle">{none}</span>;
    return (
        <>
            {[first, second].filter((text) => text !== undefined).map((text) =>
                <div key={text}><Code text={text} /></div>)}
            {others.length > 0 && <details>
                <summary>{plural("$0 more", "$0 more", others.length)}</summary>
                {others.map((text) => <div key={text}><Code text={text} /></div>)}
            </details>}
        </>
    );
}
