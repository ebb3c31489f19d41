# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""A token's life with a patd whose n-th call of one kind fails (fail_nth.c), and its start: it does
not crash, nothing that it acknowledged is lost, and afterwards it works again without a restart.
Runs inside of tools/play.sh, as root.
nth_failure_test.py FAIL_NTH [--most N] [--stays N] [--starts N] [--kinds KIND,...]
At most so many calls of each kind fail, once or from then on, in a life and at the start; the same
ones each time."""
# Row D18: malloc is one of them.
import argparse
import pwd
import signal
import subprocess
import sys

from failures import KINDS, NONE, Failures, calls_of
from own_patd import OwnPatd, ask_as

SECONDS_TO_END = 30
# What patd calls whatever it does; the other kinds belong to starts or to other daemons.
OF_EVERY_LIFE = ("read", "write", "fdatasync", "mmap", "mlock", "getrandom", "malloc", "send")
LIVES_OF_AN_OWNER = 400  # two tokens each; an owner may have a thousand


def uid_of(name):
    """The account is made where it is not there."""
    if name not in [account.pw_name for account in pwd.getpwall()]:
        subprocess.run(["useradd", "--no-log-init", "-M", name], check=True,
                       stderr=subprocess.DEVNULL)
    return pwd.getpwnam(name).pw_uid


class Life:
    """What users do by the line socket, and what they were told that is kept."""

    def __init__(self, library):
        self.own, self.failures = OwnPatd(), Failures(library)
        self.kept = {}  # by host: what a get may answer
        self._owners = {}  # by host
        self._owner = None
        self._number = 0
        self.faults = []

    def start(self, *before, env=None):
        return self.own.start(*self.failures.environment(*before), env=env)

    def ask(self, op, host, *more):
        """The reply; None where the connection ended without one."""
        try:
            return ask_as(self.own.socket, self._owners[host], op, "protocol=https",
                          f"host={host}", *more)
        except TimeoutError:
            self.faults.append(f"{op} at {host}: its client is left waiting")
        except OSError:
            pass
        return None

    def _hosts(self):
        """Two of this life's own, and the owner of their tokens."""
        if self._number % LIVES_OF_AN_OWNER == 0:
            self._owner = uid_of(f"owner{self._number}")
        self._number += 1
        hosts = f"a{self._number}.example", f"b{self._number}.example"
        self._owners |= dict.fromkeys(hosts, self._owner)
        return hosts

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
        first, second = self._hosts()
        answers = [self.put(first, f"one-{first}"), self.get(first, what),
                   self.put(first, f"two-{first}"), self.get(first, what),
                   self.put(second, f"three-{first}"), self.get(second, what),
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
        """One life with that failure, or with those from then on, and one without."""
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
                self.faults.append(f"{what}: it does not recover: {answers}, and says "
                                   f"{self.own.last_words()}")
                self.own.stop()
            self.restart(what)
        return failed

    def restart(self, what):
        status = self.own.wait()
        if status < 0:
            self.faults.append(f"{what}: ended by signal {-status}")
        self.start()
        self.check_all(what)

    def fail_start(self, kind, nth):
        """A start with that failure, which may be refused, and a life; then one without."""
        what = f"{KINDS[kind]} {nth} of a start"
        self.own.kill()
        self.failures.choose(kind, nth)
        try:
            self.start()
        except ConnectionError as error:
            if error.args[1] <= 0:
                self.faults.append(f"{what}: it ended as {error.args[1]}")
        else:
            self.live(what)
            status = self.own.kill()
            if status is not None and status < 0 and status != -signal.SIGKILL:
                self.faults.append(f"{what}: ended by signal {-status}")
        failed = self.failures.failed()
        self.failures.choose(NONE)
        self.start()
        if any(answer is None or "error" in answer for answer in self.live(what)[:-1]):
            self.faults.append(f"{what}: the next start is no better")
        return failed


def fail_each(name, counts, most, fail, *stays):
    kind = KINDS.index(name)
    chosen = calls_of(counts[name], most)
    failed = sum(fail(kind, nth, *stays) for nth in chosen)
    print(f"{name:10} {counts[name]:6} calls, {len(chosen):6} of them failed", flush=True)
    return failed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("library")
    parser.add_argument("--most", type=int, default=10)
    parser.add_argument("--stays", type=int, default=10)
    parser.add_argument("--starts", type=int, default=10)
    parser.add_argument("--kinds", type=lambda text: text.split(","), default=KINDS)
    options = parser.parse_args()
    life = Life(options.library)
    life.start()
    at_start = life.failures.counts()
    life.live("warm")
    life.failures.choose(NONE)
    life.live("counted")
    counts = life.failures.counts()
    never = [name for name in OF_EVERY_LIFE if counts[name] == 0]
    assert not never, f"never called, so nothing of them can fail: {never}"
    print("a life:")
    failed = sum(fail_each(name, counts, options.most, life.fail) for name in options.kinds)
    print("a life, from then on:")
    failed += sum(fail_each(name, counts, options.stays, life.fail, True)
                  for name in options.kinds)
    print("a start:")
    failed += sum(fail_each(name, at_start, options.starts, life.fail_start)
                  for name in options.kinds)
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
