// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The tokens, one row each. What is far below is drawn when one scrolls there.
import { memo, useEffect, useRef, useState } from "react";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";

import { Code } from "../code";
import type { Token } from "../patd/types";
import { agoText, dateText, shown, timeText, _ } from "../text";
import { Button, Label } from "../ui";
import type { Actions } from "./actions";
import type { Column, Order } from "./filter";
import { More, TokenState } from "./state";

const ROWS_AT_ONCE = 60;

// How many rows are drawn, and the element whose sight asks for more.
function useGrowing(total: number) {
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

function LastUse({ token }: { token: Token }) {
    if (token.lastUsedAt === 0)
        return <span className="patd-subtle">{_("Never")}</span>;
    return (
        <>
            <time title={timeText(token.lastUsedAt)}>{agoText(token.lastUsedAt)}</time>
            <div className="patd-subtle"><Code text={token.lastUsedWhere} /></div>
        </>
    );
}

function Expiry({ token }: { token: Token }) {
    if (token.expires === 0)
        return <span className="patd-subtle">{_("Never")}</span>;
    return (
        <>
            <time title={timeText(token.expires)}>{dateText(token.expires)}</time>
            {token.expiresSoon && <div><Label isCompact color="orange">
                {agoText(token.expires)}
            </Label></div>}
        </>
    );
}

interface RowProps {
    token: Token;
    isLocked: boolean;
    minute: number; // "3 minutes ago" grows old
    actions: Actions;
}

// Drawn anew only when its token changed, or once a minute: the actions of an older list do the
// same.
const Row = memo(function Row({ token, isLocked, actions }: RowProps) {
    const name = shown(token.description);
    return (
        <Tr data-token={token.id}>
            <Td dataLabel={_("Description")}>
                <strong className="patd-name">{name}</strong>
                <div className="patd-subtle">
                    {token.kind === "issued" ? _("Made here")
                        : `${_("Imported")} · ${shown(token.username)}`}
                </div>
            </Td>
            <Td dataLabel={_("Permissions")}>
                <More texts={token.permissions} none={_("Not limited here")} />
            </Td>
            <Td dataLabel={_("Places")}><More texts={token.targets} none={_("None")} /></Td>
            <Td dataLabel={_("Last use")}><LastUse token={token} /></Td>
            <Td dataLabel={_("Expires")}><Expiry token={token} /></Td>
            <Td dataLabel={_("State")}>
                <TokenState token={token} isLocked={isLocked} actions={actions} />
            </Td>
            <Td className="patd-actions" modifier="nowrap">
                <Button variant="link" isInline aria-label={`${_("Edit")}: ${name}`}
                        onClick={() => actions.edit(token)}>{_("Edit")}</Button>
                <Button variant="link" isInline isDanger aria-label={`${_("Delete")}: ${name}`}
                        onClick={() => actions.remove(token)}>{_("Delete")}</Button>
            </Td>
        </Tr>
    );
}, (before, after) => before.token === after.token &&
    before.isLocked === after.isLocked && before.minute === after.minute);

interface Props {
    tokens: Token[];
    isLocked: boolean;
    actions: Actions;
    order: Order;
    onOrder: (order: Order) => void;
}

const COLUMNS: [() => string, Column | null, 15 | 20 | undefined][] = [
    [() => _("Description"), "description", 20], [() => _("Permissions"), null, 20],
    [() => _("Places"), null, 20], [() => _("Last use"), "lastUsedAt", 15],
    [() => _("Expires"), "expires", undefined], [() => _("State"), null, undefined],
];

export function TokenTable({ tokens, isLocked, actions, order, onOrder }: Props) {
    const { count, end } = useGrowing(tokens.length);
    const minute = Math.floor(Date.now() / 60000);
    const sort = (column: Column, index: number) => ({
        sortBy: {
            index: COLUMNS.findIndex(([, one]) => one === order.column),
            direction: order.isDescending ? "desc" as const : "asc" as const,
        },
        onSort: () => onOrder({
            column, isDescending: column === order.column && !order.isDescending,
        }),
        columnIndex: index,
    });
    return (
        <>
            <Table variant="compact" gridBreakPoint="grid-lg" aria-label={_("Access tokens")}>
                <Thead>
                    <Tr>
                        {COLUMNS.map(([name, column, width], index) =>
                            <Th key={index} modifier="nowrap" width={width}
                                sort={column ? sort(column, index) : undefined}>
                                {name()}
                            </Th>)}
                        <Th screenReaderText={_("Actions")} />
                    </Tr>
                </Thead>
                <Tbody>
                    {tokens.slice(0, count).map((token) =>
                        <Row key={token.path} token={token} isLocked={isLocked} minute={minute}
                             actions={actions} />)}
                </Tbody>
            </Table>
            {end}
        </>
    );
}
