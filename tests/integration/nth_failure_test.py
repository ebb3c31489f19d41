# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""A token's life with a patd whose n-th call of one kind fails (fail_nth.c): it does not crash,
nothing that it acknowledged is lost, and afterwards it works again without a restart. Runs inside
of tools/play.sh, as root. nth_failure_test.py FAIL_NTH [--seconds N] [--every N] [--kinds KIND,...]
A sample of the calls, the same each time, unless --every is 1."""
import argparse
import contextlib
import mmap
import os
import pwd
import random
import struct
import subprocess
import sys
import tempfile
import time

from own_patd import OwnPatd, PLAY, ask_as

KINDS = ("open", "read", "write", "fsync", "fdatasync", "mmap", "mlock", "getrandom", "malloc",
         "connect", "send", "fork")
SECONDS_TO_END = 30
NONE = -1
HEAD = struct.Struct("=qqqq")
COUNTS = struct.Struct(f"={len(KINDS)}q")
SEED = 21


class Failures:
    """The page that fail_nth.c reads."""

    def __init__(self, library):
        with tempfile.NamedTemporaryFile(dir=PLAY, delete=False) as file:
            file.truncate(4096)
            self._path, self._library = file.name, library
            self._page = mmap.mmap(file.fileno(), 4096)
        os.chmod(self._path, 0o666)
        self.choose(NONE)

    def environment(self):
        return ("env", f"LD_PRELOAD={self._library}", f"FAIL_NTH={self._path}")

    def choose(self, kind, nth=0, stays=False):
        HEAD.pack_into(self._page, 0, kind, nth, stays, 0)
        COUNTS.pack_into(self._page, HEAD.size, *[0] * len(KINDS))

    def failed(self):
        return HEAD.unpack_from(self._page)[3]

    def counts(self):
        return dict(zip(KINDS, COUNTS.unpack_from(self._page, HEAD.size)))


class Life:
    """What alice does by the line socket, and what she was told that is kept."""

    def __init__(self, library):
        self.own, self.failures = OwnPatd(), Failures(library)
        self.alice = pwd.getpwnam("alice").pw_uid
        self.kept = {}  # by host: what a get may answer
        self.number = 0
        self.faults = []

    def start(self):
        return self.own.start(*self.failures.environment())

    def ask(self, op, host, *more):
        """The reply; None where the connection ended without one."""
        with contextlib.suppress(OSError):
            return ask_as(self.own.socket, self.alice, op, "protocol=https", f"host={host}",
                          *more)
        return None

    def put(self, host, secret):
        before = self.kept.get(host, {None})
        answer = self.ask("store", host, "username=alice", f"password={secret}")
        # Without an acknowledgement, either may be there.
        self.kept[host] = {secret} if answer == {} else before | {secret}
        return answer

    def erase(self, host):
        answer = self.ask("erase", host, "username=alice")
        self.kept[host] = {None} if answer == {} else self.kept[host] | {None}
        return answer

    def get(self, host, what):
        """A get that is answered must be true; an error must have a name."""
        answer = self.ask("get", host)
        if answer is None or "error" in answer:
            return answer
        if answer.get("password") not in self.kept[host]:
            self.faults.append(f"{what}: {host} answers {answer}, not one of {self.kept[host]}")
        return answer

    def live(self, what):
        """Made, read, replaced, read, erased; and one more that stays."""
        self.number += 1
        first, second = f"a{self.number}.example", f"b{self.number}.example"
        answers = [self.put(first, f"one-{self.number}"), self.get(first, what),
                   self.put(first, f"two-{self.number}"), self.get(first, what),
                   self.put(second, f"three-{self.number}"), self.get(second, what),
                   self.erase(first), self.get(first, what),
                   self.ask("verify", first, "token=pat1_x")]
        for answer in answers:
            if answer is not None and "error" in answer and not answer["error"].isalpha():
                self.faults.append(f"{what}: an error without a name: {answer}")
        return answers

    def check_all(self, what):
        """All that was ever acknowledged."""
        for host, secrets in self.kept.items():
            answer = self.ask("get", host)
            if answer is None or "error" in answer or answer.get("password") not in secrets:
                self.faults.append(f"{what}: {host} answers {answer}, not one of {secrets}")

    def fail(self, kind, nth, stays=False):
        """One life with that failure, and one without."""
        what = f"{KINDS[kind]} {nth}{' and on' if stays else ''}"
        self.failures.choose(kind, nth, stays)
        self.live(what)
        failed = self.failures.failed()
        self.failures.choose(NONE)
        if self.own.ends():
            self.restart(what)
            return failed
        answers = self.live(what)
        if any(answer is None or "error" in answer for answer in answers[:-1]):
            # What is not believed any more is read again by a new process.
            if not self.own.ends(SECONDS_TO_END):
                self.faults.append(f"{what}: it does not recover: {answers}")
                self.own.stop()
            self.restart(what)
        return failed

    def restart(self, what):
        status = self.own.wait()
        if status < 0:
            self.faults.append(f"{what}: ended by signal {-status}")
        self.start()
        self.check_all(what)


def calls_of(count, every):
    """Which of so many calls fail: the first ones, where most is different, and some others."""
    if every == 1:
        return range(1, count + 1)
    chosen = set(range(1, min(count, 4) + 1))
    chosen |= set(random.Random(SEED).sample(range(1, count + 1), min(count, 6)))
    return sorted(chosen)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("library")
    parser.add_argument("--seconds", type=float, default=45)
    parser.add_argument("--every", type=int, default=0)
    parser.add_argument("--kinds", type=lambda text: text.split(","), default=KINDS)
    options = parser.parse_args()
    subprocess.run(["useradd", "--no-log-init", "-M", "alice"], check=True,
                   stderr=subprocess.DEVNULL)
    life = Life(options.library)
    life.start()
    life.live("warm")
    life.failures.choose(NONE)
    life.live("counted")
    counts = life.failures.counts()
    begun, failed = time.monotonic(), 0
    for kind, name in enumerate(KINDS):
        if name not in options.kinds:
            continue
        tried = 0
        for nth in calls_of(counts[name], options.every):
            if time.monotonic() - begun > options.seconds and options.every != 1:
                break
            tried += 1
            failed += life.fail(kind, nth)
        print(f"{name:10} {counts[name]:6} calls a life, {tried:6} of them failed", flush=True)
    life.own.stop()
    life.start()
    life.check_all("the end")
    life.own.remove()
    for fault in life.faults:
        print(fault)
    print(f"{failed} failures, {len(life.kept)} tokens looked for, {len(life.faults)} faults")
    return 1 if life.faults or failed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
