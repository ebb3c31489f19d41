// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The tokens: what was done, then the list.
import { useState } from "react";

import type { Desk } from "../desk";
import { Notice } from "../labelled";
import type { Live } from "../patd/live";
import { _ } from "../text";
import { AlertActionCloseButton } from "../ui";
import * as wishes from "./actions";
import { ConfirmAll } from "./confirm_all";
import { Exposures } from "./exposures";
import type { MenuEntry } from "./menu";
import { TokensView } from "./view";

function actionsOf(desk: Desk): wishes.Actions {
    return {
        edit: (token) => desk.open({ is: "edit", token }),
        regenerate: desk.regenerate,
        reinstate: (token) => desk.askAndSay(wishes.reinstatement(token),
                                             _("The token is released again.")),
        remove: (token) => desk.askAndSay(wishes.deletion(token), _("The token was deleted.")),
        open: (token) => desk.askAndSay(wishes.opening(token),
                                        _("The token is open for five minutes.")),
    };
}

export function TokensTab({ desk, live }: { desk: Desk; live: Live }) {
    const [isConfirming, setConfirming] = useState(false);
    const { fresh, said } = desk;
    const unlock = () => desk.askAndSay(wishes.unlocking(), _("Your tokens are unlocked."));
    const menu: MenuEntry[] = [
        { text: _("Import a token"), run: () => desk.open({ is: "import" }) },
        { text: _("Import a file"), run: () => desk.open({ is: "file" }) },
        live.status?.locked ? { text: _("Unlock"), run: unlock }
            : { text: _("Lock all tokens"), run: desk.lock },
        { text: _("Change service password"), run: () => desk.setPassword(false) },
        { text: _("Remove All"), isDanger: true, run: () => setConfirming(true) },
    ];
    return (
        <>
            {said && <Notice isLiveRegion variant={said.variant} title={said.text}
                            actionClose={<AlertActionCloseButton title={_("Close")}
                                aria-label={_("Close")} onClose={() => desk.say(null)} />} />}
            {isConfirming && <ConfirmAll count={live.tokens.length}
                onClose={() => setConfirming(false)}
                onConfirm={() => {
                    setConfirming(false);
                    desk.askAndSay(wishes.removalOfAll(live.tokens.length),
                                   _("All tokens were deleted."));
                }} />}
            <TokensView live={live} actions={actionsOf(desk)} menu={menu} onUnlock={unlock}
                        hasFresh={fresh !== null}
                        onCreate={() => desk.open({ is: "create" })}
                        onFile={() => desk.open({ is: "file" })}
                        onSetPassword={() => desk.setPassword(true)} />
            <Exposures live={live} />
        </>
    );
}
