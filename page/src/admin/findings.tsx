// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The findings of doctor, each with a command to copy.
import { useEffect, useState } from "react";

import { Notice, Spinner } from "../labelled";
import { _, shown } from "../text";
import { ClipboardCopy, Title } from "../ui";
import { type Finding, readFindings } from "./doctor";

const VARIANTS = { error: "danger", warning: "warning", note: "info" } as const;

export function Findings() {
    const [findings, setFindings] = useState<Finding[] | null | undefined>(undefined);
    useEffect(() => {
        readFindings().then(setFindings, () => setFindings(null));
    }, []);
    return (
        <section className="patd-view">
            <Title headingLevel="h2" size="lg">{_("This machine")}</Title>
            {findings === undefined && <Spinner />}
            {findings?.length === 0 &&
                <Notice variant="success" title={_("patctl doctor found nothing.")} />}
            {findings === null &&
                <Notice variant="warning" title={_("patctl doctor could not be run.")} />}
            {findings?.map((finding) =>
                <Notice key={`${finding.check} ${finding.text}`}
                       variant={VARIANTS[finding.severity]}
                       title={<span lang="en">{shown(finding.text)}</span>}>
                    {finding.fix && <ClipboardCopy isReadOnly hoverTip={_("Copy")}
                        clickTip={_("Copied")} textAriaLabel={_("What to do")}>
                        {finding.fix}
                    </ClipboardCopy>}
                </Notice>)}
        </section>
    );
}
