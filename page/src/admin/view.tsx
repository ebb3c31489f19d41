// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// For an administrator: everybody's tokens without anything secret, and the state of the service.
import { useState } from "react";

import { EventTable } from "../events/table";
import { Notice } from "../labelled";
import type { Owner } from "../patd/bus";
import { _, format, plural, shown } from "../text";
import {
    Button, FormSelect, FormSelectOption, Title, Toolbar, ToolbarContent, ToolbarItem,
} from "../ui";
import { Findings } from "./findings";
import { OwnerTokens } from "./owner_tokens";
import { EVENTS, useOwners } from "./use_owners";

const SHOWN = 100; // events

function labelOf({ user, uid, tokens, quarantined }: Owner): string {
    const parts = [plural("$0 token", "$0 tokens", tokens)];
    if (quarantined > 0)
        parts.push(format(_("$0 quarantined"), quarantined));
    return `${shown(user)} (${uid}): ${parts.join(", ")}`;
}

export function AdminView() {
    const [uid, setUid] = useState<number | null>(null);
    const { owners, tokens, events, problem, act } = useOwners(uid);
    return (
        <div className="patd-view">
            {problem && <Notice variant="danger" title={problem.message} />}
            <Title headingLevel="h2" size="lg">{_("Owners")}</Title>
            <Toolbar>
                <ToolbarContent>
                    <ToolbarItem className="patd-grow">
                        <FormSelect aria-label={_("Owner")} value={uid ?? ""}
                                    onChange={(_event, value) =>
                                        setUid(value === "" ? null : Number(value))}>
                            <FormSelectOption value="" label={_("Choose an owner")} />
                            {owners.map((owner) =>
                                <FormSelectOption key={owner.uid} value={owner.uid}
                                                  label={labelOf(owner)} />)}
                        </FormSelect>
                    </ToolbarItem>
                    <ToolbarItem>
                        <Button variant="secondary" onClick={() => act((bus) => bus.checkOwners())}>
                            {_("Check accounts")}
                        </Button>
                    </ToolbarItem>
                </ToolbarContent>
            </Toolbar>
            {uid !== null && <OwnerTokens tokens={tokens}
                onRevoke={(token) => act((bus) => bus.revoke(uid, token.id))}
                onReinstate={(token) => act((bus) => bus.reinstate(uid, token.id))} />}
            <Findings />
            <section className="patd-view">
                <Title headingLevel="h2" size="lg">{_("Latest events of all")}</Title>
                {events.length > SHOWN && <p className="patd-subtle">
                    {format(_("The newest $0 of $1 events; patctl audit --all has more."), SHOWN,
                            events.length === EVENTS ? `≥ ${EVENTS}` : events.length)}
                </p>}
                <EventTable events={events.slice(0, SHOWN)} names={new Map()}
                            owners={new Map(owners.map((owner) => [owner.uid, owner.user]))} />
            </section>
        </div>
    );
}
