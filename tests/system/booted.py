# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""A test in a booted machine: the namespaces and the control group around it, one line for each
check, and what the machine said when one failed."""
import os
import signal
import sys
import time
import traceback

from cgroup import OwnGroup
from machine import WORK, Machine
from namespace import run_isolated, unmount, wait_forwarding
from processes import PlayError

CHECKOUT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Tally:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, check, *arguments):
        """Runs a check; one line of output, and what went wrong below it."""
        began = time.monotonic()
        try:
            check(*arguments)
            self.passed += 1
            print(f"ok      {time.monotonic() - began:6.1f} s  {name}", flush=True)
        except Exception as error:  # whatever it is, the next check runs
            self.failed += 1
            print(f"FAILED  {time.monotonic() - began:6.1f} s  {name}", flush=True)
            text = str(error) if isinstance(error, PlayError) else traceback.format_exc()
            print("        " + text.replace("\n", "\n        "), flush=True)


def run(tree, play, log, **options):
    """Boots a machine over `tree`, lets play(machine, tally) use it, and gives the exit status.
    `play` says how many checks there should have been. What the machine said of a failure goes to
    `log`, a name in build."""
    os.mkdir(WORK)
    try:
        with OwnGroup():
            return run_isolated(lambda: _below_a_reaper(lambda: _run(tree, play, log, options)))
    finally:
        if os.path.ismount(WORK):
            unmount(WORK)
        os.rmdir(WORK)


def _below_a_reaper(main):
    """Something must wait for the orphans of this PID namespace: unreaped they would count as
    processes of the machine, which could then not power off."""
    driver = os.fork()
    if driver != 0:
        return wait_forwarding(driver, grace=10)
    status = 1
    try:
        status = main()
    finally:
        sys.stdout.flush()
        os._exit(status)


def _end(*_):
    sys.exit(1)


def _run(tree, play, log, options):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])  # what we start must not inherit a mask
    began = time.monotonic()
    machine = Machine(tree, **options)
    tally = Tally()
    wanted = 1
    try:
        machine.boot()
        wanted = play(machine, tally)
    except PlayError as error:
        tally.failed += 1
        print(f"FAILED  {error}")
    if tally.failed:
        _keep_evidence(machine, f"{CHECKOUT}/build/{log}")
    not_run = max(0, wanted - tally.passed - tally.failed)
    print(f"{time.monotonic() - began:.0f} s; {not_run} checks not run")
    print(f"{tally.passed} passed, {tally.failed + not_run} failed")
    return 1 if tally.failed or not_run else 0


def _keep_evidence(machine, log):
    """What the machine said, for whoever has to find out. The secrets in it are the test's own."""
    with open(log, "w", encoding="utf-8") as file:
        if machine.leader is not None:
            file.write(machine.run("journalctl", "--no-pager", "-b", "all").output)
        file.write(f"\n{WORK}/console:\n{machine.console()}")
    print(f"The machine's journal is in {log}")
