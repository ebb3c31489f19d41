# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""patd's package on a real Debian 12: system_test.py DEB NEWER_DEB OLDER_DEB CLOCK_SHIM CACHE.
tools/test-system.sh builds all of them and runs this, as root."""
import os
import re
import signal
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
CHECKOUT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, f"{CHECKOUT}/tools/lib", f"{CHECKOUT}/tools/demo",
                f"{CHECKOUT}/tests/integration"]

import base_tree  # noqa: E402: the path comes first
import checks_admin  # noqa: E402
import checks_bad_input  # noqa: E402
import checks_catalogue  # noqa: E402
import checks_desktop  # noqa: E402
import checks_exposure  # noqa: E402
import checks_faults  # noqa: E402
import checks_hostile  # noqa: E402
import checks_install  # noqa: E402
import checks_life  # noqa: E402
import checks_newer_git  # noqa: E402
import checks_programs  # noqa: E402
import checks_removal  # noqa: E402
import checks_rules  # noqa: E402
import checks_services  # noqa: E402
import newer_programs  # noqa: E402
from cgroup import OwnGroup  # noqa: E402
from machine import WORK, Machine  # noqa: E402
from namespace import run_isolated, unmount, wait_forwarding  # noqa: E402
from processes import PlayError  # noqa: E402
from site_under_test import Site  # noqa: E402

# What the others build upon.
FIRST_CHECKS = checks_install.CHECKS + checks_life.CHECKS + checks_catalogue.CHECKS
CHECKS = (FIRST_CHECKS + checks_services.CHECKS + checks_exposure.CHECKS + checks_rules.CHECKS +
          checks_newer_git.CHECKS + checks_programs.CHECKS +
          checks_faults.RESTART_CHECKS + checks_hostile.CHECKS + checks_services.LATER_CHECKS +
          checks_admin.CHECKS +
          checks_catalogue.LATER_CHECKS +
          checks_faults.CHECKS + checks_bad_input.CHECKS + checks_desktop.CHECKS +
          checks_removal.CHECKS)


def run_check(check, site):
    """Whether it passed; one line of output, and what went wrong below it."""
    name = check.__name__.replace("_", " ")
    began = time.monotonic()
    try:
        check(site)
        print(f"ok      {time.monotonic() - began:6.1f} s  {name}", flush=True)
        return True
    except Exception as error:  # whatever it is, the next check has its turn
        print(f"FAILED  {time.monotonic() - began:6.1f} s  {name}", flush=True)
        text = str(error) if isinstance(error, PlayError) else traceback.format_exc()
        print("        " + text.replace("\n", "\n        "), flush=True)
        return False


def end(*_):
    sys.exit(1)


def run_below_a_reaper(trees, parts):
    """Something must wait for the orphans of this PID namespace: unreaped they would be processes
    of the machine's, which could not power off."""
    driver = os.fork()
    if driver != 0:
        return wait_forwarding(driver, grace=10)
    status = 1
    try:
        status = run(trees, parts)
    finally:
        sys.stdout.flush()
        os._exit(status)


def run(trees, parts):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])  # what we start must not inherit a mask
    began = time.monotonic()
    machine = Machine(*trees)
    site = Site(machine, parts)
    passed = failed = 0
    try:
        machine.boot()
        only = os.environ.get("PATD_SYSTEM_ONLY", "")  # a regular expression, to debug one check
        for check in CHECKS:
            if check not in FIRST_CHECKS and not re.search(only, check.__name__):
                continue
            if run_check(check, site):
                passed += 1
            else:
                failed += 1
                if machine.leader is None:
                    break
    except PlayError as error:
        failed += 1
        print(f"FAILED  {error}")
    if failed:
        keep_evidence(site)
    not_run = len(CHECKS) - passed - failed
    print(f"{time.monotonic() - began:.0f} s; {not_run} checks not run")
    print(f"{passed} passed, {failed + not_run} failed")
    return 1 if failed or not_run else 0


def keep_evidence(site):
    """What the machine said, for whoever has to find out. The secrets in it are the test's own."""
    log = f"{CHECKOUT}/build/test-system.log"
    machine = site.machine
    with open(log, "w", encoding="utf-8") as file:
        if machine.leader is not None:
            file.write(machine.run("journalctl", "--no-pager", "-b", "all").output)
        file.write(f"\n{WORK}/console:\n{machine.console()}")
    print(f"The machine's journal is in {log}")


def main():
    *parts, cache = sys.argv[1:]
    trees = base_tree.ensure(cache), newer_programs.ensure(cache)
    os.mkdir(WORK)
    try:
        with OwnGroup():
            return run_isolated(lambda: run_below_a_reaper(trees, parts))
    finally:
        if os.path.ismount(WORK):
            unmount(WORK)
        os.rmdir(WORK)


if __name__ == "__main__":
    sys.exit(main())
