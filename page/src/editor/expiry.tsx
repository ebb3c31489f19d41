// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Until when a token is valid.
import { HelperTextItem } from "../labelled";
import { _, plural } from "../text";
import {
    FormGroup, FormHelperText, FormSelect, FormSelectOption, HelperText, TextInput,
} from "../ui";
import { type Draft, type Expiry, expiriesFor } from "./draft";

interface Props {
    draft: Draft;
    longest: number; // seconds; 0: no limit
    fault: string;
    onChange: (change: Partial<Draft>) => void;
}

function labelOf(expiry: Expiry): string {
    if (expiry === "date")
        return _("On a date …");
    if (expiry === "never")
        return _("Never");
    if (expiry.endsWith("h"))
        return plural("In $0 hour", "In $0 hours", parseInt(expiry, 10));
    return plural("In $0 day", "In $0 days", parseInt(expiry, 10));
}

export function ExpiryField({ draft, longest, fault, onChange }: Props) {
    const allowed = expiriesFor(longest);
    // What a token has stays a choice.
    const choices = allowed.includes(draft.expiry) ? allowed : [...allowed, draft.expiry];
    return (
        <FormGroup label={_("Expires")} fieldId="expiry">
            <div className="patd-line">
                <FormSelect id="expiry" value={draft.expiry} aria-describedby="expiry-help"
                            onChange={(_event, value) => onChange({ expiry: value as Expiry })}>
                    {choices.map((expiry) =>
                        <FormSelectOption key={expiry} value={expiry} label={labelOf(expiry)} />)}
                </FormSelect>
                {draft.expiry === "date" &&
                    <TextInput id="expiry-date" type="date" value={draft.date}
                               aria-label={_("Date on which the token expires")}
                               validated={fault ? "error" : "default"}
                               aria-describedby="expiry-help"
                               onChange={(_event, value) => onChange({ date: value })} />}
            </div>
            <FormHelperText>
                <HelperText id="expiry-help" aria-live="polite">
                    {fault !== "" && <HelperTextItem variant="error">{fault}</HelperTextItem>}
                    {draft.expiry === "never" && <HelperTextItem variant="warning">
                        {_("A token that never expires stays dangerous when it is lost.")}
                    </HelperTextItem>}
                </HelperText>
            </FormHelperText>
        </FormGroup>
    );
}
