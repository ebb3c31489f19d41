// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What is done with all tokens at once, behind one button.
import { useState } from "react";

import { EllipsisV } from "../icons";
import { _ } from "../text";
import { Dropdown, DropdownItem, DropdownList, MenuToggle } from "../ui";

export interface MenuEntry {
    text: string;
    isDanger?: boolean;
    run: () => void;
}

export function Menu({ entries }: { entries: MenuEntry[] }) {
    const [isOpen, setOpen] = useState(false);
    return (
        <Dropdown isOpen={isOpen} onOpenChange={setOpen} onSelect={() => setOpen(false)}
                  shouldFocusToggleOnSelect popperProps={{ position: "right" }}
                  toggle={(ref) => (
                      <MenuToggle ref={ref} id="more" variant="plain" isExpanded={isOpen}
                                  icon={<EllipsisV />} aria-label={_("More")}
                                  onClick={() => setOpen(!isOpen)} />
                  )}>
            <DropdownList>
                {entries.map(({ text, isDanger, run }) =>
                    <DropdownItem key={text} isDanger={isDanger} onClick={run}>
                        {text}
                    </DropdownItem>)}
            </DropdownList>
        </Dropdown>
    );
}
