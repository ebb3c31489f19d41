# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""A sync fails once, and nothing says later what it lost; then the power goes. All that patd
acknowledged, before and after, must be there. Runs inside of tools/play.sh, as root.
lost_sync_test.py FAIL_NTH KEPT_DISK"""
# Row S10.
import contextlib
import itertools
import sys

from failures import KINDS, NONE
from nth_failure_test import Life

LIVES = 3
CHANGES_LATER = (1, 2, 5)
KIND = KINDS.index("fdatasync")


class PowerCut(Exception):
    pass


class LifeOnADisk(Life):
    """With a store of its own, from its creation. The power goes after so many changes that are
    acknowledged after the failure; later on a checkpoint may have written again what was lost."""

    def __init__(self, fail_nth, kept_disk, left=0):
        super().__init__(fail_nth)
        self.acknowledged, self._left = 0, left
        self._kept = self.own.make_folder("kept")
        self.start(kept_disk, env={"KEPT_DISK": self._kept})
        self.live("warm")
        self.failures.choose(NONE)

    def ask(self, op, host, *more):
        answer = super().ask(op, host, *more)
        if op in ("store", "erase") and answer == {}:
            self.acknowledged += 1
            self._left -= self.failures.failed()
        return answer

    def put(self, host, secret):
        answer = super().put(host, secret)
        self._cut()
        return answer

    def erase(self, host):
        answer = super().erase(host)
        self._cut()
        return answer

    def _cut(self):
        if self.failures.failed() and self._left <= 0:
            raise PowerCut

    def live_until_the_power_goes(self, nth):
        self.failures.choose(KIND, nth)
        with contextlib.suppress(PowerCut):
            for _ in range(LIVES):
                self.live(f"fdatasync {nth}")

    def look_after_power_cut(self, what):
        self.own.lose_power(self._kept)
        self.own.start()
        self.check_all(what)
        self.own.remove()


def main():
    fail_nth, kept_disk = sys.argv[1:]
    life = LifeOnADisk(fail_nth, kept_disk)
    life.live("counted")
    syncs = life.failures.counts()["fdatasync"]
    life.look_after_power_cut("without a failure")
    faults, acknowledged, failed = life.faults, 0, 0
    for nth, left in itertools.product(range(1, syncs + 1), CHANGES_LATER):
        life = LifeOnADisk(fail_nth, kept_disk, left)
        life.live_until_the_power_goes(nth)
        failed += life.failures.failed()
        acknowledged += life.acknowledged
        life.look_after_power_cut(f"fdatasync {nth}, and {left} changes later the power")
        faults += life.faults
    for fault in faults:
        print(fault)
    print(f"{failed} syncs failed, {acknowledged} changes acknowledged, {len(faults)} faults")
    return 1 if faults or failed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
