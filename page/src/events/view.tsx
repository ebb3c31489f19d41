// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Who used the tokens: a chart of days, and the events themselves with a filter.
import { useEffect, useMemo, useState } from "react";

import { Search } from "../icons";
import { Empty } from "../list/empty";
import { Notice, SearchInput } from "../labelled";
import { failureOf, type Failure } from "../patd/failure";
import type { Live } from "../patd/live";
import type { AuditEvent } from "../patd/types";
import { _, format, shown } from "../text";
import { FormSelect, FormSelectOption, Toolbar, ToolbarContent, ToolbarItem } from "../ui";
import { UseChart } from "./chart";
import { isRefusal } from "./days";
import { EventTable } from "./table";

const READ_AT_ONCE = 1000; // the most that patd answers
const SHOWN = 200;

type What = "all" | "uses" | "changes" | "refusals";

const WHATS: [What, () => string][] = [
    ["all", () => _("All events")], ["uses", () => _("Uses")], ["changes", () => _("Changes")],
    ["refusals", () => _("Refusals")],
];

function fits(event: AuditEvent, what: What): boolean {
    const isUse = event.event === "release" || event.event === "verify";
    return what === "all" || (what === "refusals" ? isRefusal(event) : isUse === (what === "uses"));
}

// The events of one token, or of all, read again whenever the tokens are.
export function useEvents(live: Live, token: string): [AuditEvent[], Failure | null] {
    const [events, setEvents] = useState<AuditEvent[]>([]);
    const [problem, setProblem] = useState<Failure | null>(null);
    useEffect(() => {
        let isLatest = true;
        live.bus.events({ limit: READ_AT_ONCE, token }).then((read) => {
            if (isLatest)
                setEvents(read);
        }, (thrown) => setProblem(failureOf(thrown)));
        return () => {
            isLatest = false;
        };
    }, [live.bus, live.reads, token]);
    return [events, problem];
}

export function EventsView({ live }: { live: Live }) {
    const [token, setToken] = useState("");
    const [what, setWhat] = useState<What>("all");
    const [wanted, setWanted] = useState("");
    const [events, problem] = useEvents(live, token);
    const names = useMemo(() => new Map(live.tokens.map((one) => [one.id, one.description])),
                          [live.tokens]);
    const word = wanted.trim().toLowerCase();
    const chosen = events.filter((event) => fits(event, what) && (word === "" ||
        `${event.where} ${event.unit} ${names.get(event.token) ?? event.token}`.toLowerCase()
            .includes(word)));
    const isCut = events.length === READ_AT_ONCE || chosen.length > SHOWN;
    return (
        <>
            {problem && <Notice variant="danger" title={problem.message} />}
            <UseChart events={events} />
            <Toolbar>
                <ToolbarContent>
                    <ToolbarItem className="patd-grow">
                        <SearchInput aria-label={_("Filter events")} value={wanted}
                                     placeholder={_("Place, unit or token")}
                                     onChange={(_event, value) => setWanted(value)}
                                     onClear={() => setWanted("")} />
                    </ToolbarItem>
                    <ToolbarItem>
                        <FormSelect aria-label={_("Which events")} value={what}
                                    onChange={(_event, value) => setWhat(value as What)}>
                            {WHATS.map(([value, label]) =>
                                <FormSelectOption key={value} value={value} label={label()} />)}
                        </FormSelect>
                    </ToolbarItem>
                    <ToolbarItem className="patd-select">
                        <FormSelect aria-label={_("Of which token")} value={token}
                                    onChange={(_event, value) => setToken(value)}>
                            <FormSelectOption value="" label={_("All tokens")} />
                            {live.tokens.map((one) =>
                                <FormSelectOption key={one.id} value={one.id}
                                                  label={shown(one.description)} />)}
                        </FormSelect>
                    </ToolbarItem>
                </ToolbarContent>
            </Toolbar>
            {isCut && <p className="patd-subtle">
                {format(_("Of the newest $0 events at most $1 are shown; patctl audit has more."),
                        READ_AT_ONCE, SHOWN)}
            </p>}
            {chosen.length > 0 ? <EventTable events={chosen.slice(0, SHOWN)} names={names} />
                : <Empty icon={Search} title={_("No event fits")}
                         says={_("Uses and changes of your tokens stand here.")} />}
        </>
    );
}
