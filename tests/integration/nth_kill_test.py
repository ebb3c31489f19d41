# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""patd is killed (SIGKILL) before each message that it takes or sends on the bus, the line socket
or to patd-auth, and before each write and sync, in every operation and in a start: what was
acknowledged is there, what is dead stays dead, what was not acknowledged is there as a whole or not
at all, no token lives that nobody saw, and nothing looks like a rollback. Runs inside of
tools/play.sh, as root.
nth_kill_test.py FAIL_NTH [--most N] [--rounds N] [--operations NAME,...]"""
# Rows R1, R2, S8.
import argparse
import contextlib
import inspect
import json
import os
import pwd
import signal
import subprocess
import sys
import time

from failures import KILLED, KINDS, NONE, calls_of
from nth_failure_bus_test import ALIVE, ATTEMPTS, DEAD, PASSWORD, BusLife
from own_patd import PLAY, ask_as, await_step_up

KINDS_OF_MOMENT = ("recv", "send", "write", "fdatasync")
OTHER_PASSWORD = "the other one of this test"
TOKENS = 600  # an owner may have a thousand, and an operation make some hundreds
PERMISSION, NARROW = "vcs:repository:rw", "vcs:repository:ro"


def change_stored(life, op, password, made):
    """`op` with `password` makes of a stored "the first" `made`, or leaves it as it is."""
    host = f"{life.name()}.example"
    place = ("protocol=https", f"host={host}", "username=bot")
    life.line("store", *place, "password=the first")
    yield
    answer = life.line(op, *place, f"password={password}")
    yield
    got = life.get(host)
    if got not in ("the first", made) or (answer == {} and got != made):
        life.wrong(f"{answer}, and then {got}")
    life.imported[host] = got


class Operations(BusLife):
    """Each is prepared until its first `yield`; then patd may be killed in what is done until the
    second one; after that a new patd runs, and it is looked at. What is wrong is said."""

    def __init__(self, library):
        self.imported = {}  # by host: secrets of which get gives one; None: nothing
        super().__init__(library)
        self.uid = pwd.getpwnam("alice").pw_uid
        self._names = 0

    # What they are made of.

    def name(self):
        self._names += 1
        return f"k{self._names}"

    def as_root(self, *arguments):
        return self.patctl(*arguments, answers=(), user=None)

    def wrong(self, what):
        self.faults.append(what)

    def line(self, op, *attributes, uid=None):
        with contextlib.suppress(OSError):
            return ask_as(self.own.socket, self.uid if uid is None else uid, op, *attributes)
        return None

    def get(self, host):
        return (self.line("get", "protocol=https", f"host={host}") or {}).get("password")

    def tokens(self):
        return {token["id"]: token
                for token in json.loads(self.patctl("--json", "list", answers=()).output)}

    def listed(self, name):
        return [token for token in self.tokens().values() if token["description"] == name]

    def is_valid(self, secret):
        return bool(secret) and self.line("verify", f"token={secret}").get("valid") == "1"

    def settle(self, secret, alive):
        """From now on it is so."""
        self.expect(secret, ALIVE if alive else DEAD)

    def issue(self):
        name = self.name()
        made = self.patctl("create", name, "-p", PERMISSION, "-t", f"https://{name}.example")
        assert made.status == 0, made
        self.settle(made.secret, True)
        return name, made.secret

    def give(self, owner="alice"):
        """Root imports one; its host and id."""
        host = f"{self.name()}.example"
        path = f"{PLAY}/secret"
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"secret of {host}\n")
        with open(path, encoding="utf-8") as file:
            done = subprocess.run(
                ["patctl", "--json", "admin", "import", host, "--owner", owner, "-t",
                 f"https://{host}", "-u", "bot", "--secret-fd", str(file.fileno())],
                pass_fds=[file.fileno()], check=False, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, text=True, env=self.environment())
        return host, json.loads(done.stdout)["id"] if done.returncode == 0 else None

    def secret_of(self, host):
        return f"secret of {host}"

    # The operations.

    def create(self):
        name = self.name()
        yield
        made = self.patctl("create", name, "-p", PERMISSION, "-t", f"https://{name}.example")
        yield made
        is_listed, is_valid = bool(self.listed(name)), self.is_valid(made.secret)
        if is_listed != is_valid or (made.status == 0 and not is_valid):
            self.wrong(f"{made}, and then it is listed: {is_listed}, and valid: {is_valid}")
        self.settle(made.secret, is_valid)

    def regenerate(self):
        name, old = self.issue()
        yield
        made = self.patctl("regenerate", name)
        yield made
        valid = [secret for secret in (old, made.secret) if self.is_valid(secret)]
        if len(valid) != 1 or (made.status == 0 and valid != [made.secret]):
            self.wrong(f"{made}, and then {len(valid)} of both are valid")
        for secret in (old, made.secret):
            self.settle(secret, secret in valid)

    def edit(self):
        name, secret = self.issue()
        changed = f"{name} is another"
        yield
        done = self.patctl("edit", name, "-d", changed, "-p", NARROW, "--no-targets")
        yield done
        are = [(token["description"], token["permissions"], len(token["targets"]))
               for token in self.listed(name) + self.listed(changed)]
        after = (changed, [NARROW], 0)
        if are not in ([(name, [PERMISSION], 1)], [after]) or (done.status == 0 and are != [after]):
            self.wrong(f"{done}, and then it is {are}")
        if not self.is_valid(secret):
            self.wrong("an edited token is lost")

    def delete(self):
        given = [self.issue(), self.issue()]
        yield
        done = self.patctl("delete", *[name for name, _ in given])
        yield done
        self._look_at_deleted(done, given)

    def revoke(self):
        given = [self.issue()]
        yield
        done = self.as_root("admin", "revoke", "alice", given[0][0], "--yes")
        yield done
        self._look_at_deleted(done, given)

    def _look_at_deleted(self, done, given):
        for name, secret in given:
            is_listed, is_valid = bool(self.listed(name)), self.is_valid(secret)
            if is_listed != is_valid or (done.status == 0 and is_valid):
                self.wrong(f"{done}, and then it is listed: {is_listed}, and valid: {is_valid}")
            self.settle(secret, is_valid)

    def remove_all(self):
        given = [self.issue(), self.issue()]
        before = set(self.tokens())
        yield
        done = self.patctl("remove-all", "--yes")
        yield done
        left = set(self.tokens())
        if left not in (set(), before) or (done.status == 0 and left):
            self.wrong(f"{done}, and then {len(left)} of {len(before)} are left")
        if not left:
            for secret in [secret for secret, alive in self.known.items() if alive == ALIVE]:
                self.settle(secret, False)
            self.imported = dict.fromkeys(self.imported)
        for _, secret in given:
            if self.is_valid(secret) != bool(left):
                self.wrong("what is listed and what is valid differ")

    def lock(self):
        yield
        done = self.patctl("lock", answers=())
        yield done
        is_locked = self._is_locked()
        if done.status == 0 and not is_locked:
            self.wrong("an acknowledged lock is lost")
        if is_locked and self.patctl("unlock").status != 0:
            self.wrong("it cannot be unlocked")

    def unlock(self):
        assert self.patctl("lock", answers=()).status == 0
        yield
        done = self.patctl("unlock")
        yield done
        if self._is_locked():
            if done.status == 0:
                self.wrong("an acknowledged unlock is lost")
            assert self.patctl("unlock").status == 0

    def _is_locked(self):
        return json.loads(self.patctl("--json", "status", answers=()).output)["locked"]

    def open_one(self):
        name, secret = self.issue()
        assert self.patctl("edit", name, "--confirm", "always").status == 0
        yield
        done = self.patctl("unlock", name, "--for", "5m")
        yield done
        if not self.is_valid(secret):
            self.wrong("a token that was opened is lost")

    def passwd(self):
        yield
        done = self.patctl("passwd", answers=(PASSWORD, OTHER_PASSWORD, OTHER_PASSWORD))
        yield done
        self._look_at_passwords(done)

    def admin_passwd(self):
        yield
        done = self.patctl("admin", "passwd", "alice", answers=(OTHER_PASSWORD,) * 2, user=None)
        yield done
        self._look_at_passwords(done)

    def _look_at_passwords(self, done):
        valid = [password for password in (PASSWORD, OTHER_PASSWORD) if self._is_password(password)]
        if len(valid) != 1 or (done.status == 0 and valid != [OTHER_PASSWORD]):
            self.wrong(f"{done}, and then {len(valid)} of both are valid")
        if valid != [PASSWORD]:
            set_back = self.patctl("admin", "passwd", "alice", answers=(PASSWORD,) * 2, user=None)
            assert set_back.status == 0, set_back

    def _is_password(self, password):
        answer = self.line("check", "user=alice", f"password={password}", uid=0)
        return answer.get("valid") == "1"

    def admin_import(self):
        yield
        host, token = self.give()
        yield
        self._look_at_imported([host], token is not None)

    def import_many(self):
        hosts = [f"{self.name()}.example" for _ in range(3)]
        path = f"{PLAY}/credentials"
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(f"https://bot:of-{host}@{host}\n" for host in hosts)
        yield
        done = self.patctl("import", "--from", path, "--format", "git")
        yield done
        got = [self.get(host) for host in hosts]
        whole = [f"of-{host}" for host in hosts]
        if got not in (whole, [None] * 3) or (done.status == 0 and got != whole):
            self.wrong(f"{done}, and then {got}")
        self.imported |= {host: secret for host, secret in zip(hosts, got) if secret}

    def _look_at_imported(self, hosts, was_told):
        for host in hosts:
            secret = self.get(host)
            if secret not in (self.secret_of(host), None) or (was_told and secret is None):
                self.wrong(f"imported, told: {was_told}, and then {secret}")
            self.imported[host] = secret

    def quarantine(self):
        name, token = self._of_an_account_that_is_gone()
        yield
        done = self.as_root("admin", "check-owners")
        yield done
        state = self._state_of(name, token)
        if state not in ("active", "quarantined") or (done.status == 0 and state == "active"):
            self.wrong(f"{done}, and then it is {state}")

    def reinstate(self):
        name, token = self._of_an_account_that_is_gone()
        uid = self._gone
        # One that a killed patctl asked for may be under way, and then there is no second.
        end = time.monotonic() + 60
        while (done := self.as_root("admin", "check-owners")).status != 0:
            assert time.monotonic() < end, done
        self._account("useradd", "--no-log-init", "-M", "-u", str(uid), name)
        yield
        done = self.as_root("admin", "reinstate", name, token)
        yield done
        state = self._state_of(name, token)
        if state not in ("active", "quarantined") or (done.status == 0 and state != "active"):
            self.wrong(f"{done}, and then it is {state}")
        self._account("userdel", name)

    def _of_an_account_that_is_gone(self):
        name = self.name()
        self._account("useradd", "--no-log-init", "-M", name)
        self._gone = pwd.getpwnam(name).pw_uid
        _, token = self.give(name)
        self._account("userdel", name)
        return name, token

    @staticmethod
    def _account(*command):
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)

    def _state_of(self, name, token):
        told = json.loads(self.as_root("--json", "admin", "list").output)
        states = [one["state"] for one in told if one["id"] == token]
        return states[0] if len(states) == 1 else f"{name}'s is there {len(states)} times"

    def backup(self):
        name, secret = self.issue()
        path = f"{PLAY}/{name}.backup"
        yield
        done = self.as_root("admin", "backup", path)
        yield done
        if done.status == 0:
            restored = self.as_root("admin", "restore", path, "--keep-dead")
            if restored.status != 0:
                self.wrong(f"what was backed up is not restored: {restored}")
        if not self.is_valid(secret):
            self.wrong("a token that was backed up is lost")

    def restore(self):
        (revived, token), (_, dead) = self.give(), self.issue()
        path = f"{PLAY}/{revived}.backup"
        assert self.as_root("admin", "backup", path).status == 0
        assert self.as_root("admin", "revoke", "alice", token, "--yes").status == 0
        assert self.patctl("delete", self._description_of(dead)).status == 0
        self.settle(dead, False)
        yield
        done = self.as_root("admin", "restore", path, "--accept-rollback", token, "--keep-dead")
        yield done
        self._look_at_imported([revived], done.status == 0)

    def _description_of(self, secret):
        """A secret's second part is its token's id."""
        return self.tokens()[secret.split("_")[1]]["description"]

    def rotate_key(self):
        yield
        yield self.as_root("admin", "rotate-key")

    def rotate_master_key(self):
        path = f"{PLAY}/{self.name()}.recovery"
        yield
        yield self.as_root("admin", "rotate-key", "--master", path)

    def export_key(self):
        path = f"{PLAY}/{self.name()}.recovery"
        yield
        yield self.as_root("admin", "export-key", path)

    def accept_clock(self):
        yield
        yield self.as_root("admin", "accept-clock")

    def accept_rollback(self):
        """The store of before a revocation was put back."""
        name, doomed = self.issue()
        self.own.stop()
        self.own.keep_state()
        self.start()
        assert self.as_root("admin", "revoke", "alice", name, "--yes").status == 0
        self.own.stop()
        self.own.put_state_back()
        self.start()
        if self.line("verify", f"token={doomed}").get("valid") == "1":
            self.wrong("what was put back is served")
        yield
        done = self.as_root("admin", "accept-rollback", "--keep-dead")
        yield done
        if self._is_rolled_back():
            if done.status == 0:
                self.wrong("root's word is lost")
            assert self.as_root("admin", "accept-rollback", "--keep-dead").status == 0
        if self._is_locked():
            self.wrong("an unlocked owner is locked again")
            self.patctl("unlock")
        self.settle(doomed, False)

    def _is_rolled_back(self):
        return json.loads(self.as_root("--json", "status").output)["rolled_back"]

    def expose(self):
        host, token = self.give()
        self.imported[host] = self.secret_of(host)
        folder = f"{PLAY}/home/{host}"
        os.mkdir(folder, 0o755)
        os.chown(folder, self.uid, -1)
        yield
        yield self.patctl("expose", folder, "--only", token, answers=())
        if json.loads(self.patctl("--json", "status", answers=()).output)["exposures"] != 0:
            self.wrong("an exposure outlives its patd")

    def read(self):
        name, secret = self.issue()
        yield
        yield [self.patctl(*command, answers=()) for command in (
            ("list",), ("show", name), ("status",), ("permissions",), ("audit",),
            ("explain", f"https://{name}.example"))]
        if not self.is_valid(secret):
            self.wrong("a token that was read is lost")

    def store(self):
        yield from change_stored(self, "store", "the second", "the second")

    def erase(self):
        yield from change_stored(self, "erase", "the first", None)

    def release(self):
        """A child, what verifies it, and a password that is checked."""
        name, _ = self.issue()
        host = f"{name}.example"
        yield
        child = self.get(host)
        told = self.line("verify", f"token={child}") if child else None
        self.line("capability")
        self.line("check", "user=alice", "password=a wrong one", uid=0)
        yield
        if child and not self.is_valid(child):
            self.wrong(f"a child that was released is not valid; it was {told}")

    def start_again(self):
        yield
        self.own.kill()
        with contextlib.suppress(ConnectionError):
            self.start()
        yield


OPERATIONS = tuple(name for name, value in vars(Operations).items()
                   if inspect.isgeneratorfunction(value))


class Killing(Operations):
    def __init__(self, library):
        super().__init__(library)
        self.kills = self.ends = 0

    def fresh(self):
        """A new patd, wherever the last one was; whether a signal other than ours ended it."""
        status = self.own.kill()
        if status not in (None, 0, -signal.SIGKILL):
            self.wrong(f"it ended as {status}")
        await_step_up()
        if os.path.exists(ATTEMPTS):  # what was charged for an answer that got lost
            os.unlink(ATTEMPTS)
        self.start()

    def play(self, name, kind=NONE, nth=0):
        """One operation in which it is killed there, or at its end. Returns the calls it took."""
        known = len(self.faults)
        operation = getattr(self, name)()
        next(operation)
        self.failures.choose(kind, nth, KILLED)
        next(operation)
        was_killed, counts = self.failures.failed() > 0, self.failures.counts()
        self.failures.choose(NONE)
        self.kills += was_killed
        self.ends += not was_killed
        self.fresh()
        for _ in operation:
            pass
        moment = f"{KINDS[kind]} {nth}" if kind != NONE else "its end"
        self.faults[known:] = [f"{name}, killed at {moment}: {fault}"
                               for fault in self.faults[known:]]
        return counts

    def look_at_all(self, when):
        """What was acknowledged in any operation before."""
        for secret, alive in self.known.items():
            if self.is_valid(secret) != (alive == ALIVE):
                self.wrong(f"{when}: what must be {alive} is not")
        for host, secret in self.imported.items():
            if self.get(host) != secret:
                self.wrong(f"{when}: {host} gives {self.get(host)}, not {secret}")
        if self._is_rolled_back():
            self.wrong(f"{when}: it looks like a rollback")

    def kill_in(self, name, most):
        if len(self.tokens()) > TOKENS:
            self.play("remove_all")
        counts = self.play(name)
        moments = [(KINDS.index(kind), nth) for kind in KINDS_OF_MOMENT
                   for nth in calls_of(counts[kind], most)]
        for kind, nth in moments:
            self.play(name, kind, nth)
        self.look_at_all(f"after {name}")
        print(f"{name:18} {sum(counts[kind] for kind in KINDS_OF_MOMENT):4} moments, "
              f"{len(moments):4} of them tried", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("library")
    parser.add_argument("--most", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--operations", type=lambda text: text.split(","), default=OPERATIONS)
    options = parser.parse_args()
    life = Killing(options.library)
    for _ in range(options.rounds):
        for name in options.operations:
            life.kill_in(name, options.most)
    life.look_at_all("at the end")
    life.end()
    for fault in life.faults:
        print(fault)
    print(f"{life.kills} kills in {len(options.operations)} operations, {life.ends} at their ends, "
          f"{len(life.known) + len(life.imported)} secrets, {len(life.faults)} faults")
    return 1 if life.faults or life.kills == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
