// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// A line of text with its name, what is wrong with it, and what it is for.
import type { ReactNode } from "react";

import { HelperTextItem } from "../labelled";
import { FormGroup, FormHelperText, HelperText, TextInput } from "../ui";

interface Props {
    id: string;
    label: string;
    value: string;
    fault: string;
    isRequired?: boolean;
    hasFocus?: boolean;
    placeholder?: string;
    children?: ReactNode;
    onChange: (value: string) => void;
}

export function TextField(props: Props) {
    const { id, label, value, fault, isRequired, hasFocus, placeholder, children } = props;
    return (
        <FormGroup label={label} fieldId={id} isRequired={isRequired}>
            <TextInput id={id} value={value} autoComplete="off" autoFocus={hasFocus}
                       placeholder={placeholder} aria-describedby={`${id}-help`}
                       validated={fault ? "error" : "default"} isRequired={isRequired}
                       onChange={(_event, typed) => props.onChange(typed)} />
            <FormHelperText>
                <HelperText id={`${id}-help`} aria-live="polite">
                    {fault !== "" && <HelperTextItem variant="error">{fault}</HelperTextItem>}
                    {children && <HelperTextItem>{children}</HelperTextItem>}
                </HelperText>
            </FormHelperText>
        </FormGroup>
    );
}
