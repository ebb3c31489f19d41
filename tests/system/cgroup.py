# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""A control group of its own for the machine, so that two of them never share one: systemd-nspawn
puts what it starts below the group that it is in itself."""
import os
import time

ROOT = "/sys/fs/cgroup"


def _hierarchies():
    """{mount point: our own group there} of those that a systemd in a container uses."""
    found = {}
    with open("/proc/self/cgroup", encoding="utf-8") as file:
        for line in file:
            _, controllers, path = line.rstrip("\n").split(":", 2)
            place = {"name=systemd": f"{ROOT}/systemd", "": f"{ROOT}/unified"}.get(controllers)
            if place is not None and not os.path.isdir(place):
                place = ROOT if controllers == "" else None
            if place is not None:
                found[place] = path
    return found


class OwnGroup:
    """As a context manager: inside, this process is in the new group; afterwards the group is
    gone."""

    def __init__(self):
        self._name = f"patd-system-{os.getpid()}"
        self._homes = _hierarchies()

    def __enter__(self):
        for place, path in self._homes.items():
            os.makedirs(f"{place}{path}/{self._name}", exist_ok=True)
            self._move(f"{place}{path}/{self._name}")
        return self

    def __exit__(self, *_):
        for place, path in self._homes.items():
            self._move(f"{place}{path}")
            self._remove(f"{place}{path}/{self._name}")

    @staticmethod
    def _move(group):
        with open(f"{group}/cgroup.procs", "w", encoding="ascii") as file:
            file.write(str(os.getpid()))

    @staticmethod
    def _remove(group):
        for path, _, _ in os.walk(group, topdown=False):
            # The kernel frees a group a moment after its last process ended, and notifies nobody.
            for _ in range(100):
                try:
                    os.rmdir(path)
                    break
                except OSError:
                    time.sleep(0.02)
