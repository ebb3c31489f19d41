// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// A notice in its place. Its title is no heading: it would stand in no order with the others.
import type { AlertProps } from "@patternfly/react-core/dist/esm/components/Alert/index.js";

import { Alert } from "./ui";

export const Notice = (props: AlertProps) => <Alert isInline component="p" {...props} />;
