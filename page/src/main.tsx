// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

import "@patternfly/patternfly/patternfly-base.css";
import "./page.css";

import { createRoot } from "react-dom/client";

import { App } from "./app";
import { followStyle } from "./dark";
import { _ } from "./text";

followStyle();
document.title = _("Access tokens");
const place = document.getElementById("page");
if (place)
    createRoot(place).render(<App />);
