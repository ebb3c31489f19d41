// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Whether the shell shows another page. The document of a hidden page still counts as visible.
import { useEffect, useState } from "react";

export function useHidden(): boolean {
    const [isHidden, setHidden] = useState(cockpit.hidden);
    useEffect(() => {
        const look = () => setHidden(cockpit.hidden);
        cockpit.addEventListener("visibilitychange", look);
        return () => cockpit.removeEventListener("visibilitychange", look);
    }, []);
    return isHidden;
}
