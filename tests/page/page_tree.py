# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The tree of Debian for the test of the token page: the one of tests/system, with Cockpit, a
browser and what drives it. Made once, like that one."""
import base_tree
import debian

PACKAGES = base_tree.PACKAGES + (
    "cockpit-ws", "cockpit-bridge", "cockpit-system", "sudo", "openssl", "chromium", "nodejs",
    "fonts-dejavu-core", "fonts-wqy-microhei")
HOOKS = base_tree.HOOKS


def ensure(cache, suite):
    """Gives the directory of the tree. Takes minutes the first time, nothing later."""
    return debian.keep(cache, f"page-{suite}", (PACKAGES, HOOKS), lambda tree: debian.bootstrap(
        suite, tree, PACKAGES, "--variant=minbase",
        *(f"--customize-hook={hook}" for hook in HOOKS)))
