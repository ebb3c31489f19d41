# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Conversations with a patd-auth, or a patd-enroll, whose n-th call of one kind fails (fail_nth.c),
or from then on every one: it does not crash, grants nothing to a wrong password, charges a guess
before it says so, and leaves the old password or the new one, and a next conversation that works.
Runs inside of tools/play.sh, as root.
nth_failure_auth_test.py FAIL_NTH [--most N] [--kinds KIND,...]"""
# Row D18: malloc is one of them.
import argparse
import contextlib
import os
import pwd
import shutil
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile

from failures import KINDS, NONE, Failures, calls_of
from own_patd import PLAY

SECONDS = 60
HEAD = struct.Struct("!cH")
OLD, NEW, WRONG = "the old one of this test", "the new one of this test", "a wrong one"
CALLER = 54321  # who asks has his own bucket
REFUSALS = ("WrongPassword", "Unavailable", "Internal", "AccessDenied", "Cancelled",
            "NoServicePassword", "PasswordNotAccepted")


class Authenticator:
    """patd-auth and patd-enroll on a state of their own, with a failure for either."""

    def __init__(self, library):
        self.failures, self.faults, self.failed = Failures(library), [], 0
        self._folder = tempfile.mkdtemp(dir=PLAY)
        os.chmod(self._folder, 0o755)
        account = pwd.getpwnam("patd-auth")
        self._state = f"{self._folder}/state"
        os.mkdir(self._state, 0o700)
        os.chown(self._state, account.pw_uid, account.pw_gid)
        os.mkdir(f"{self._folder}/pam.d")
        module = f"{PLAY}/lib/pam_pat.so password backend=file cost=1 state_directory={self._state}"
        for service in ("patd", "patd-enroll"):
            with open(f"{self._folder}/pam.d/{service}", "w", encoding="utf-8") as file:
                file.writelines(f"{kind} required {module}\n"
                                for kind in ("auth", "account", "password"))
        # As root the module would write what patd-auth could not read.
        self._become = ("setpriv", "--reuid=patd-auth", "--regid=patd-auth", "--clear-groups",
                        "--no-new-privs", "--")
        self.prompts = 0

    def converse(self, op, *answers):
        """(the last frame as text, None if there was none; the exit status)."""
        program, before = ("patd-enroll", ()) if op == "admin" else ("patd-auth", self._become)
        near, far = socket.socketpair()
        with near, open(f"{self._folder}/log", "ab") as log:
            near.settimeout(SECONDS)
            with far:
                process = subprocess.Popen(
                    [*before, *self.failures.environment(), f"{PLAY}/sbin/{program}",
                     "--state-dir", self._state, "--pam-confdir", f"{self._folder}/pam.d",
                     "--auth-user", "patd-auth"], stdin=far, stdout=far, stderr=log)
            last = None
            with contextlib.suppress(OSError):
                last = self._talk(near, op, list(answers))
        return last, process.wait(timeout=SECONDS)

    @staticmethod
    def _talk(near, op, answers):
        def send(kind, text):
            near.sendall(HEAD.pack(kind, len(text)) + text.encode())
        send(b"B", f"op={op}\ncaller={0 if op == 'admin' else CALLER}\nuid=1\nuser=daemon\n")
        with near.makefile("rb") as frames:
            while len(head := frames.read(HEAD.size)) == HEAD.size:
                kind, size = HEAD.unpack(head)
                text = frames.read(size).decode()
                if kind in b"SV":
                    send(b"A", answers.pop(0))
                elif kind in b"GR":
                    return f"{kind.decode()}:{text}"
        return None

    def guesses(self):
        """How many failures of CALLER the lockout has on disk."""
        with contextlib.closing(sqlite3.connect(f"{self._state}/attempts.db")) as attempts:
            rows = attempts.execute("SELECT failures FROM attempts WHERE caller = ?", (CALLER,))
            return sum(row[0] for row in rows)

    def forget_guesses(self):
        for name in os.listdir(self._state):
            if name.startswith("attempts"):
                os.unlink(f"{self._state}/{name}")

    def set(self, password):
        last, status = self.converse("admin", password, password)
        assert (last, status) == ("G:", 0), (last, status)

    def accepts(self, password):
        self.forget_guesses()
        return self.converse("authenticate", password)[0] == "G:"

    def remove(self):
        shutil.rmtree(self._folder)

    # What is done with one failure, and what must then hold; the faults.

    def guess(self):
        self.forget_guesses()
        last, status = self.converse("authenticate", WRONG)
        self.end()
        if last == "G:":
            yield "a wrong password is granted"
        if last == "R:WrongPassword" and self.guesses() != 1:
            yield f"it says that it was wrong, and has charged {self.guesses()}"
        yield from self._in_order(last, status)

    def prove(self):
        self.forget_guesses()
        last, status = self.converse("authenticate", OLD)
        self.end()
        if last == "R:WrongPassword":
            yield "the right password is called wrong"
        yield from self._in_order(last, status)

    def change(self):
        yield from self._replace("change", OLD, NEW, NEW)

    def admin(self):
        yield from self._replace("admin", NEW, NEW)

    def _replace(self, op, *answers):
        self.forget_guesses()
        last, status = self.converse(op, *answers)
        self.end()
        accepted = [password for password in (OLD, NEW) if self.accepts(password)]
        if accepted not in ([OLD], [NEW]) or (last == "G:" and accepted != [NEW]):
            yield f"{last}, and then it accepts {accepted}"
        if accepted != [OLD]:
            self.set(OLD)
        yield from self._in_order(last, status)

    def end(self):
        self.failed += self.failures.failed()
        self.failures.choose(NONE)

    def _in_order(self, last, status):
        if status < 0:
            yield f"it ended by signal {-status}"
        if last is not None and last != "G:" and last.removeprefix("R:") not in REFUSALS:
            yield f"it says {last}"
        if not self.accepts(OLD):
            yield "the next conversation is no better"

    def fail_each(self, name, most, kinds):
        operation = getattr(self, name)
        self.failures.choose(NONE)
        counts = {}
        self.end = lambda: counts.update(self.failures.counts())
        faults = list(operation())
        del self.end
        assert not faults and counts, faults
        for kind in kinds:
            chosen = calls_of(counts[kind], most)
            for nth, stays in ((nth, stays) for nth in chosen for stays in (False, True)):
                self.failures.choose(KINDS.index(kind), nth, stays)
                more = " and on" if stays else ""
                self.faults += [f"{name}, {kind} {nth}{more}: {fault}" for fault in operation()]
            print(f"{name:10} {kind:10} {counts[kind]:6} calls, {len(chosen):6} of them failed",
                  flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("library")
    parser.add_argument("--most", type=int, default=6)
    parser.add_argument("--kinds", type=lambda text: text.split(","), default=KINDS)
    options = parser.parse_args()
    service = Authenticator(options.library)
    service.set(OLD)
    for name in ("guess", "prove", "change", "admin"):
        service.fail_each(name, options.most, options.kinds)
    service.remove()
    for fault in service.faults:
        print(fault)
    print(f"{service.failed} failures, {len(service.faults)} faults")
    return 1 if service.faults or service.failed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
