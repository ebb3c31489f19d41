// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The tokens of one owner, without anything secret, and what an administrator can do about them.
import { useState } from "react";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";

import type { Token } from "../patd/types";
import { Modal, ModalHeader } from "../labelled";
import { _, agoText, dateText, format, shown } from "../text";
import { Button, Label, ModalBody, ModalFooter } from "../ui";
import { More } from "../list/state";

interface Props {
    tokens: Token[];
    onRevoke: (token: Token) => void;
    onReinstate: (token: Token) => void;
}

function Confirm({ token, onRevoke, onClose }: {
    token: Token; onRevoke: () => void; onClose: () => void;
}) {
    return (
        <Modal variant="small" isOpen onClose={onClose} aria-labelledby="revoke-title"
               elementToFocus="#revoke-no">
            <ModalHeader labelId="revoke-title" isWarning
                         title={format(_("Revoke “$0”?"), shown(token.description))} />
            <ModalBody>
                {_("The token is deleted for its owner. Whatever uses it stops working.")}
            </ModalBody>
            <ModalFooter>
                <Button variant="danger" onClick={onRevoke}>{_("Revoke")}</Button>
                <Button variant="link" id="revoke-no" onClick={onClose}>{_("Cancel")}</Button>
            </ModalFooter>
        </Modal>
    );
}

export function OwnerTokens({ tokens, onRevoke, onReinstate }: Props) {
    const [revoking, setRevoking] = useState<Token | null>(null);
    return (
        <>
            {revoking && <Confirm token={revoking} onClose={() => setRevoking(null)}
                                  onRevoke={() => {
                                      setRevoking(null);
                                      onRevoke(revoking);
                                  }} />}
            <Table variant="compact" gridBreakPoint="grid-lg"
                   aria-label={_("Tokens of this owner")}>
                <Thead>
                    <Tr>
                        <Th>{_("Description")}</Th><Th>{_("Places")}</Th><Th>{_("Last use")}</Th>
                        <Th>{_("Expires")}</Th><Th>{_("State")}</Th>
                        <Th screenReaderText={_("Actions")} />
                    </Tr>
                </Thead>
                <Tbody>
                    {tokens.map((token) => <Row key={token.path} token={token}
                        onRevoke={() => setRevoking(token)} onReinstate={onReinstate} />)}
                </Tbody>
            </Table>
        </>
    );
}

function Row({ token, onRevoke, onReinstate }: {
    token: Token; onRevoke: () => void; onReinstate: (token: Token) => void;
}) {
    const name = shown(token.description);
    return (
        <Tr>
            <Td dataLabel={_("Description")}>{name}</Td>
            <Td dataLabel={_("Places")}><More texts={token.targets} none={_("None")} /></Td>
            <Td dataLabel={_("Last use")}>
                {token.lastUsedAt ? agoText(token.lastUsedAt) : _("Never")}
            </Td>
            <Td dataLabel={_("Expires")}>{token.expires ? dateText(token.expires) : _("Never")}</Td>
            <Td dataLabel={_("State")}>
                <Label isCompact color={token.state === "active" ? "green" : "red"}>
                    {STATES[token.state]?.() ?? token.state}
                </Label>
            </Td>
            <Td className="patd-actions">
                {token.state === "quarantined" &&
                    <Button variant="link" isInline onClick={() => onReinstate(token)}
                            aria-label={`${_("Reinstate")}: ${name}`}>{_("Reinstate")}</Button>}
                <Button variant="link" isInline isDanger onClick={onRevoke}
                        aria-label={`${_("Revoke")}: ${name}`}>{_("Revoke")}</Button>
            </Td>
        </Tr>
    );
}

const STATES: Record<Token["state"], () => string> = {
    active: () => _("Active"), rejected: () => _("Rejected"), expired: () => _("Expired"),
    quarantined: () => _("Quarantined"),
};
