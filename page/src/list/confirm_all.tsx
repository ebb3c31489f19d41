// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Before all tokens are deleted: how many they are, and a word to type.
import { useState } from "react";

import { Modal, ModalHeader } from "../labelled";
import { _, format, plural } from "../text";
import { Button, Form, FormGroup, ModalBody, ModalFooter, TextInput } from "../ui";

interface Props {
    count: number;
    onConfirm: () => void;
    onClose: () => void;
}

export function ConfirmAll({ count, onConfirm, onClose }: Props) {
    const [typed, setTyped] = useState("");
    const isRight = typed.trim() === String(count);
    return (
        <Modal variant="small" isOpen onClose={onClose} aria-labelledby="all-title"
               elementToFocus="#all-count">
            <ModalHeader labelId="all-title" isWarning
                         title={plural("Delete your $0 token?", "Delete all $0 tokens?", count)} />
            <ModalBody>
                <p className="patd-says">
                    {_("Whatever uses one of them stops working. This cannot be undone.")}
                </p>
                <Form id="all-form" onSubmit={(event) => {
                    event.preventDefault();
                    if (isRight)
                        onConfirm();
                }}>
                    <FormGroup fieldId="all-count"
                               label={format(_("Type the number $0 to go on"), count)}>
                        <TextInput id="all-count" value={typed} autoComplete="off"
                                   inputMode="numeric"
                                   onChange={(_event, value) => setTyped(value)} />
                    </FormGroup>
                </Form>
            </ModalBody>
            <ModalFooter>
                <Button type="submit" form="all-form" variant="danger" isDisabled={!isRight}>
                    {_("Remove All")}
                </Button>
                <Button variant="link" onClick={onClose}>{_("Cancel")}</Button>
            </ModalFooter>
        </Modal>
    );
}
