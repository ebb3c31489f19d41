// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Which token a program would get for a URL, and why not the others.
import { useState } from "react";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";

import { Code } from "../code";
import { Notice } from "../labelled";
import { failureOf } from "../patd/failure";
import type { Live } from "../patd/live";
import type { Candidate } from "../patd/types";
import { _, format, shown } from "../text";
import { ActionGroup, Button, Form, Label } from "../ui";
import { TextField } from "../editor/text_field";
import { verdictText } from "./verdicts";

interface Answer {
    outcome: string;
    candidates: Candidate[];
}

function Outcome({ answer: { outcome, candidates } }: { answer: Answer }) {
    const chosen = candidates.find(({ verdict }) => verdict === "released");
    if (chosen)
        return <Notice isLiveRegion variant="success"
                      title={format(_("git would get “$0”"), shown(chosen.description))} />;
    return <Notice isLiveRegion variant="warning"
                  title={outcome === "none" ? _("No token of yours is for this URL")
                      : format(_("git would get none: $0"), verdictText(outcome))} />;
}

function Candidates({ candidates }: { candidates: Candidate[] }) {
    return (
        <Table variant="compact" gridBreakPoint="grid-md" aria-label={_("Tokens looked at")}>
            <Thead>
                <Tr>
                    <Th>{_("Token")}</Th><Th>{_("Place")}</Th><Th>{_("Why")}</Th>
                </Tr>
            </Thead>
            <Tbody>
                {candidates.map((one) =>
                    <Tr key={one.id}>
                        <Td dataLabel={_("Token")}>{shown(one.description)}</Td>
                        <Td dataLabel={_("Place")}><Code text={one.target} /></Td>
                        <Td dataLabel={_("Why")}>
                            <Label isCompact color={one.verdict === "released" ? "green" : "grey"}>
                                {verdictText(one.verdict)}
                            </Label>
                        </Td>
                    </Tr>)}
            </Tbody>
        </Table>
    );
}

export function ExplainView({ live }: { live: Live }) {
    const [url, setUrl] = useState("");
    const [answer, setAnswer] = useState<Answer | null>(null);
    const [fault, setFault] = useState("");
    const ask = async () => {
        try {
            setAnswer(await live.bus.explain(url.trim()));
            setFault("");
        } catch (thrown) {
            setAnswer(null);
            setFault(failureOf(thrown).message);
        }
    };
    return (
        <div className="patd-narrow patd-view">
            <Form onSubmit={(event) => {
                event.preventDefault();
                ask();
            }}>
                <TextField id="explain-url" label={_("URL")} value={url} fault={fault}
                           placeholder="https://git.example/team/tool.git" onChange={setUrl}>
                    {_("As git would ask: which of your tokens does this URL get?")}
                </TextField>
                <ActionGroup>
                    <Button type="submit" isDisabled={url.trim() === ""}>{_("Explain")}</Button>
                </ActionGroup>
            </Form>
            {answer && <div className="patd-view">
                <Outcome answer={answer} />
                {answer.candidates.length > 0 && <Candidates candidates={answer.candidates} />}
            </div>}
        </div>
    );
}
