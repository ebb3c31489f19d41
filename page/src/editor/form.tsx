// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The form of a token: a new one, one that is imported, or one that is edited.
import { useState } from "react";

import { HelperTextItem, Notice } from "../labelled";
import type { Failure } from "../patd/failure";
import type { Wish } from "../patd/session";
import type { Permission, Token } from "../patd/types";
import { _, format, shown } from "../text";
import { ActionGroup, Button, Checkbox, Form, FormGroup, HelperText } from "../ui";
import { changesOf, type Draft, draftOf, emptyDraft, hasPlainHttp, wishedOf } from "./draft";
import { ExpiryField } from "./expiry";
import { faultsOf, isComplete } from "./faults";
import { PermissionTree } from "./permission_tree";
import { areasOf } from "./permissions";
import { Places } from "./places";
import { TextField } from "./text_field";
import { useTrial } from "./use_trial";

export type TokenPurpose = { is: "create" } | { is: "import" } | { is: "edit"; token: Token };
export type Purpose = TokenPurpose | { is: "file" };

interface Props {
    purpose: TokenPurpose;
    catalogue: Permission[];
    longest: number;
    refusals: Failure[];
    onSubmit: (wish: Wish) => void;
    onCancel: () => void;
    onRegenerate: (token: Token) => void;
    onDraft: () => void;
}

const BUTTONS = {
    create: () => _("Create Token"), import: () => _("Import"), edit: () => _("Update Token"),
};

const hasParts = ({ secretKind = "text" }: Token): boolean => secretKind !== "text";

function useDraft({ purpose, longest, onDraft }: Props) {
    const [draft, setDraft] = useState(() =>
        (purpose.is === "edit" ? draftOf(purpose.token) : emptyDraft(longest)));
    const change = (changed: Partial<Draft>) => {
        setDraft((before) => ({ ...before, ...changed }));
        onDraft();
    };
    return { draft, change };
}

function wishOf(purpose: TokenPurpose, draft: Draft, catalogue: Permission[]): Wish {
    const areas = areasOf(catalogue, draft.grants);
    const wanted = purpose.is === "edit" ? changesOf(draft, purpose.token, areas)
        : wishedOf(draft, areas, purpose.is === "import");
    return {
        operation: purpose.is,
        arguments: {
            ...(purpose.is === "edit" ? { id: purpose.token.id } : {}), ...wanted,
            ...("targets" in wanted && draft.insecure ? { insecure_http: true } : {}),
        },
    };
}

export function TokenForm(props: Props) {
    const { purpose, catalogue, longest, refusals, onSubmit, onCancel, onRegenerate } = props;
    const imported = purpose.is === "import" ||
        (purpose.is === "edit" && purpose.token.kind === "imported");
    const { draft, change } = useDraft(props);
    const [isTried, setTried] = useState(false);
    const wish = wishOf(purpose, draft, catalogue);
    const isChanged = purpose.is !== "edit" || Object.keys(wish.arguments ?? {}).length > 1;
    const trial = useTrial(isChanged ? wish : null);
    const faults = faultsOf(draft, imported, refusals.length > 0 ? refusals : trial, isTried);
    const submit = () => {
        setTried(true);
        if (isComplete(draft, imported) && isChanged)
            onSubmit(wish);
        else
            focusFirstFault();
    };
    return (
        <Form className="patd-form" onSubmit={(event) => {
            event.preventDefault();
            submit();
        }}>
            {faults.others.map((text) => <Notice key={text} variant="danger" title={text} />)}
            <TextField id="description" label={_("Description")} value={draft.description}
                       isRequired hasFocus fault={faults.of("description")}
                       onChange={(description) => change({ description })}>
                {_("What you will know it by: the program or machine that uses it.")}
            </TextField>
            {imported && <TextField id="username" label={_("User name")} value={draft.username}
                                    isRequired fault={faults.of("username")}
                                    onChange={(username) => change({ username })}>
                {_("As whom the server knows you.")}
            </TextField>}
            <FormGroup label={_("Permissions")} role="group" isRequired={!imported}>
                <PermissionTree catalogue={catalogue} grants={draft.grants}
                                onChange={(grants) => change({ grants })} />
                <HelperText aria-live="polite">
                    {faults.of("permissions") !== "" && <HelperTextItem variant="error">
                        {faults.of("permissions")}
                    </HelperTextItem>}
                </HelperText>
            </FormGroup>
            <Places targets={draft.targets} faults={faults.places} isRequired={imported}
                    onChange={(targets) => change({ targets })} />
            {hasPlainHttp(draft) &&
                <Checkbox id="insecure" label={_("Also without encryption (http)")}
                          isChecked={draft.insecure}
                          description={_("Everybody on the way can read the token.")}
                          onChange={(_event, insecure) => change({ insecure })} />}
            <ExpiryField draft={draft} longest={longest} fault={faults.of("expires")}
                         onChange={change} />
            <TextField id="units" label={_("Only for these units")} value={draft.units}
                       fault={faults.of("only_units")} placeholder="backup.service"
                       onChange={(units) => change({ units })}>
                {_("System units whose programs get the token. Empty: all of your programs.")}
            </TextField>
            <Checkbox id="confirm" label={_("Ask each time")} isChecked={draft.confirm}
                      description={_("Programs get the token only for a few minutes after you " +
                          "opened it with your service password.")}
                      onChange={(_event, confirm) => change({ confirm })} />
            {purpose.is === "edit" && hasParts(purpose.token) && <HelperText>
                <HelperTextItem>
                    {format(_("Its secret has several parts. Give it a new one in a terminal: $0"),
                            `patctl regenerate ${purpose.token.id}`)}
                </HelperTextItem>
            </HelperText>}
            <ActionGroup>
                <Button type="submit" isDisabled={!isChanged}>{BUTTONS[purpose.is]()}</Button>
                {purpose.is === "edit" && !hasParts(purpose.token) &&
                    <Button variant="secondary" onClick={() => onRegenerate(purpose.token)}
                            aria-label={`${_("Regenerate")}: ${shown(purpose.token.description)}`}>
                        {_("Regenerate")}
                    </Button>}
                <Button variant="link" onClick={onCancel}>{_("Cancel")}</Button>
            </ActionGroup>
        </Form>
    );
}

function focusFirstFault(): void {
    window.setTimeout(() =>
        document.querySelector<HTMLElement>(".patd-form [aria-invalid=true]")?.focus());
}
