// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The tokens, one row each. What is far below is drawn when one scrolls there.
import { memo } from "react";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";

import { Code } from "../code";
import type { Day } from "../events/days";
import { RowChart } from "../events/row_chart";
import type { Token } from "../patd/types";
import { agoText, dateText, format, shown, timeText, _ } from "../text";
import { Button, Label } from "../ui";
import type { Actions } from "./actions";
import type { Column, Order } from "./filter";
import { More, TokenState } from "./state";
import { useGrowing } from "./use_growing";
import type { Uses } from "./use_uses";

function LastUse({ token, uses }: { token: Token; uses?: Day[] }) {
    return (
        <>
            {token.lastUsedAt === 0 ? <span className="patd-subtle">{_("Never")}</span> : <>
                <time title={timeText(token.lastUsedAt)}>{agoText(token.lastUsedAt)}</time>
                <div className="patd-subtle"><Code text={token.lastUsedWhere} /></div>
            </>}
            {uses && <RowChart days={uses} />}
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
    uses?: Day[];
    isLocked: boolean;
    minute: number; // "3 minutes ago" grows old
    actions: Actions;
}

// Drawn anew only when its token changed, or once a minute: the actions of an older list do the
// same.
const Row = memo(function Row({ token, uses, isLocked, actions }: RowProps) {
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
            <Td dataLabel={_("Last use")}><LastUse token={token} uses={uses} /></Td>
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
}, (before, after) => before.token === after.token && before.uses === after.uses &&
    before.isLocked === after.isLocked && before.minute === after.minute);

interface Props {
    tokens: Token[];
    uses: Uses;
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

export function TokenTable({ tokens, uses, isLocked, actions, order, onOrder }: Props) {
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
                        <Row key={token.path} token={token} uses={uses.of.get(token.id)}
                             isLocked={isLocked} minute={minute} actions={actions} />)}
                </Tbody>
            </Table>
            {end}
            {uses.since > 0 && <p className="patd-subtle">
                {format(_("The small charts begin on $0: only the newest events are counted."),
                        dateText(uses.since))}
            </p>}
        </>
    );
}
