// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// How much of an object, or of a whole area, a token may use: nothing, read, or read and write.
import { _, format } from "../text";
import { ToggleGroup, ToggleGroupItem } from "../ui";
import type { Access } from "./permissions";

interface Choice {
    label: string;
    access: Access | null;
}

const choices = (offered: Access[]): Choice[] => [
    { label: _("None"), access: null },
    ...(offered.includes("ro") ? [{ label: _("Read"), access: "ro" as const }] : []),
    ...(offered.includes("rw") ? [{ label: _("Read and write"), access: "rw" as const }] : []),
];

interface SwitchProps {
    name: string; // of what the switch is for
    id: string;
    offered: Access[];
    chosen: Access | null | "mixed";
    onChoose: (access: Access | null) => void;
}

export function AccessSwitch({ name, id, offered, chosen, onChoose }: SwitchProps) {
    return (
        <ToggleGroup isCompact aria-label={format(_("Access to $0"), name)}>
            {choices(offered).map(({ label, access }) => (
                <ToggleGroupItem key={label} text={label} buttonId={`${id}-${access ?? "none"}`}
                                 aria-label={`${name}: ${label}`} isSelected={chosen === access}
                                 onChange={() => onChoose(access)} />
            ))}
        </ToggleGroup>
    );
}
