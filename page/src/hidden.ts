// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Whether somebody looks at the page: a secret must not stand there for whoever comes by.
import { useEffect } from "react";
import { flushSync } from "react-dom";

const IDLE_MS = 20000; // of nobody's hand on mouse or keyboard
// A screen reader moves the focus and clicks, without either.
const INPUTS = ["keydown", "pointerdown", "pointermove", "wheel", "focusin", "click"] as const;

// The shell hides the frame, whose document still counts as visible; a browser hides the tab.
const isOutOfSight = (): boolean => cockpit.hidden || document.hidden;

// Calls it when the page goes out of sight, is left, or is idle. What it draws is drawn at once: a
// page that is left may be kept by the browser as it is.
export function useUnwatched(onUnwatched: () => void): void {
    useEffect(() => {
        const leave = () => flushSync(onUnwatched);
        const look = () => {
            if (isOutOfSight())
                leave();
        };
        let timer = 0;
        const wake = () => {
            window.clearTimeout(timer);
            timer = window.setTimeout(onUnwatched, IDLE_MS);
        };
        if (isOutOfSight())
            onUnwatched();
        wake();
        cockpit.addEventListener("visibilitychange", look);
        document.addEventListener("visibilitychange", look);
        window.addEventListener("pagehide", leave);
        INPUTS.forEach((name) => window.addEventListener(name, wake, { passive: true }));
        return () => {
            window.clearTimeout(timer);
            cockpit.removeEventListener("visibilitychange", look);
            document.removeEventListener("visibilitychange", look);
            window.removeEventListener("pagehide", leave);
            INPUTS.forEach((name) => window.removeEventListener(name, wake));
        };
    }, [onUnwatched]);
}
