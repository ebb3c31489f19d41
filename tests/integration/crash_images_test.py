# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""What a disk may hold when the power goes, at any moment of a life: of what no sync had brought
there, some is missing, in any order, torn, or garbage. A fresh patd gets each image: what was
acknowledged is there, what is dead stays dead, nothing looks like a rollback, and the audit log is
whole. Runs inside of tools/play.sh, as root.
crash_images_test.py DISK_LOG [--images N] [--seed N]"""
# Row S7.
import argparse
import contextlib
import json
import os
import pwd
import random
import sqlite3
import struct
import sys
from collections import Counter
from typing import NamedTuple

from nth_failure_bus_test import BusLife
from own_patd import PLAY, ask_as, await_step_up

RECORD = struct.Struct("=qqq64s")
WRITE, CUT, SYNC, UNLINK, RENAME, CREATE, SYNC_NAMES = range(7)
LIVES = 3
# Of a change: at least so many events, once it was acknowledged, and at most. A restore is tried
# first, and has one for each token that was dead; an exchange that goes on begins another one.
EVENTS = {"release": (0, 1), "backup": (0, 1), "restore": (1, 3), "rotate-key": (1, 2)}
WITNESS = "/var/lib/patd-auth/witness"
SECTOR, PAGE = 512, 4096


class Done(NamedTuple):
    """By the size of the disk's log."""
    begun: int
    ended: int
    host: str  # "": it changes none
    value: str | None  # what a get there may give from now on
    event: str | None  # in the audit log


class Step(NamedTuple):
    end: int  # of its record
    kind: int
    name: str
    at: int
    data: bytes


def read_witness():
    """None: no change has waited for the first one yet."""
    if not os.path.exists(WITNESS):
        return None
    with open(WITNESS, "rb") as file:
        return file.read()


def put_witness(content):
    if os.path.exists(WITNESS):
        os.unlink(WITNESS)
    if content is not None:
        owner = os.stat(os.path.dirname(WITNESS)).st_uid
        with open(WITNESS, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            os.fchown(file.fileno(), owner, -1)
            file.write(content)


class Recorded(BusLife):
    """A life whose patd tells what it does to its disk."""

    def __init__(self, library):
        self._library, self.done, self.witnesses = library, [], []
        self._log_name = "/disk-log"
        super().__init__(None)
        self.uid = pwd.getpwnam("alice").pw_uid

    def start(self):
        self._log, state = self.own.folder(self._log_name), self.own.folder("/state")
        self.own.start("env", f"LD_PRELOAD={self._library}", f"DISK_LOG={self._log}",
                       f"DISK_LOG_OF={state}", options=("--bus-address", self.address()))

    def moment(self):
        return os.stat(self._log).st_size

    def _do(self, host, value, event, act):
        begun = self.moment()
        told = act()
        self.done.append(Done(begun, self.moment(), host, value, event))
        witness = read_witness()  # first: never one of a later moment
        self.witnesses.append((self.moment(), witness))
        return told

    def _line(self, op, host, *more):
        answer = ask_as(self.own.socket, self.uid, op, "protocol=https", f"host={host}", *more)
        assert answer is not None and "error" not in answer, answer
        return answer

    def store(self, host, value):
        self._do(host, value, "store",
                 lambda: self._line("store", host, "username=bot", f"password={value}"))

    def erase(self, host):
        self._do(host, None, "erase", lambda: self._line("erase", host, "username=bot"))

    def release(self, host):
        self._do("", None, "release", lambda: self._line("get", host))

    def _told(self, name, secret, event, *arguments):
        """By patctl; `secret`: what it kills."""
        made = self._do(f"token {name}", None, event, lambda: self.patctl(*arguments))
        assert made.status == 0, made
        begun, ended, _, _, _ = self.done.pop()
        if secret:
            self.done.append(Done(begun, ended, secret, "dead", event))
            event = None
        if made.secret:
            self.done.append(Done(begun, ended, made.secret, "alive", event))
        return made.secret

    def _as_root(self, event, *arguments, host=""):
        """`host`: nothing lives there any more."""
        done = self._do(host, None, event,
                        lambda: self.patctl("admin", *arguments, answers=(), user=None))
        assert done.status == 0, done

    def back_up(self, number):
        path = f"{PLAY}/{number}.backup"
        self._as_root("backup", "backup", path)
        return path

    def restore(self, path, values, *options):
        """Afterwards the hosts have these values."""
        self._as_root("restore", "restore", path, *options)
        begun, ended = self.done[-1][:2]
        self.done += [Done(begun, ended, host, value, None) for host, value in values.items()]

    def _token_at(self, host):
        tokens = json.loads(self.patctl("--json", "list", answers=()).output)
        (token,) = [token["id"] for token in tokens if f"https://{host}" in token["targets"]]
        return token

    def values(self):
        """What gets would give now."""
        last = {done.host: done.value for done in self.done if done.host and "." in done.host}
        return {host: value for host, value in last.items() if value}

    def begin_anew(self):
        """With an empty store, and the key of before."""
        await_step_up()  # which may still have been told of the last image
        self.own.put({})
        put_witness(None)
        self.done, self.witnesses, self._log_name = [], [], "/disk-log-2"
        self.start()

    def live(self, number):
        first, second = f"a{number}.example", f"b{number}.example"
        name = f"token-{number}"
        self.store(first, f"one-{number}")
        self.store(second, f"two-{number}")
        self.store(first, f"three-{number}")
        for more in range(2):  # the file grows, which its header says
            self.store(f"c{number}-{more}.example", "x" * 3000)
        self.release(first)
        self.erase(second)
        old = self._told(name, None, "create", "create", name, "-p", "vcs:repository:rw", "-t",
                         f"https://{name}.example")
        new = self._told(name, old, "regenerate", "regenerate", name)
        for _ in range(10):
            self.release(first)
        if number % 2:
            self._told(name, new, "delete", "delete", name)
        token, backup = self._token_at(first), self.back_up(number)
        self._as_root("delete", "revoke", "alice", token, "--yes", host=first)
        self.restore(backup, {first: f"three-{number}"}, "--accept-rollback", token, "--keep-dead")
        self._as_root("rotate-key", "rotate-key")
        self.own.stop()
        self.start()

    def steps(self):
        with open(self._log, "rb") as file:
            data = file.read()
        place, steps = 0, []
        while place < len(data):
            kind, at, size, name = RECORD.unpack_from(data, place)
            place += RECORD.size
            bytes_ = data[place:place + size]
            place += size
            steps.append(Step(place, kind, name.rstrip(b"\0").decode(), at, bytes_))
        return steps


class File:
    """What is on disk of it, and what was written since."""

    def __init__(self):
        self.kept, self.loose = bytearray(), []


class Disk:
    """What is written and on disk at a moment: files, and their names, which the disk has for sure
    when the folder was synced, in whatever way a file was."""

    def __init__(self):
        self.names, self.kept_names, self.loose_names = {}, {}, []

    def apply(self, step):
        if step.kind in (CREATE, UNLINK, RENAME):
            made = File() if step.kind == CREATE else self.names.get(step.name)
            self.loose_names.append((step, made))
            rename(self.names, step, made)
        elif step.kind == SYNC_NAMES:
            for done, file in self.loose_names:
                if done.end <= step.at:
                    rename(self.kept_names, done, file)
            self.loose_names = [pair for pair in self.loose_names if pair[0].end > step.at]
        elif step.name in self.names:  # one without a name is gone
            file = self.names[step.name]
            if step.kind == SYNC:
                for write in [write for write in file.loose if write.end <= step.at]:
                    change(file.kept, write)
                file.loose = [write for write in file.loose if write.end > step.at]
            else:
                file.loose.append(step)

    def image(self, way, names_way, chance):
        """The files as both ways leave them."""
        names = dict(self.kept_names)
        for step, file in names_way(list(self.loose_names), chance):
            rename(names, step, file)
        files = {}
        for name, file in names.items():
            files[name] = bytearray(file.kept)
            for step in way(list(file.loose), chance):
                change(files[name], step)
        return files


def rename(names, step, file):
    """What a step does to the names; it may come without those before it."""
    if step.kind == CREATE:
        names[step.name] = file
    elif names.get(step.name) is file:
        del names[step.name]
    if step.kind == RENAME:
        names[step.data.decode()] = file


def change(content, step):
    if step.kind == CUT:
        del content[step.at:]
        content.extend(bytes(step.at - len(content)))
    else:
        content.extend(bytes(max(0, step.at - len(content))))
        content[step.at:step.at + len(step.data)] = step.data


def torn(steps, chance, unit, last=None):
    """Up to one of the writes, of which only a part is there; `last` of that part is garbage."""
    writes = [number for number, step in enumerate(steps) if step.kind == WRITE]
    if not writes:
        return steps
    # A file's header, too, which is seldom among them.
    headers = [number for number in writes if steps[number].at == 0]
    number = chance.choice(headers if headers and last == "first" else writes)
    step = steps[number]
    ends = [end for end in range(step.at - step.at % unit + unit, step.at + len(step.data), unit)]
    end = chance.choice([*ends, step.at + len(step.data)]) - step.at
    data = step.data[:end]
    if last == "first":
        data = chance.randbytes(min(SECTOR, end)) + data[SECTOR:]
    elif last == "last":
        data = data[:max(0, end - SECTOR)] + chance.randbytes(min(SECTOR, end))
    return [*steps[:number], step._replace(data=data)]


WAYS = {
    "nothing": lambda steps, chance: [],
    "everything": lambda steps, chance: steps,
    "some": lambda steps, chance: [step for step in steps if chance.random() < 0.5],
    "reordered": lambda steps, chance: steps[chance.randrange(len(steps)):] if steps else [],
    "torn sector": lambda steps, chance: torn(steps, chance, SECTOR),
    "torn page": lambda steps, chance: torn(steps, chance, PAGE),
    "last sector garbage": lambda steps, chance: torn(steps, chance, SECTOR, "last"),
    "first sector garbage": lambda steps, chance: torn(steps, chance, SECTOR, "first"),
}


# What the disk has of names since the folder was synced.
NAMES_WAYS = {
    "all names": lambda steps, chance: steps,
    "no names": lambda steps, chance: [],
    "the first names": lambda steps, chance: steps[:chance.randrange(len(steps) + 1)],
    "some names": lambda steps, chance: [step for step in steps if chance.random() < 0.5],
}


class Images:
    def __init__(self, life):
        self._life, self._own = life, life.own
        self._steps = life.steps()
        self.faults, self.seen = [], Counter()

    def expected(self, moment):
        """By host or secret: what may be there."""
        found = {}
        for done in sorted(self._life.done, key=lambda done: done.begun):
            if done.begun >= moment or not done.host:
                continue
            before = found.get(done.host, {None if "." in done.host else "dead"})
            found[done.host] = {done.value} if done.ended <= moment else before | {done.value}
        return found

    def witness_at(self, moment):
        return next((text for at, text in reversed(self._life.witnesses) if at <= moment), None)

    def try_all(self, count, seed):
        """So many images, at moments that are spread over the life."""
        chance, disk, done = random.Random(seed), Disk(), 0
        moments = sorted(chance.choices(self._moments(), k=count))
        for step in self._steps:
            while done < count and moments[done] < step.end:
                self.try_one(moments[done], disk, chance)
                done += 1
            disk.apply(step)
        for moment in moments[done:]:
            self.try_one(moment, disk, chance)
        return disk

    def check_all(self, count, seed):
        there = {name for name in os.listdir(self._own.folder("/state")) if "-shm" not in name}
        disk = self.try_all(count, seed)
        assert set(disk.names) == there, (disk.names, there)  # all is seen that changes a name

    def _moments(self):
        """Before and after each sync, and as many others; and as many where names are loose."""
        ends = [step.end for step in self._steps]
        syncs = [moment for before, step in zip(self._steps, self._steps[1:])
                 if step.kind in (SYNC, SYNC_NAMES) for moment in (before.end, step.end)]
        chance = random.Random(len(ends))
        return [*syncs, *chance.choices(ends, k=len(syncs)),
                *chance.choices(self._where_names_are_loose(), k=len(syncs))]

    def _where_names_are_loose(self):
        loose, moments = [], []
        for step in self._steps:
            if step.kind in (CREATE, UNLINK, RENAME):
                loose.append(step.end)
            elif step.kind == SYNC_NAMES:
                loose = [end for end in loose if end > step.at]
            if loose:
                moments.append(step.end)
        return moments

    def try_one(self, moment, disk, chance):
        way, names_way = chance.choice(list(WAYS)), chance.choice(list(NAMES_WAYS))
        files = disk.image(WAYS[way], NAMES_WAYS[names_way], chance)
        self.seen[way] += 1
        if disk.loose_names:
            self.seen[f"with {names_way}"] += 1
        self.faults += [f"{way}, {names_way} at {moment}: {fault}"
                        for fault in self._faults(moment, files)]

    def _faults(self, moment, files):
        self._own.kill()
        await_step_up()  # which may still have been told of the last image
        self._own.put(files)
        put_witness(self.witness_at(moment))
        try:
            self._own.start()
        except ConnectionError:
            yield f"it does not start: {self._own.last_words()[-300:]}"
            return
        left = [name for name in os.listdir(self._own.folder("/state")) if ".tmp" in name]
        if left:
            yield f"{', '.join(left)}: left of a backup or a restore"
        if self._own.said("did not give the witness"):
            yield "its witness is not compared"
        for host, values in self.expected(moment).items():
            got = self._get(host)
            if got not in values:
                yield f"{host} is {got}, not one of {values}"
        self._own.kill()
        yield from self._faults_of_log(moment)

    def _get(self, host):
        if "." in host:
            answer = ask_as(self._own.socket, self._life.uid, "get", "protocol=https",
                            f"host={host}")
            return answer.get("error", answer.get("password"))
        answer = ask_as(self._own.socket, 0, "verify", f"token={host}")
        return "alive" if answer.get("valid") == "1" else "dead"

    def _faults_of_log(self, moment):
        """Each acknowledged change, none twice, and of what was begun no more than that."""
        with contextlib.closing(sqlite3.connect(f"{self._own.folder('/state')}/audit.db")) as log:
            whole = log.execute("PRAGMA integrity_check").fetchone()[0]
            events = Counter(row[0] for row in log.execute(
                "SELECT event FROM event WHERE outcome IN ('ok', 'begun')"))
        if whole != "ok":
            yield f"the audit log: {whole}"
        for event in {done.event for done in self._life.done} - {None}:
            of_it = [done for done in self._life.done if done.event == event]
            fewest, many = EVENTS.get(event, (1, 1))
            least = fewest * sum(done.ended <= moment for done in of_it)
            most = many * sum(done.begun < moment for done in of_it)
            if event == "release":  # those of the looks after the start too
                most += len(self.expected(moment))
            if not least <= events[event] <= most:
                yield f"{events[event]} of {event} are in the log, not {least} to {most}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("library")
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=21)
    options = parser.parse_args()
    life = Recorded(options.library)
    for number in range(LIVES):
        life.live(number)
    backup, values = life.back_up(LIVES), life.values()
    life.own.stop()
    after_lives = Images(life)
    after_lives.check_all(options.images, options.seed)
    life.begin_anew()
    life.restore(backup, values)
    life.own.stop()
    after_loss = Images(life)
    after_loss.check_all(options.images // 10, options.seed)
    life.end()
    faults = after_lives.faults + after_loss.faults
    for fault in faults:
        print(fault)
    seen = after_lives.seen + after_loss.seen
    print(", ".join(f"{count} {way}" for way, count in sorted(seen.items())))
    tried = sum(seen[way] for way in WAYS)
    print(f"{tried} images, {len(faults)} faults")
    return 1 if faults or tried < options.images else 0


if __name__ == "__main__":
    sys.exit(main())
