// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Follows the style that was chosen in Cockpit's shell.

const KEY = "shell:style";
const dark = window.matchMedia("(prefers-color-scheme: dark)");

function apply(): void {
    const style = localStorage.getItem(KEY) ?? "auto";
    const wanted = style === "dark" || (style === "auto" && dark.matches);
    document.documentElement.classList.toggle("pf-v6-theme-dark", wanted);
}

export function followStyle(): void {
    window.addEventListener("storage", (event) => {
        if (event.key === KEY)
            apply();
    });
    window.addEventListener("cockpit-style", apply);
    dark.addEventListener("change", apply);
    apply();
}
