// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Rows of a long list, drawn as one scrolls to them.
import { useEffect, useRef, useState } from "react";

const ROWS_AT_ONCE = 60;

// How many rows are drawn, and the element whose sight asks for more.
export function useGrowing(total: number) {
    const [count, setCount] = useState(ROWS_AT_ONCE);
    const end = useRef<HTMLDivElement>(null);
    useEffect(() => {
        const place = end.current;
        if (!place)
            return undefined;
        const observer = new IntersectionObserver((entries) => {
            if (entries.some((entry) => entry.isIntersecting))
                setCount((before) => before + ROWS_AT_ONCE);
        }, { root: place.closest(".pf-v6-c-page__main"), rootMargin: "1500px" });
        observer.observe(place);
        return () => observer.disconnect();
    }, [count, total]);
    return { count, end: count < total ? <div ref={end} /> : null };
}
