// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Events, the newest first.
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";

import { Code } from "../code";
import type { AuditEvent } from "../patd/types";
import { agoText, shown, timeText, _ } from "../text";
import { Label } from "../ui";
import { isRefusal } from "./days";
import { detailText, eventName, outcomeText } from "./words";

interface Props {
    events: AuditEvent[];
    names: ReadonlyMap<string, string>; // of tokens, by id
    owners?: ReadonlyMap<number, string>; // if they are several people's
}

// A release says in brackets which child was made.
function Where({ text }: { text: string }) {
    const [place = "", detail] = text.split(/ \((.*)\)$/);
    return (
        <>
            <Code text={place} />
            {detail && <div className="patd-subtle">{detailText(detail)}</div>}
        </>
    );
}

function Row({ event, names, owners }: { event: AuditEvent } & Omit<Props, "events">) {
    return (
        <Tr>
            <Td dataLabel={_("When")}>
                <time title={timeText(event.at)}>{agoText(event.at)}</time>
            </Td>
            {owners && <Td dataLabel={_("Owner")}>
                {shown(owners.get(event.owner) ?? `${event.owner}`)}
            </Td>}
            <Td dataLabel={_("What")}>
                <Label isCompact color={isRefusal(event) ? "red" : "grey"}>
                    {eventName(event.event)}
                </Label>{" "}
                <span className="patd-subtle">{outcomeText(event)}</span>
            </Td>
            <Td dataLabel={_("Token")}>{shown(names.get(event.token) ?? event.token)}</Td>
            <Td dataLabel={_("Where")}><Where text={event.where} /></Td>
            <Td dataLabel={_("Unit")}><Code text={event.unit} /></Td>
        </Tr>
    );
}

export function EventTable({ events, names, owners }: Props) {
    return (
        <Table variant="compact" gridBreakPoint="grid-lg" aria-label={_("Events")}>
            <Thead>
                <Tr>
                    <Th>{_("When")}</Th>
                    {owners && <Th>{_("Owner")}</Th>}
                    <Th>{_("What")}</Th>
                    <Th>{_("Token")}</Th>
                    <Th>{_("Where")}</Th>
                    <Th>{_("Unit")}</Th>
                </Tr>
            </Thead>
            <Tbody>
                {events.map((event, index) =>
                    <Row key={`${event.at}-${index}`} event={event} names={names}
                         owners={owners} />)}
            </Tbody>
        </Table>
    );
}
