// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// How long one has to wait after too many wrong passwords.
import { useEffect, useState } from "react";

import { Notice } from "../labelled";
import { plural, _ } from "../text";

export function Wait({ seconds, onOver }: { seconds: number; onOver: () => void }) {
    const [end] = useState(() => Date.now() + seconds * 1000);
    const [left, setLeft] = useState(seconds);
    useEffect(() => {
        const timer = window.setInterval(() => {
            const now = Math.ceil((end - Date.now()) / 1000);
            setLeft(now);
            if (now <= 0) {
                window.clearInterval(timer);
                onOver();
            }
        }, 500);
        return () => window.clearInterval(timer);
    }, [end, onOver]);
    return (
        <Notice variant="warning" title={_("Too many wrong passwords")}>
            {plural("You can try again in $0 second.", "You can try again in $0 seconds.",
                    Math.max(left, 1))}
        </Notice>
    );
}
