// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Where a token may be used: one line for each place.
import { MinusCircle, PlusCircle } from "../icons";
import { HelperTextItem } from "../labelled";
import { _, format } from "../text";
import { Button, FormGroup, FormHelperText, HelperText, TextInput } from "../ui";

interface Props {
    targets: string[];
    faults: ReadonlyMap<number, string>; // by line
    isRequired: boolean;
    onChange: (targets: string[]) => void;
}

interface LineProps {
    index: number;
    text: string;
    fault: string;
    isOnly: boolean;
    onType: (text: string) => void;
    onRemove: () => void;
}

function Line({ index, text, fault, isOnly, onType, onRemove }: LineProps) {
    return (
        <>
            <div className="patd-line">
                <TextInput id={`place-${index}`} value={text} type="url" autoComplete="off"
                           spellCheck="false" placeholder="https://git.example/team"
                           aria-label={format(_("Place $0"), index + 1)}
                           aria-describedby={`place-${index}-help`}
                           validated={fault ? "error" : "default"}
                           onChange={(_event, value) => onType(value)} />
                {!isOnly && <Button variant="plain" icon={<MinusCircle />} onClick={onRemove}
                                    aria-label={format(_("Remove place $0"), index + 1)} />}
            </div>
            <HelperText id={`place-${index}-help`} aria-live="polite">
                {fault !== "" && <HelperTextItem variant="error">{fault}</HelperTextItem>}
            </HelperText>
        </>
    );
}

const focusPlace = (index: number): void => {
    window.setTimeout(() => document.getElementById(`place-${index}`)?.focus());
};

const replaced = (targets: string[], index: number, by: string[]): string[] =>
    [...targets.slice(0, index), ...by, ...targets.slice(index + 1)];

export function Places({ targets, faults, isRequired, onChange }: Props) {
    return (
        <FormGroup label={_("Places")} fieldId="place-0" isRequired={isRequired}>
            {targets.map((text, index) =>
                <Line key={index} index={index} text={text} fault={faults.get(index) ?? ""}
                      isOnly={targets.length === 1}
                      onType={(typed) => onChange(replaced(targets, index, [typed]))}
                      onRemove={() => {
                          onChange(replaced(targets, index, []));
                          focusPlace(Math.max(0, index - 1));
                      }} />)}
            <Button variant="link" isInline icon={<PlusCircle />}
                    onClick={() => {
                        onChange([...targets, ""]);
                        focusPlace(targets.length);
                    }}>
                {_("Add a place")}
            </Button>
            <FormHelperText>
                <HelperText>
                    <HelperTextItem>
                        {isRequired
                            ? _("Only the servers and paths named here get the token.")
                            : _("Only these servers and paths get it. Without a place, no " +
                                "program is given the token: you paste it yourself.")}
                    </HelperTextItem>
                </HelperText>
            </FormHelperText>
        </FormGroup>
    );
}
