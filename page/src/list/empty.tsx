// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What the page says when there is nothing to list, with the step that comes next.
import type { Failure } from "../patd/failure";
import { _ } from "../text";
import { Button, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter } from "../ui";
import { ExclamationCircle, Key, Lock, Search } from "../icons";

interface Props {
    title: string;
    icon: typeof Key;
    says: string;
    command?: string;
    action?: [string, () => void];
    other?: [string, () => void];
    status?: "danger";
}

export function Empty({ title, icon, says, command, action, other, status }: Props) {
    return (
        <EmptyState titleText={title} headingLevel="h2" icon={icon} status={status}>
            <EmptyStateBody>
                {says}
                {command && <pre className="patd-command">{command}</pre>}
            </EmptyStateBody>
            {action && <EmptyStateFooter>
                <EmptyStateActions>
                    <Button id="first-step" onClick={action[1]}>{action[0]}</Button>
                </EmptyStateActions>
                {other && <EmptyStateActions>
                    <Button variant="link" onClick={other[1]}>{other[0]}</Button>
                </EmptyStateActions>}
            </EmptyStateFooter>}
        </EmptyState>
    );
}

export function NoService({ problem, onAgain }: { problem: Failure; onAgain: () => void }) {
    const isMissing = problem.name === "NotInstalled";
    return (
        <Empty icon={ExclamationCircle} status="danger" title={problem.message}
               says={isMissing ? _("Install the package patd, and enable its socket:")
                   : _("An administrator can look at it and start it:")}
               command={isMissing
                   ? "apt install patd\nsystemctl enable --now patd.socket\npatctl doctor"
                   : "systemctl status patd.service\nsystemctl enable --now patd.socket"}
               action={[_("Try again"), onAgain]} />
    );
}

export const NoPassword = ({ onSet }: { onSet: () => void }) => (
    <Empty icon={Lock} title={_("First, set your service password")}
           says={_("It is a second password, only for your tokens: each change of a token asks " +
               "for it. Then having your session is not enough to make or change one.")}
           action={[_("Set service password"), onSet]} />
);

export const NoToken = ({ onCreate, onFile }: { onCreate: () => void; onFile: () => void }) => (
    <Empty icon={Key} title={_("You have no access tokens")}
           says={_("A token lets a program in your place do what you choose, and nothing else: " +
               "clone a repository, for example. Make one for each program.")}
           action={[_("Create Token"), onCreate]} other={[_("Import a file"), onFile]} />
);

export const NoMatch = ({ onClear }: { onClear: () => void }) => (
    <Empty icon={Search} title={_("No token fits")} says={_("Change the filter to see others.")}
           action={[_("Clear the filter"), onClear]} />
);
