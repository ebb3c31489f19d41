// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Gives the focus back to what had it before a dialog or a form, or else to the first button of
// the list.
import { useCallback, useRef } from "react";

const PLACES = ["#create", "#first-step", "#more"];

export function useFocusBack(): { remember: () => void; giveBack: () => void } {
    const before = useRef<HTMLElement>(null);
    const remember = useCallback(() => {
        const now = document.activeElement;
        before.current = now instanceof HTMLElement && now !== document.body ? now : null;
    }, []);
    const giveBack = useCallback(() => {
        // After the dialog is gone, and with it what kept the focus inside.
        window.setTimeout(() => {
            const known = before.current;
            const place = known?.isConnected ? known : PLACES.map((selector) =>
                document.querySelector<HTMLElement>(selector)).find(Boolean);
            place?.focus();
        });
    }, []);
    return { remember, giveBack };
}
