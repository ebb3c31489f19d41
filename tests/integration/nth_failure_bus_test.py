# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""A token's life by patctl and the bus, with its step-ups, a backup and a restore, and a patd whose
n-th call of one kind fails (fail_nth.c): it does not crash, what patctl was told is so, no dead
secret lives, and the next life succeeds. Runs inside of tools/play.sh, as root.
nth_failure_bus_test.py FAIL_NTH [--most N] [--kinds KIND,...]"""
# Row D18: malloc is one of them.
import argparse
import os
import pwd
import subprocess
import sys
from typing import NamedTuple

from failures import KINDS, NONE, Failures, calls_of
from own_patd import PLAY, OwnPatd, ask_as

SECONDS = 120
SECONDS_TO_END = 30
PASSWORD = "the right one of this test"
ATTEMPTS, COST = "/var/lib/patd-auth/attempts.db", "/var/lib/patd-auth/hash-cost"
DEAD, MAYBE, ALIVE = "dead", "maybe", "alive"


class Done(NamedTuple):
    status: int
    secret: str
    error: str
    output: str


class BusLife:
    """A bus and a patd of its own, and what patctl was told of each secret."""

    def __init__(self, library):
        self.failures, self.own = Failures(library), OwnPatd()
        self.known, self.faults, self.failed, self._number = {}, [], 0, 0
        subprocess.run(["useradd", "--no-log-init", "-M", "alice"], check=True,
                       stderr=subprocess.DEVNULL)
        self._alice = pwd.getpwnam("alice")
        with open(COST, "w", encoding="utf-8") as file:
            file.write("1")  # what takes long here is not what is tried
        self._bus = self._start_bus()
        self.patctl("admin", "passwd", "alice", answers=(PASSWORD, PASSWORD), user=None)
        self.start()

    def _start_bus(self):
        self._address = f"unix:path={PLAY}/own-bus"
        with open(f"{PLAY}/bus.conf", encoding="utf-8") as file:
            config = file.read().replace(f"unix:path={PLAY}/bus<", f"{self._address}<")
        with open(f"{PLAY}/own-bus.conf", "w", encoding="utf-8") as file:
            file.write(config)
        bus = subprocess.Popen(  # pylint: disable=consider-using-with
            ["dbus-daemon", "--nofork", "--nopidfile", f"--config-file={PLAY}/own-bus.conf",
             "--print-address=1"], stdout=subprocess.PIPE)
        assert bus.stdout.readline(), "the bus does not start"
        return bus

    def end(self):
        self.own.remove()
        self._bus.kill()
        self._bus.wait()
        self._bus.stdout.close()

    def address(self):
        return self._address

    def start(self):
        self.own.start(*self.failures.environment(), options=("--bus-address", self._address))

    def environment(self):
        """Of the clients."""
        return os.environ | {"DBUS_SYSTEM_BUS_ADDRESS": self._address}

    def patctl(self, *arguments, answers=(PASSWORD,), user="alice"):
        reader, writer = os.pipe()
        taken, output = os.pipe()
        os.write(writer, "".join(f"{answer}\n" for answer in answers).encode())
        os.close(writer)
        options = ["--password-fd", str(reader)] if answers else []
        if arguments[0] in ("create", "regenerate"):
            options += ["--output-fd", str(output)]
        identity = {"user": self._alice.pw_uid, "extra_groups": []} if user else {}
        done = subprocess.run(
            ["patctl", *arguments, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            pass_fds=(reader, output), env=self.environment(), text=True, timeout=SECONDS,
            check=False, cwd=PLAY, **identity)
        os.close(reader)
        os.close(output)
        with os.fdopen(taken, encoding="utf-8") as file:
            return Done(done.returncode, file.read().strip(), done.stderr, done.stdout)

    def expect(self, secret, alive):
        if secret:
            self.known[secret] = alive

    def live(self):
        """Made, regenerated, backed up, deleted, restored. Whether all of it succeeded."""
        self._number += 1
        name, backup = f"token-{self._number}", f"{PLAY}/{self._number}.backup"
        made = self.patctl("create", name, "-p", "vcs:repository:rw", "-t", "https://a.example")
        self.expect(made.secret, ALIVE if made.status == 0 else MAYBE)
        again = self.patctl("regenerate", name)
        self.expect(again.secret, ALIVE if again.status == 0 else MAYBE)
        if again.status == 0:
            self.expect(made.secret, DEAD)
        elif self.known.get(made.secret):
            self.expect(made.secret, MAYBE)
        saved = self.patctl("admin", "backup", backup, answers=(), user=None)
        deleted = self.patctl("delete", name)
        for secret in filter(None, (made.secret, again.secret)):
            if deleted.status == 0:
                self.expect(secret, DEAD)
            elif self.known[secret] != DEAD:
                self.expect(secret, MAYBE)
        # What died since the backup is not brought back: root is to say so.
        restored = self.patctl("admin", "restore", backup, "--keep-dead", answers=(), user=None)
        steps = (made, again, saved, deleted, restored)
        for step in steps:
            if step.status < 0 or (step.status != 0 and not step.error.startswith("patctl: ")):
                self.faults.append(f"patctl ends with {step}")
        return steps

    def check(self, what):
        for secret, alive in self.known.items():
            answer = ask_as(self.own.socket, 0, "verify", f"token={secret}")
            if alive != MAYBE and (answer.get("valid") == "1") != (alive == ALIVE):
                self.faults.append(f"{what}: what must be {alive} is {answer}")

    def fail(self, kind, nth):
        what = f"{KINDS[kind]} {nth}"
        known = len(self.faults)
        self.failures.choose(kind, nth)
        self.live()
        self.failed += self.failures.failed()
        self.failures.choose(NONE)
        if os.path.exists(ATTEMPTS):  # what was charged for an answer that got lost
            os.unlink(ATTEMPTS)
        if not self.own.ends():
            steps = self.live()
            if any(step.status != 0 for step in steps) and not self.own.ends(SECONDS_TO_END):
                self.faults.append(f"{what}: it does not recover: {steps}")
                self.own.stop()
        if self.own.ends():
            status = self.own.wait()
            if status < 0:
                self.faults.append(f"{what}: ended by signal {-status}")
            self.start()
            steps = self.live()
            if any(step.status != 0 for step in steps):
                self.faults.append(f"{what}: the next process is no better: {steps}")
        self.check(what)
        self.faults[known:] = [f"{what}: {fault.removeprefix(f'{what}: ')}"
                               for fault in self.faults[known:]]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("library")
    parser.add_argument("--most", type=int, default=10)
    parser.add_argument("--kinds", type=lambda text: text.split(","), default=KINDS)
    options = parser.parse_args()
    life = BusLife(options.library)
    steps = life.live()
    assert all(step.status == 0 for step in steps), steps
    life.failures.choose(NONE)
    life.live()
    counts = life.failures.counts()
    for name in options.kinds:
        chosen = calls_of(counts[name], options.most)
        for nth in chosen:
            life.fail(KINDS.index(name), nth)
        print(f"{name:10} {counts[name]:6} calls, {len(chosen):6} of them failed", flush=True)
    life.end()
    for fault in life.faults:
        print(fault)
    print(f"{life.failed} failures, {len(life.known)} secrets, {len(life.faults)} faults")
    return 1 if life.faults or life.failed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
