// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The parts of PatternFly that bring words of their own, with those in the page's language. What
// stands here is never taken from PatternFly itself.
import { type ComponentPropsWithoutRef, useLayoutEffect } from "react";

import { Alert } from "@patternfly/react-core/dist/esm/components/Alert/index.js";
import * as helper from "@patternfly/react-core/dist/esm/components/HelperText/index.js";
import * as modal from "@patternfly/react-core/dist/esm/components/Modal/index.js";
import * as search from "@patternfly/react-core/dist/esm/components/SearchInput/index.js";
import * as spinner from "@patternfly/react-core/dist/esm/components/Spinner/index.js";
import * as tabs from "@patternfly/react-core/dist/esm/components/Tabs/index.js";

import { _ } from "./text";

const VARIANTS: Record<string, () => string> = {
    success: () => _("Success:"), danger: () => _("Problem:"), warning: () => _("Warning:"),
    info: () => _("Note:"),
};

// A notice in its place. Its title is no heading: it would stand in no order with the others.
export const Notice = ({ variant = "info", ...props }: ComponentPropsWithoutRef<typeof Alert>) => (
    <Alert isInline component="p" variant={variant} variantLabel={VARIANTS[variant]?.()}
           {...props} />
);

const KINDS: Record<string, () => string> = {
    error: () => _("Error"), warning: () => _("Warning"), success: () => _("Success"),
};

export const HelperTextItem = ({ variant = "default", ...props }:
                               ComponentPropsWithoutRef<typeof helper.HelperTextItem>) => (
    <helper.HelperTextItem variant={variant} screenReaderText={KINDS[variant]?.()} {...props} />
);

export const SearchInput = (props: ComponentPropsWithoutRef<typeof search.SearchInput>) => (
    <search.SearchInput resetButtonLabel={_("Clear")} {...props} />
);

export const Spinner = () => (
    <spinner.Spinner aria-label={_("Loading")} aria-valuetext={_("Loading")} />
);

export const Tabs = (props: Omit<tabs.TabsProps, "ref">) => (
    <tabs.Tabs backScrollAriaLabel={_("Scroll back")} forwardScrollAriaLabel={_("Scroll forward")}
               {...props} />
);

export const ModalHeader = ({ isWarning = false, ...props }:
                            modal.ModalHeaderProps & { isWarning?: boolean }) => (
    <modal.ModalHeader titleIconVariant={isWarning ? "warning" : undefined}
                       titleScreenReaderText={isWarning ? _("Warning:") : undefined} {...props} />
);

// PatternFly lets nobody name the button in the dialog's corner.
function CornerLabel() {
    useLayoutEffect(() => {
        document.querySelectorAll(".pf-v6-c-modal-box__close > button").forEach((button) =>
            button.setAttribute("aria-label", _("Close")));
    });
    return null;
}

export const Modal = ({ children, ...props }: ComponentPropsWithoutRef<typeof modal.Modal>) => (
    <modal.Modal {...props}><CornerLabel />{children}</modal.Modal>
);
