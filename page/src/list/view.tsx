// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The list of tokens with its filter, or what comes before there is one.
import { useMemo, useState } from "react";

import { Notice, SearchInput, Spinner } from "../labelled";
import type { Live } from "../patd/live";
import { _, plural, shown } from "../text";
import {
    AlertActionCloseButton, AlertActionLink, Button, FormSelect, FormSelectOption, Toolbar,
    ToolbarContent, ToolbarItem,
} from "../ui";
import type { Actions } from "./actions";
import { NoMatch, NoPassword, NoService, NoToken } from "./empty";
import { choose, type Kind, type Order } from "./filter";
import { Menu, type MenuEntry } from "./menu";
import { TokenTable } from "./table";
import { useUses } from "./use_uses";

interface Props {
    live: Live;
    actions: Actions;
    menu: MenuEntry[];
    onCreate: () => void;
    onFile: () => void;
    onSetPassword: () => void;
    onUnlock: () => void;
    hasFresh: boolean; // a token that is not valid yet stands above
}

const KINDS: [Kind, () => string][] = [
    ["all", () => _("All tokens")], ["issued", () => _("Made here")],
    ["imported", () => _("Imported")], ["attention", () => _("Needs attention")],
];

interface ToolsProps {
    wanted: string;
    kind: Kind;
    menu: MenuEntry[];
    onWanted: (wanted: string) => void;
    onKind: (kind: Kind) => void;
    onCreate: () => void;
}

function Tools({ wanted, kind, menu, onWanted, onKind, onCreate }: ToolsProps) {
    return (
        <Toolbar>
            <ToolbarContent>
                <ToolbarItem className="patd-grow">
                    <SearchInput aria-label={_("Filter tokens")} placeholder={_("Filter tokens")}
                                 value={wanted} onChange={(_event, value) => onWanted(value)}
                                 onClear={() => onWanted("")} />
                </ToolbarItem>
                <ToolbarItem>
                    <FormSelect aria-label={_("Which tokens")} value={kind}
                                onChange={(_event, value) => onKind(value as Kind)}>
                        {KINDS.map(([value, label]) =>
                            <FormSelectOption key={value} value={value} label={label()} />)}
                    </FormSelect>
                </ToolbarItem>
                <ToolbarItem>
                    <Button id="create" onClick={onCreate}>{_("Create Token")}</Button>
                </ToolbarItem>
                <ToolbarItem><Menu entries={menu} /></ToolbarItem>
            </ToolbarContent>
        </Toolbar>
    );
}

// Of one that is deleted meanwhile, the id is all that is left.
const nameOf = (live: Live, id: string): string =>
    shown(live.tokens.find((token) => token.id === id)?.description ?? id);

function Notices({ live, onUnlock }: { live: Live; onUnlock: () => void }) {
    return (
        <>
            {live.status?.locked && <Notice variant="warning" title={_("Your tokens are locked")}
                actionLinks={<AlertActionLink onClick={onUnlock}>{_("Unlock")}</AlertActionLink>}>
                {_("No program gets one until you unlock them.")}
            </Notice>}
            {live.reused.length > 0 && <Notice variant="danger" isLiveRegion
                title={_("Somebody used an old secret of one of your tokens")}
                actionClose={<AlertActionCloseButton title={_("Close")} aria-label={_("Close")}
                    onClose={() => {
                        live.forgetReused();
                        document.querySelector<HTMLElement>("#create, #first-step")?.focus();
                    }} />}>
                <ul>
                    {live.reused.map((id) => <li key={id}><strong>{nameOf(live, id)}</strong></li>)}
                </ul>
                {_("It was refused. If that was not a program of yours, look at the events.")}
            </Notice>}
        </>
    );
}

export function TokensView(props: Props) {
    const { live, actions, menu, onCreate, onFile, onSetPassword, onUnlock, hasFresh } = props;
    const uses = useUses(live);
    const [wanted, setWanted] = useState("");
    const [kind, setKind] = useState<Kind>("all");
    const [order, setOrder] = useState<Order>({ column: "created", isDescending: true });
    const chosen = useMemo(() => choose(live.tokens, wanted, kind, order),
                           [live.tokens, wanted, kind, order]);
    if (live.loading)
        return <Spinner />;
    if (live.problem)
        // Cockpit's client is closed for good by then; another one comes with a new page.
        return <NoService problem={live.problem} onAgain={() => window.location.reload()} />;
    if (live.tokens.length === 0 && live.status?.servicePassword === false)
        return <NoPassword onSet={onSetPassword} />;
    const clear = () => {
        setWanted("");
        setKind("all");
    };
    return (
        <>
            <Notices live={live} onUnlock={onUnlock} />
            {live.tokens.length === 0 && !hasFresh &&
                <NoToken onCreate={onCreate} onFile={onFile} />}
            {live.tokens.length > 0 && <>
                <Tools wanted={wanted} kind={kind} menu={menu} onWanted={setWanted} onKind={setKind}
                       onCreate={onCreate} />
                {chosen.length === 0 ? <NoMatch onClear={clear} />
                    : <TokenTable tokens={chosen} uses={uses}
                                  isLocked={live.status?.locked ?? false} actions={actions}
                                  order={order} onOrder={setOrder} />}
                <p className="patd-subtle" aria-live="polite">
                    {plural("$0 token", "$0 tokens", chosen.length)}
                </p>
            </>}
        </>
    );
}
