// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The icons that the page uses, each from its own file.
export { AngleDownIcon as AngleDown }
    from "@patternfly/react-icons/dist/esm/icons/angle-down-icon.js";
export { AngleRightIcon as AngleRight }
    from "@patternfly/react-icons/dist/esm/icons/angle-right-icon.js";
export { PlusCircleIcon as PlusCircle }
    from "@patternfly/react-icons/dist/esm/icons/plus-circle-icon.js";
export { EllipsisVIcon as EllipsisV }
    from "@patternfly/react-icons/dist/esm/icons/ellipsis-v-icon.js";
export { KeyIcon as Key } from "@patternfly/react-icons/dist/esm/icons/key-icon.js";
export { LockIcon as Lock } from "@patternfly/react-icons/dist/esm/icons/lock-icon.js";
export { TrashIcon as Trash } from "@patternfly/react-icons/dist/esm/icons/trash-icon.js";
export { ExclamationCircleIcon as ExclamationCircle }
    from "@patternfly/react-icons/dist/esm/icons/exclamation-circle-icon.js";
export { SearchIcon as Search } from "@patternfly/react-icons/dist/esm/icons/search-icon.js";
export { CopyIcon as Copy } from "@patternfly/react-icons/dist/esm/icons/copy-icon.js";
export { MinusCircleIcon as MinusCircle }
    from "@patternfly/react-icons/dist/esm/icons/minus-circle-icon.js";
