// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The permission catalogue as a tree: areas that open, objects in them, and for each how much.
import { useState } from "react";

import { HelperTextItem, SearchInput } from "../labelled";
import { shown, _, format, plural } from "../text";
import { Button, HelperText, Label } from "../ui";
import { AngleDown, AngleRight } from "../icons";
import { AccessSwitch } from "./access_switch";
import {
    type Access, accessOf, type Area, areasOf, type Grants, type Item, sentenceOf, withArea,
} from "./permissions";
import type { Permission } from "../patd/types";

function matching(areas: Area[], wanted: string): Area[] {
    const word = wanted.trim().toLowerCase();
    const has = (text: string) => text.toLowerCase().includes(word);
    if (word === "")
        return areas;
    return areas.map((area) => (has(area.name) || has(area.description)
        ? area
        : { ...area, items: area.items.filter((i) => has(i.key) || has(i.description)) }))
        .filter((area) => area.items.length > 0);
}

interface Props {
    catalogue: Permission[];
    grants: Grants;
    onChange: (grants: Grants) => void;
}

function ItemRow({ item, grants, onChange }: { item: Item } & Omit<Props, "catalogue">) {
    const choose = (access: Access | null) => {
        const changed = new Map(grants);
        changed.delete(item.key);
        if (access)
            changed.set(item.key, access);
        onChange(changed);
    };
    return (
        <li className="patd-permission">
            <div>
                <strong>{shown(item.name)}</strong>
                <div className="patd-subtle">{shown(item.description)}</div>
            </div>
            <AccessSwitch name={item.key} id={`permission-${item.key}`} offered={item.access}
                          chosen={grants.get(item.key) ?? null} onChoose={choose} />
        </li>
    );
}

function AreaRow(props: { area: Area; isOpen: boolean; onToggle: () => void } &
                 Omit<Props, "catalogue">) {
    const { area, isOpen, onToggle, grants, onChange } = props;
    const chosen = area.items.filter((item) => grants.has(item.key)).length;
    const offered = (["ro", "rw"] as const).filter((one) =>
        area.items.some((item) => item.access.includes(one)));
    return (
        <li className="patd-area">
            <div className="patd-permission">
                <Button variant="plain" className="patd-area-toggle" aria-expanded={isOpen}
                        icon={isOpen ? <AngleDown /> : <AngleRight />} onClick={onToggle}>
                    <strong>{shown(area.name)}</strong>
                    {chosen > 0 && <Label isCompact color="blue">
                        {format(_("$0 of $1"), chosen, area.items.length)}
                    </Label>}
                    <span className="patd-subtle">{shown(area.description)}</span>
                </Button>
                <AccessSwitch name={format(_("all of $0"), area.name)} id={`area-${area.name}`}
                              offered={offered} chosen={accessOf(area, grants)}
                              onChoose={(access) => onChange(withArea(area, grants, access))} />
            </div>
            {isOpen && <ul className="patd-objects">
                {area.items.map((item) =>
                    <ItemRow key={item.key} item={item} grants={grants} onChange={onChange} />)}
            </ul>}
        </li>
    );
}

export function PermissionTree({ catalogue, grants, onChange }: Props) {
    const [wanted, setWanted] = useState("");
    const [open, setOpen] = useState<ReadonlySet<string>>(
        () => new Set([...grants.keys()].map((key) => key.split(":")[0] ?? "")));
    const [first] = useState(open);  // chosen when the form was opened: they come first
    const areas = areasOf(catalogue, grants)
        .sort((a, b) => Number(first.has(b.name)) - Number(first.has(a.name)));
    const visible = matching(areas, wanted);
    const toggle = (name: string) => setOpen((before) => {
        const changed = new Set(before);
        if (!changed.delete(name))
            changed.add(name);
        return changed;
    });
    return (
        <div className="patd-tree">
            <SearchInput aria-label={_("Search permissions")} value={wanted}
                         placeholder={_("Search permissions")}
                         onChange={(_event, value) => setWanted(value)}
                         onClear={() => setWanted("")} />
            {areas.length === 0 && <p>{_("This machine's catalogue has no permissions. " +
                "An administrator adds them in /etc/patd/permissions.d.")}</p>}
            <ul aria-label={_("Permissions")}>
                {visible.map((area) =>
                    <AreaRow key={area.name} area={area} grants={grants} onChange={onChange}
                             isOpen={wanted !== "" || open.has(area.name)}
                             onToggle={() => toggle(area.name)} />)}
            </ul>
            <HelperText aria-live="polite">
                <HelperTextItem id="permission-sentence">
                    {sentenceOf(areas, grants)}
                    {wanted !== "" && ` ${plural("$0 area fits the search.",
                                                 "$0 areas fit the search.", visible.length)}`}
                </HelperTextItem>
            </HelperText>
        </div>
    );
}
