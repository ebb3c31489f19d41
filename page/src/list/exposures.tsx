// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The sockets through which containers and agents get some of the tokens, and how to end that.
import { useEffect, useState } from "react";

import { Code } from "../code";
import type { Live } from "../patd/live";
import type { Exposure } from "../patd/types";
import { _, agoText, format, shown } from "../text";
import { Button, Card, CardBody, CardHeader, CardTitle } from "../ui";

export function Exposures({ live }: { live: Live }) {
    const [exposures, setExposures] = useState<Exposure[]>([]);
    const { bus, tokens, reads } = live;
    useEffect(() => {
        bus.exposures().then(setExposures, () => setExposures([]));
    }, [bus, reads]);
    if (exposures.length === 0)
        return null;
    const names = new Map(tokens.map((token) => [token.id, token.description]));
    const nameOf = (id: string) => shown(names.get(id) ?? id);
    const cut = (exposure: Exposure) => bus.cut(exposure.id)
        .then(() => bus.exposures()).then(setExposures, () => undefined);
    return (
        <Card isCompact className="patd-view">
            <CardHeader>
                <CardTitle component="h2">{_("Exposed to a container")}</CardTitle>
            </CardHeader>
            <CardBody>
                <ul>
                    {exposures.map((exposure) =>
                        <li key={exposure.id} className="patd-permission">
                            <div>
                                <Code text={exposure.path} />
                                <div className="patd-subtle">
                                    {exposure.only.map(nameOf).join(", ")}
                                    {" · "}{format(_("ends $0"), agoText(exposure.expires))}
                                </div>
                            </div>
                            <Button variant="secondary" size="sm" onClick={() => cut(exposure)}
                                    aria-label={`${_("Cut")}: ${shown(exposure.path)}`}>
                                {_("Cut")}
                            </Button>
                        </li>)}
                </ul>
            </CardBody>
        </Card>
    );
}
