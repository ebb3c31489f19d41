// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What Explain says about a token, in words.
import { OWN_WORDS } from "../patd/failure_texts";
import { _ } from "../text";

const VERDICTS: Record<string, () => string> = {
    "released": () => _("This one"),
    "shorter-path": () => _("Another place fits more closely"),
    "more-permissions": () => _("Another one can do less and is enough"),
    "made-by-git": () => _("You made another one yourself"),
    "older": () => _("git stored another one later"),
    "other-tool": () => _("It is another tool's"),
    "tied": () => _("Fits as well as another one"),
    "lacks-permission": () => _("Lacks the permission"),
    "other-audience": () => _("For another server"),
    "other-user": () => _("For another user name"),
    "other-path": () => _("For another path"),
    "other-port": () => _("For another port"),
    "other-protocol": () => _("For another protocol"),
    "Expired": () => _("It has expired"),
    "Rejected": () => _("A server refused it"),
    "RuleDenied": () => _("Only for other units"),
    "ThroughGateway": () => _("Only through the gateway"),
    "ConfirmRequired": () => _("It asks each time: open it first"),
    "Ambiguous": () => _("Two fit equally well: name the user in the URL"),
};

export const verdictText = (verdict: string): string =>
    (VERDICTS[verdict] ?? OWN_WORDS[verdict])?.() ?? verdict;
