// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What the list can do with tokens; each asks for the service password where patd does.
import type { Token } from "../patd/types";
import type { Request } from "../operation/request";
import { _, format, plural, shown } from "../text";

export interface Actions {
    edit: (token: Token) => void;
    regenerate: (token: Token) => void;
    reinstate: (token: Token) => void;
    remove: (token: Token) => void;
    open: (token: Token) => void;
}

const named = (token: Token): string => `“${token.description}”`;

export const regeneration = (token: Token): Request => ({
    wish: { operation: "regenerate", arguments: { id: token.id } },
    title: format(_("Regenerate $0"), shown(named(token))),
    says: token.kind === "issued"
        ? _("The token gets a new secret. The old one is valid until you confirm the new one.")
        : _("Give the new secret that the service made for you."),
    button: _("Regenerate"),
});

export const deletion = (token: Token): Request => ({
    wish: { operation: "delete", arguments: { ids: [token.id] } },
    title: format(_("Delete $0?"), shown(named(token))),
    says: _("Whatever uses this token stops working. This cannot be undone."),
    button: _("Delete"),
    isDangerous: true,
});

export const reinstatement = (token: Token): Request => ({
    wish: { operation: "edit", arguments: { id: token.id, reinstate: true } },
    title: format(_("Try $0 again"), shown(named(token))),
    says: _("The token is released again, until a server refuses it."),
    button: _("Try again"),
});

export const opening = (token: Token): Request => ({
    wish: { operation: "unlock", arguments: { id: token.id, for: "5m" } },
    title: format(_("Open $0 for five minutes"), shown(named(token))),
    button: _("Open"),
});

export const unlocking = (): Request => ({
    wish: { operation: "unlock" },
    title: _("Unlock your tokens"),
    says: _("They are released to your programs again."),
    button: _("Unlock"),
});

export const settingPassword = (isFirst: boolean): Request => ({
    wish: { operation: "passwd" },
    title: isFirst ? _("Set your service password") : _("Change your service password"),
    says: isFirst ? _("It protects your tokens against somebody who has your session. First, " +
        "prove who you are with the password that you log in with.") : undefined,
    button: _("Continue"),
});

export const removalOfAll = (count: number): Request => ({
    wish: { operation: "remove-all" },
    title: plural("Delete your $0 token?", "Delete all $0 tokens?", count),
    says: _("Whatever uses one of them stops working. This cannot be undone."),
    button: _("Remove All"),
    isDangerous: true,
});
