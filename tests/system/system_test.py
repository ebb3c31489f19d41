# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""patd's package on a real Debian: system_test.py SUITE DEB NEWER_DEB OLDER_DEB CLOCK_SHIM CACHE.
tools/test-system.sh builds all of them and runs this, as root."""
import functools
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CHECKOUT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, f"{CHECKOUT}/tools/lib", f"{CHECKOUT}/tools/demo",
                f"{CHECKOUT}/tests/integration"]

import base_tree  # noqa: E402: the path comes first
import booted  # noqa: E402
import checks_admin  # noqa: E402
import checks_bad_input  # noqa: E402
import checks_catalogue  # noqa: E402
import checks_desktop  # noqa: E402
import checks_exposure  # noqa: E402
import checks_faults  # noqa: E402
import checks_gateway  # noqa: E402
import checks_hostile  # noqa: E402
import checks_http  # noqa: E402
import checks_install  # noqa: E402
import checks_life  # noqa: E402
import checks_newer_git  # noqa: E402
import checks_programs  # noqa: E402
import checks_removal  # noqa: E402
import checks_rules  # noqa: E402
import checks_services  # noqa: E402
import newer_programs  # noqa: E402
from machine import NEWER  # noqa: E402
from site_under_test import Site  # noqa: E402

# What the others build on.
FIRST_CHECKS = checks_install.CHECKS + checks_life.CHECKS + checks_catalogue.CHECKS
CHECKS = (FIRST_CHECKS + checks_services.CHECKS + checks_exposure.CHECKS + checks_rules.CHECKS +
          checks_newer_git.CHECKS + checks_programs.CHECKS +
          checks_faults.RESTART_CHECKS + checks_hostile.CHECKS + checks_services.LATER_CHECKS +
          checks_admin.CHECKS +
          checks_catalogue.LATER_CHECKS +
          checks_faults.CHECKS + checks_bad_input.CHECKS + checks_desktop.CHECKS +
          checks_http.CHECKS + checks_gateway.CHECKS +
          checks_removal.CHECKS)


def play(parts, machine, tally):
    site = Site(machine, parts)
    only = os.environ.get("PATD_SYSTEM_ONLY", "")  # a regular expression, to debug one check
    for check in CHECKS:
        if check not in FIRST_CHECKS and not re.search(only, check.__name__):
            continue
        tally.check(check.__name__.replace("_", " "), check, site)
        if machine.leader is None:
            break
    return len(CHECKS)


def main():
    suite, *parts, cache = sys.argv[1:]
    tree = base_tree.ensure(cache, suite)
    return booted.run(tree, functools.partial(play, parts), "test-system.log",
                      more_trees=[(NEWER, newer_programs.ensure(cache))])


if __name__ == "__main__":
    sys.exit(main())
