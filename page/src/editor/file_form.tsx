// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The form that imports a file of credentials of this machine. patctl reads the file, as the user:
// the browser gets its places and user names, and never a secret.
import { useState } from "react";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";

import { Code } from "../code";
import { HelperTextItem, Notice } from "../labelled";
import type { Failure } from "../patd/failure";
import type { Wish } from "../patd/session";
import { _, format, plural, shown } from "../text";
import {
    ActionGroup, Button, Checkbox, Form, FormGroup, FormHelperText, FormSelect, FormSelectOption,
    HelperText, Label,
} from "../ui";
import { type FileDraft, FORMATS, linesOf, type Line, stateOf, wishOfFile } from "./file_draft";
import { TextField } from "./text_field";
import { useOutcome } from "./use_trial";

const SHOWN = 200; // lines

interface Props {
    refusals: Failure[];
    onSubmit: (wish: Wish, says: string) => void;
    onCancel: () => void;
    onDraft: () => void;
}

const STATES = {
    new: () => _("New"), kept: () => _("Kept already"), "passed-over": () => _("Passed over"),
    skipped: () => _("Cannot be imported"),
};
const COLORS = { new: "green", kept: "grey", "passed-over": "grey", skipped: "orange" } as const;

// patctl's own words.
const Reason = ({ text }: { text: string | undefined }) =>
    (text ? <div lang="en" className="patd-subtle">{shown(text)}</div> : null);

function Lines({ lines }: { lines: Line[] }) {
    return (
        <>
            <Table variant="compact" gridBreakPoint="grid-md" aria-label={_("Lines of the file")}>
                <Thead>
                    <Tr>
                        <Th>{_("Line")}</Th><Th>{_("Place")}</Th><Th>{_("User name")}</Th>
                        <Th>{_("What is done")}</Th>
                    </Tr>
                </Thead>
                <Tbody>
                    {lines.slice(0, SHOWN).map((line, index) =>
                        <Tr key={index}>
                            <Td dataLabel={_("Line")}>{line.line}</Td>
                            <Td dataLabel={_("Place")}>
                                <Code text={(line.targets ?? []).join(" ")} />
                            </Td>
                            <Td dataLabel={_("User name")}>{shown(line.username ?? "")}</Td>
                            <Td dataLabel={_("What is done")}>
                                <Label isCompact color={COLORS[stateOf(line)]}>
                                    {STATES[stateOf(line)]()}
                                </Label>
                                <Reason text={line.skipped ?? line.passed_over} />
                            </Td>
                        </Tr>)}
                </Tbody>
            </Table>
            {lines.length > SHOWN && <p className="patd-subtle">
                {format(_("The first $0 of $1 lines."), SHOWN, lines.length)}
            </p>}
        </>
    );
}

function FormatField({ draft, fault, onChange }: {
    draft: FileDraft; fault: string; onChange: (change: Partial<FileDraft>) => void;
}) {
    return (
        <FormGroup label={_("Format")} fieldId="file-format">
            <FormSelect id="file-format" value={draft.format} aria-describedby="file-format-help"
                        onChange={(_event, format) => onChange({ format })}>
                <FormSelectOption value="" label={_("As its content says")} />
                {FORMATS.map((name) => <FormSelectOption key={name} value={name} label={name} />)}
            </FormSelect>
            <FormHelperText>
                <HelperText id="file-format-help" aria-live="polite">
                    {fault !== "" && <HelperTextItem variant="error">{fault}</HelperTextItem>}
                </HelperText>
            </FormHelperText>
        </FormGroup>
    );
}

export function FileForm({ refusals, onSubmit, onCancel, onDraft }: Props) {
    const [draft, setDraft] = useState<FileDraft>({ file: "", format: "", skip: false });
    const change = (changed: Partial<FileDraft>) => {
        setDraft((before) => ({ ...before, ...changed }));
        onDraft();
    };
    const isNamed = draft.file.trim() !== "";
    const wish = wishOfFile(draft);
    const outcome = useOutcome(isNamed ? wish : null);
    const said = refusals.length > 0 ? refusals
        : outcome?.is === "failed" ? outcome.failures : [];
    const faultOf = (field: string) => said.find((one) => one.field === field)?.message ?? "";
    const others = said.filter(({ field }) => field !== "file" && field !== "format");
    const lines = outcome?.is === "done" ? linesOf(outcome.result) : [];
    const fresh = lines.filter((line) => stateOf(line) === "new").length;
    return (
        <Form className="patd-form" onSubmit={(event) => {
            event.preventDefault();
            if (fresh > 0)
                onSubmit(wish, `${_("File on this machine")}: ${draft.file.trim()}`);
        }}>
            {others.map(({ message }) =>
                <Notice key={message} variant="danger" title={message} />)}
            <TextField id="file" label={_("File on this machine")} value={draft.file} isRequired
                       hasFocus fault={faultOf("file")} placeholder="~/.git-credentials"
                       onChange={(file) => change({ file })}>
                {_("Passwords and tokens that a program keeps in plain text. The file is read " +
                    "here as you: its secrets do not come to the browser.")}
            </TextField>
            <FormatField draft={draft} fault={faultOf("format")} onChange={change} />
            <Checkbox id="file-skip" label={_("Leave out lines that cannot be imported")}
                      isChecked={draft.skip} onChange={(_event, skip) => change({ skip })} />
            {lines.length > 0 && <>
                <p aria-live="polite">
                    {fresh === 0 ? _("The file has nothing new.")
                        : plural("$0 token will be imported.", "$0 tokens will be imported.",
                                 fresh)}
                </p>
                <Lines lines={lines} />
            </>}
            <ActionGroup>
                <Button type="submit" isDisabled={fresh === 0}>{_("Import")}</Button>
                <Button variant="link" onClick={onCancel}>{_("Cancel")}</Button>
            </ActionGroup>
        </Form>
    );
}
