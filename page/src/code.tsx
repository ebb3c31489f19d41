// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// A permission, a place, a unit: broken into lines between its parts.
import { Fragment } from "react";

import { shown } from "./text";

export const Code = ({ text }: { text: string }) => (
    <span className="patd-code">
        {shown(text).split(/(?<=[/:@])(?=[^/:]{3,})/).map((part, index) =>
            <Fragment key={index}>{index > 0 && <wbr />}{part}</Fragment>)}
    </span>
);
