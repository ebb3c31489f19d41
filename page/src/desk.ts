// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What lies on the desk: the form that is open, the operation under way, a new secret, and what is
// to be said. The views only say what they want.
import { useRef, useState } from "react";

import type { Purpose } from "./editor/form";
import { useFocusBack } from "./focus";
import { regeneration, settingPassword } from "./list/actions";
import type { Fresh } from "./operation/dialog";
import type { Request } from "./operation/request";
import type { Failure } from "./patd/failure";
import type { Live } from "./patd/live";
import type { Wish } from "./patd/session";
import type { Token } from "./patd/types";
import { _ } from "./text";

export interface Said {
    text: string;
    variant: "success" | "danger";
}

const TITLES: Record<Purpose["is"], () => string> = {
    create: () => _("Create this token?"),
    import: () => _("Import this token?"),
    edit: () => _("Update this token?"),
    file: () => _("Import the tokens of this file?"),
};

const DONE: Record<Purpose["is"], () => string> = {
    create: () => _("The token is valid now."),
    import: () => _("The token was imported."),
    edit: () => _("The token was updated."),
    file: () => _("The tokens were imported. The file still holds their secrets: delete it when " +
        "your programs work without it."),
};

const isOfForm = ({ field }: Failure): boolean =>
    field !== undefined && field !== "password" && field !== "secret";

export function useDesk(live: Live) {
    const [purpose, setPurpose] = useState<Purpose | null>(null);
    const [refusals, setRefusals] = useState<Failure[]>([]);
    const [request, setRequest] = useState<Request | null>(null);
    const [fresh, setFresh] = useState<Fresh | null>(null);
    // Rows keep the actions of an older list, so they must not look at the state of their time.
    const freshNow = useRef(fresh);
    freshNow.current = fresh;
    const [said, say] = useState<Said | null>(null);
    const dialogFocus = useFocusBack();
    const formFocus = useFocusBack();

    const ask = (wanted: Request) => {
        dialogFocus.remember();
        say(null);
        setRequest(wanted);
    };
    const askAndSay = (wanted: Request, text: string, after?: () => void) => ask({
        ...wanted,
        onDone: () => {
            say({ text, variant: "success" });
            live.refresh();
            after?.();
        },
    });
    const leaveForm = () => {
        setPurpose(null);
        formFocus.giveBack();
    };
    const setPassword = (isFirst: boolean, after?: () => void) =>
        askAndSay(settingPassword(isFirst), _("Your service password is set."), after);

    // A new secret that waits is dealt with first: a second one would discard it silently.
    const showsFreshInstead = (): boolean => {
        if (freshNow.current)
            document.querySelector<HTMLElement>(".patd-fresh")?.focus();
        return freshNow.current !== null;
    };

    return {
        purpose, refusals, request, fresh, said, say, askAndSay, leaveForm, setPassword,
        clearRefusals: () => setRefusals([]),
        open: (wanted: Purpose) => {
            if (wanted.is === "create" && showsFreshInstead())
                return;
            formFocus.remember();
            say(null);
            setRefusals([]);
            setPurpose(wanted);
        },
        submit: (wanted: Purpose, wish: Wish, says?: string) => ask({
            ...{ wish, says, title: TITLES[wanted.is](), button: _("OK") },
            onDone: () => {
                say({ text: DONE[wanted.is](), variant: "success" });
                leaveForm();
                live.refresh();
            },
            onRefused: (failures) => {
                if (failures.some(isOfForm))
                    setRefusals(failures);
                return failures.some(isOfForm);
            },
        }),
        regenerate: (token: Token) => {
            if (!showsFreshInstead())
                askAndSay(regeneration(token), _("The token has a new secret."), leaveForm);
        },
        // Sets the first password, and goes on with what needed one.
        setPasswordFirst: (wanted: Request) => setPassword(true, () => setRequest(wanted)),
        endRequest: () => {
            setRequest(null);
            dialogFocus.giveBack();
        },
        // The list comes back, with the secret at its head.
        show: (shown: Fresh) => {
            setRequest(null);
            setPurpose(null);
            setFresh(shown);
        },
        endFresh: (end: "valid" | "discarded" | Failure) => {
            setFresh(null);
            say(end === "discarded" ? null : end === "valid"
                ? { text: DONE.create(), variant: "success" }
                : { text: end.message, variant: "danger" });
            live.refresh();
            formFocus.giveBack();
        },
        lock: () => live.bus.lock().then(live.refresh, live.refresh),
    };
}

export type Desk = ReturnType<typeof useDesk>;
