// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The page: a new secret at its head, whatever is looked at meanwhile; its tabs, the form that
// covers them, and the dialog of the operation under way.
import { useState } from "react";

import { useIsAdmin } from "./admin/permission";
import { AdminView } from "./admin/view";
import { type Desk, useDesk } from "./desk";
import { FileForm } from "./editor/file_form";
import { type Purpose, TokenForm } from "./editor/form";
import { EventsView } from "./events/view";
import { ExplainView } from "./explain/view";
import { TokensTab } from "./list/tab";
import { OperationDialog } from "./operation/dialog";
import { FreshSecret } from "./operation/fresh_secret";
import { type Live, useLive } from "./patd/live";
import { Tabs } from "./labelled";
import { _, format, shown } from "./text";
import {
    Breadcrumb, BreadcrumbItem, Button, Page, PageSection, Tab, TabTitleText, Title,
} from "./ui";

const TITLES: Record<Purpose["is"], () => string> = {
    create: () => _("Create Token"),
    import: () => _("Import a token"),
    edit: () => _("Edit token"),
    file: () => _("Import a file"),
};

function FormPage({ purpose, desk, live }: { purpose: Purpose; desk: Desk; live: Live }) {
    return (
        <PageSection hasBodyWrapper={false} className="patd-narrow"
                     onKeyDown={(event) => {
                         const isOwn = !desk.request && !event.nativeEvent.isComposing;
                         if (event.key === "Escape" && isOwn)
                             desk.leaveForm();
                     }}>
            <Breadcrumb aria-label={_("Where you are")}>
                <BreadcrumbItem>
                    <Button variant="link" isInline onClick={desk.leaveForm}>
                        {_("Access tokens")}
                    </Button>
                </BreadcrumbItem>
                <BreadcrumbItem isActive>{TITLES[purpose.is]()}</BreadcrumbItem>
            </Breadcrumb>
            <Title headingLevel="h1" className="patd-title">
                {purpose.is === "edit"
                    ? format(_("Edit “$0”"), shown(purpose.token.description))
                    : TITLES[purpose.is]()}
            </Title>
            {purpose.is === "file"
                ? <FileForm refusals={desk.refusals} onDraft={desk.clearRefusals}
                            onSubmit={(wish, says) => desk.submit(purpose, wish, says)}
                            onCancel={desk.leaveForm} />
                : <TokenForm purpose={purpose} catalogue={live.catalogue} refusals={desk.refusals}
                             longest={live.status?.tokenLifetimeMax ?? 0}
                             onDraft={desk.clearRefusals} onRegenerate={desk.regenerate}
                             onSubmit={(wish) => desk.submit(purpose, wish)}
                             onCancel={desk.leaveForm} />}
        </PageSection>
    );
}

function Views({ desk, live }: { desk: Desk; live: Live }) {
    const [view, setView] = useState<string | number>("tokens");
    const isAdmin = useIsAdmin();
    const active = view === "admin" && !isAdmin ? "tokens" : view; // the access may be dropped
    return (
        <PageSection hasBodyWrapper={false}>
            <Title headingLevel="h1" className="patd-title">{_("Access tokens")}</Title>
            <Tabs activeKey={active} onSelect={(_event, key) => setView(key)} mountOnEnter
                  unmountOnExit aria-label={_("Views")}>
                <Tab eventKey="tokens" title={<TabTitleText>{_("Tokens")}</TabTitleText>}>
                    <TokensTab desk={desk} live={live} />
                </Tab>
                <Tab eventKey="events" title={<TabTitleText>{_("Events")}</TabTitleText>}>
                    <EventsView live={live} />
                </Tab>
                <Tab eventKey="explain" title={<TabTitleText>{_("Explain")}</TabTitleText>}>
                    <ExplainView live={live} />
                </Tab>
                {isAdmin &&
                    <Tab eventKey="admin"
                         title={<TabTitleText>{_("Administration")}</TabTitleText>}>
                        <AdminView />
                    </Tab>}
            </Tabs>
        </PageSection>
    );
}

export function App() {
    const live = useLive();
    const desk = useDesk(live);
    const { purpose, request, fresh } = desk;
    return (
        <Page className="patd-page">
            {fresh && <PageSection hasBodyWrapper={false}>
                <FreshSecret key={fresh.id} fresh={fresh} onEnd={desk.endFresh} />
            </PageSection>}
            {purpose ? <FormPage purpose={purpose} desk={desk} live={live} />
                : <Views desk={desk} live={live} />}
            {request && <OperationDialog key={JSON.stringify(request.wish)} request={request}
                                         onSecret={desk.show} onClose={desk.endRequest}
                                         onNeedsPassword={() => desk.setPasswordFirst(request)} />}
        </Page>
    );
}
