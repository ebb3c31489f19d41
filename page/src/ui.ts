// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The parts of PatternFly that the page uses, each from its own folder: the package's index would
// bring the styles of all of them. labelled.tsx has those that bring words.
export {
    AlertActionCloseButton, AlertActionLink,
} from "@patternfly/react-core/dist/esm/components/Alert/index.js";
export {
    Breadcrumb, BreadcrumbItem,
} from "@patternfly/react-core/dist/esm/components/Breadcrumb/index.js";
export { Button } from "@patternfly/react-core/dist/esm/components/Button/index.js";
export {
    Card, CardBody, CardHeader, CardTitle,
} from "@patternfly/react-core/dist/esm/components/Card/index.js";
export { Checkbox } from "@patternfly/react-core/dist/esm/components/Checkbox/index.js";
export { ClipboardCopy } from "@patternfly/react-core/dist/esm/components/ClipboardCopy/index.js";
export {
    Dropdown, DropdownItem, DropdownList,
} from "@patternfly/react-core/dist/esm/components/Dropdown/index.js";
export {
    EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter,
} from "@patternfly/react-core/dist/esm/components/EmptyState/index.js";
export {
    ActionGroup, Form, FormGroup, FormHelperText,
} from "@patternfly/react-core/dist/esm/components/Form/index.js";
export {
    FormSelect, FormSelectOption,
} from "@patternfly/react-core/dist/esm/components/FormSelect/index.js";
export { HelperText } from "@patternfly/react-core/dist/esm/components/HelperText/index.js";
export { Label } from "@patternfly/react-core/dist/esm/components/Label/index.js";
export { MenuToggle } from "@patternfly/react-core/dist/esm/components/MenuToggle/index.js";
export {
    ModalBody, ModalFooter,
} from "@patternfly/react-core/dist/esm/components/Modal/index.js";
export { Page, PageSection } from "@patternfly/react-core/dist/esm/components/Page/index.js";
export { Tab, TabTitleText } from "@patternfly/react-core/dist/esm/components/Tabs/index.js";
export { TextInput } from "@patternfly/react-core/dist/esm/components/TextInput/index.js";
export { Title } from "@patternfly/react-core/dist/esm/components/Title/index.js";
export {
    ToggleGroup, ToggleGroupItem,
} from "@patternfly/react-core/dist/esm/components/ToggleGroup/index.js";
export {
    Toolbar, ToolbarContent, ToolbarItem,
} from "@patternfly/react-core/dist/esm/components/Toolbar/index.js";
