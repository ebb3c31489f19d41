# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Several clients of two users at once: what each is answered must be explained by one order of all
that they did; the log names who did it; and nothing grows. Then again, with a patd whose disk is
slow, so that who asks meets many changes half-way. Runs inside of tools/play.sh, as root.
concurrent_test.py SLOW_DISK [--rounds N] [--slow-rounds N] [--operations N]"""
# Rows L4, R4, R6: attribution, concurrency, and much of it for long.
import argparse
import bisect
import contextlib
import glob
import json
import os
import pwd
import random
import subprocess
import sys
import threading
import time
from typing import NamedTuple

from own_patd import OwnPatd, Process, ask, connect, find_process

SOCKET = "/run/patd/socket"
USERS, CLIENTS_OF_A_USER = ("alice", "bob"), 4
HOSTS = ("one.example", "two.example", "three.example")
SEED = 4
KIB_MORE = 1024
INFINITE = float("inf")
AROUND = 0.1  # seconds before and after what nothing explains that are shown


class Done(NamedTuple):
    """An operation at one host, as its client saw it."""
    begun: float
    ended: float
    value: str | None  # what was written, or what was read
    what: str = ""  # who asked for what, where, and how the answer was named


class Latest:
    """Of pairs of times: the latest second one of all whose first one was before, if any was."""

    def __init__(self, pairs):
        self._times, self._latest = [], []
        for at, other in sorted(pairs):
            self._times.append(at)
            self._latest.append(max(other, self._latest[-1] if self._latest else -INFINITE))

    def before(self, moment):
        count = bisect.bisect_left(self._times, moment)
        return self._latest[count - 1] if count else None


class Register:
    """What a user keeps for one host: every value is written once."""

    def __init__(self):
        self.writes, self.reads = [Done(-INFINITE, -INFINITE, None)], []

    def faults(self):
        """Answers that no order explains, and why not."""
        return [*self._out_of_date(), *self._going_back()]

    def settle(self):
        """All have ended: forgets what no later answer can depend on."""
        last = max(write.begun for write in self.writes)
        self.writes = [write for write in self.writes if write.ended >= last]
        self.reads = []

    def _out_of_date(self):
        """A read must give a write that had begun, and after which no other one began and ended
        before the read."""
        last_begun = Latest((write.ended, write.begun) for write in self.writes)
        of_value = {}
        for write in self.writes:
            of_value.setdefault(write.value, []).append((write.begun, write.ended))
        last_ended = {value: Latest(writes) for value, writes in of_value.items()}
        for read in self.reads:
            ended = last_ended[read.value].before(read.ended) if read.value in last_ended else None
            if ended is None or ended < last_begun.before(read.begun):
                later = [write for write in self.writes
                         if ended is None or write.begun > ended and write.ended < read.begun]
                yield read, f"is explained by no write: {later[-3:]}"

    def _going_back(self):
        """A read after another one must not give what is older."""
        written = {write.value: write for write in self.writes if write.value is not None}
        reads = [read for read in self.reads if read.value in written]
        last_read = Latest((read.ended, written[read.value].begun) for read in reads)
        for read in reads:
            if written[read.value].ended < (last_read.before(read.begun) or -INFINITE):
                yield read, "is older than what was read before"


class Registers:
    """All users' at all hosts."""

    def __init__(self):
        self._of = {(user, host): Register() for user in USERS for host in HOSTS}
        self._done = []

    def add(self, op, user, host, done):
        register = self._of[user, host]
        (register.reads if op == "get" else register.writes).append(done)
        self._done.append(done)

    def settle(self):
        """What nothing explains, each with all that was done around it. All have ended."""
        faults = [f"{user} at {host}: {read} {why}\n{self._around(read)}"
                  for (user, host), register in self._of.items() for read, why in register.faults()]
        for register in self._of.values():
            register.settle()
        self._done = []
        return faults

    def _around(self, read):
        return "\n".join(f"    {1e3 * (done.begun - read.begun):+8.2f} to "
                         f"{1e3 * (done.ended - read.begun):+8.2f} ms: {done.what}: {done.value}"
                         for done in sorted(self._done) if done.ended > read.begun - AROUND
                         and done.begun < read.ended + AROUND)


def check_the_check():
    """What it must find, and what is in order."""
    first, second, third = Done(0, 1, "a"), Done(2, 5, "b"), Done(6, 7, None)
    for reads, faults in (
            ([Done(1.5, 1.6, "a"), Done(3, 4, "b"), Done(3, 4, "a"), Done(6.5, 8, "b")], 0),
            ([Done(5.5, 5.6, "a")], 1), ([Done(8, 9, "b")], 1), ([Done(1.5, 1.6, None)], 1),
            ([Done(1, 1.5, "b")], 1), ([Done(3, 3.1, "b"), Done(3.2, 3.3, "a")], 1),
            ([Done(8, 9, "what nobody wrote")], 1)):
        register = Register()
        register.writes += [first, second, third]
        register.reads += reads
        assert len(register.faults()) == faults, (reads, register.faults())
        register.settle()
        assert register.writes == [third] and not register.faults(), register.writes


class Client(threading.Thread):
    def __init__(self, socket, user, number, registers, operations):
        super().__init__()
        self._connection = connect(socket, pwd.getpwnam(user).pw_uid)
        self._user, self._name = user, f"{user}-{number}"
        self._registers, self._operations = registers, operations
        self._chance = random.Random(f"{SEED} {self._name}")
        self.faults, self.times, self.refused, self._asked = [], [], 0, time.monotonic()

    def run(self):
        try:
            with self._connection:
                for number in range(self._operations):
                    self._do(self._chance.choice(HOSTS),
                             f"{self._name}-{number}-{time.monotonic()}")
        except OSError as error:  # a thread that ends with it would be a fault that nobody sees
            self.faults.append(f"{self._name} after {len(self.times)} operations, "
                               f"{time.monotonic() - self._asked:.1f} s after the last: {error}")

    def _do(self, host, value):
        op = self._chance.choice(("get", "get", "get", "store", "store", "erase"))
        place = ("protocol=https", f"host={host}")
        names = ("capability[]=state",) if self._chance.random() < 0.5 else ()
        more = {"get": names, "store": ("username=a", f"password={value}"),
                "erase": ("username=a",)}
        begun = self._asked = time.monotonic()
        answer = ask(self._connection, op, *place, *more[op])
        ended = time.monotonic()
        self.times.append(ended - begun)
        if op == "get" and answer and answer.get("error") == "Changing":
            self.refused += 1
        elif answer is None or "error" in answer:
            self.faults.append(f"{op} of {self._name}: {answer}")
        elif op == "get" and names and "password" in answer and "state[]" not in answer:
            self.faults.append(f"{op} of {self._name} has no state: {answer}")
        else:
            given = {"get": answer.get("password"), "store": value, "erase": None}[op]
            what = f"{op} by {self._name} at {host} {answer.get('state[]', '')}".rstrip()
            self._registers.add(op, self._user, host, Done(begun, ended, given, what))


class Size(NamedTuple):
    descriptors: int
    kib: int
    store: int

    @staticmethod
    def of(patd):
        with connect(SOCKET, 0) as connection:
            for _ in range(200):  # it closes what its clients left
                ask(connection, "capability")
            return Size(patd.descriptors(), patd.kib("VmRSS"),
                        sum(os.path.getsize(path) for path in glob.glob("/var/lib/patd/store.db*")))


def play_round(socket, registers, operations):
    """All clients, each with so many operations; their faults, and how long each operation took."""
    clients = [Client(socket, user, number, registers, operations)
               for user in USERS for number in range(CLIENTS_OF_A_USER)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    refused = sum(client.refused for client in clients)
    seldom = [] if refused * 20 < operations * len(clients) else [f"{refused} gets were refused"]
    missing = operations * len(clients) - sum(len(client.times) for client in clients)
    if missing:
        seldom.append(f"{missing} operations have no end")
    faults = [*seldom, *(fault for client in clients for fault in client.faults),
              *registers.settle()]
    for fault in faults:
        print(fault, flush=True)
    return faults, sorted(taken for client in clients for taken in client.times)


def check_log():
    """Whoever did it is named, and did it to what is his."""
    done = subprocess.run(["patctl", "--json", "audit", "--all", "--limit", "1000"],
                          check=True, stdout=subprocess.PIPE)
    events = [event for event in json.loads(done.stdout)
              if event["event"] in ("store", "release", "erase")]
    faults = [f"the log is wrong: {event}" for event in events
              if event["by"] not in USERS or event["by"] != event["owner"]
              or event["by_uid"] != pwd.getpwnam(event["by"]).pw_uid
              or event["where"] not in [f"https://{host}" for host in HOSTS]]
    seen = {(event["by"], event["event"]) for event in events}
    return faults if len(seen) == 3 * len(USERS) else [*faults, f"only {seen} are in the log"]


def play_rounds(socket, rounds, operations, kind="round"):
    """After each round, the faults and the number of answers until then."""
    registers, faults, answers = Registers(), [], 0
    for number in range(rounds):
        found, times = play_round(socket, registers, operations)
        faults += found
        answers += len(times)
        print(f"{kind} {number}: {len(times)} operations, median "
              f"{times[len(times) // 2] * 1e3:.2f} ms, 99 of 100 within "
              f"{times[len(times) * 99 // 100] * 1e3:.2f} ms", flush=True)
        yield faults, answers


def play_long(options):
    """With the patd of this play: its faults, and how many answers there were."""
    patd, sizes, faults, answers = Process(find_process("patd")), [], [], 0
    for faults, answers in play_rounds(SOCKET, options.rounds, options.operations):
        sizes.append(Size.of(patd))
        print(sizes[-1], flush=True)
    first, last = sizes[1], sizes[-1]  # the first round makes what is then kept
    more = check_log()
    if last.descriptors > first.descriptors or last.store > first.store + (KIB_MORE << 10) or (
            last.kib > first.kib + KIB_MORE and not patd.is_sanitized()):
        more.append(f"it grows: {first}, then {last}")
    for fault in more:
        print(fault)
    return [*faults, *more], answers


def play_slow(options):
    """The same, with a patd of its own on a slow disk."""
    faults, answers = [], 0
    with contextlib.closing(SlowPatd(options.slow_disk)) as patd:
        for faults, answers in play_rounds(patd.socket, options.slow_rounds, options.operations,
                                           "slow round"):
            pass
    return faults, answers


class SlowPatd(OwnPatd):
    def __init__(self, slow_disk):
        super().__init__()
        self.start(env={"LD_PRELOAD": slow_disk, "ASAN_OPTIONS":
                        os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"})

    def close(self):
        self.remove()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("slow_disk")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--slow-rounds", type=int, default=1)
    parser.add_argument("--operations", type=int, default=100)
    options = parser.parse_args()
    check_the_check()
    for user in USERS:
        subprocess.run(["useradd", "--no-log-init", "-M", user], check=True,
                       stderr=subprocess.DEVNULL)
    faults, answers = play_long(options)
    slow_faults, slow_answers = play_slow(options)
    print(f"{answers} answers, and {slow_answers} on a slow disk; "
          f"{len(faults) + len(slow_faults)} faults")
    return 1 if faults or slow_faults else 0


if __name__ == "__main__":
    sys.exit(main())
