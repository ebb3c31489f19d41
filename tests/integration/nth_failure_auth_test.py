# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Conversations with a patd-auth, a patd-enroll or a patd-counter, whose n-th call of one kind
fails (fail_nth.c), or from then on every one, or which is killed before it: it does not crash,
grants nothing to a wrong password, charges a guess before it says so, counts on from there, leaves
the old password or the new one, the old witness or the new one, the TPM's count or the next one,
and a next conversation that works.
Runs inside of tools/play.sh, as root.
nth_failure_auth_test.py FAIL_NTH [--most N] [--kinds KIND,...] [--kill]"""
# Rows D18 (malloc is one of them) and S8.
import argparse
import contextlib
import os
import pwd
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile

from failures import KILLED, KINDS, NONE, ONCE, STAYS, Failures, calls_of
from own_patd import PLAY

SECONDS = 60
HEAD = struct.Struct("!cH")
OLD, NEW, WRONG = "the old one of this test", "the new one of this test", "a wrong one"
CALLER = 54321  # who asks has his own bucket
REFUSALS = ("WrongPassword", "Unavailable", "Internal", "AccessDenied", "Cancelled",
            "NoServicePassword", "PasswordNotAccepted")
# Each replaces its file by a new one at once; no other may be left.
FILES = {"attempts", "1", "hash-cost", "hashing.0", "hashing.1", "witness", "witness.lock"}
WAYS = {ONCE: "", STAYS: " and on", KILLED: ", killed"}


class Authenticator:
    """patd-auth and patd-enroll on a state of their own, with a failure for either."""

    def __init__(self, library):
        self.failures, self.faults, self.failed, self.kills = Failures(library), [], 0, 0
        self._folder = tempfile.mkdtemp(dir=PLAY)
        os.chmod(self._folder, 0o755)
        account = pwd.getpwnam("patd-auth")
        self._state = f"{self._folder}/state"
        os.mkdir(self._state, 0o700)
        os.chown(self._state, account.pw_uid, account.pw_gid)
        os.mkdir(f"{self._folder}/pam.d")
        module = f"{PLAY}/lib/pam_pat.so password backend=file cost=1 state_directory={self._state}"
        for service, does in (("patd", module), ("patd-enroll", "pam_permit.so")):
            with open(f"{self._folder}/pam.d/{service}", "w", encoding="utf-8") as file:
                file.writelines(f"{kind} required {does}\n"
                                for kind in ("auth", "account", "password"))
        # As root the module would write what patd-auth could not read.
        self._become = ("setpriv", "--reuid=patd-auth", "--regid=patd-auth", "--clear-groups",
                        "--no-new-privs", "--")
        self._generation = 0
        self._tpm = None
        self._counted = 0  # where the TPM is

    def _program(self, op):
        """What answers that, and its options."""
        if op.startswith("count"):
            return (), ["patd-counter", "--tpm", f"{self._folder}/tpm.sock"]
        is_root = op in ("admin", "enroll")
        before, name = ((), "patd-enroll") if is_root else (self._become, "patd-auth")
        return before, [name, "--state-dir", self._state, "--pam-confdir",
                        f"{self._folder}/pam.d", "--auth-user", "patd-auth"]

    def converse(self, op, *answers):
        """(the last frame as text, None if there was none; the exit status)."""
        before, (program, *options) = self._program(op)
        near, far = socket.socketpair()
        with near, open(f"{self._folder}/log", "ab") as log:
            near.settimeout(SECONDS)
            with far:
                process = subprocess.Popen(
                    [*before, *self.failures.environment(), f"{PLAY}/sbin/{program}", *options],
                    stdin=far, stdout=far, stderr=log)
            last = None
            with contextlib.suppress(OSError):
                last = self._talk(near, self._beginning(op, answers), list(answers))
        return last, process.wait(timeout=SECONDS)

    @staticmethod
    def _beginning(op, answers):
        if op.startswith("count"):
            return f"op={op}\n" + "".join(f"from={answer}\n" for answer in answers)
        if op.startswith("witness"):
            return f"op={op}\n" + "".join(f"size={len(answer)}\n" for answer in answers)
        return f"op={op}\ncaller={0 if op == 'admin' else CALLER}\nuid=1\nuser=daemon\n"

    @staticmethod
    def _talk(near, begin, answers):
        def send(kind, text):
            near.sendall(HEAD.pack(kind, len(text)) + text.encode())
        send(b"B", begin)
        if "size=" in begin:
            send(b"A", answers.pop(0))
        shown = ""
        with near.makefile("rb") as frames:
            while len(head := frames.read(HEAD.size)) == HEAD.size:
                kind, size = HEAD.unpack(head)
                text = frames.read(size).decode()
                if kind in b"SV":
                    send(b"A", answers.pop(0))
                elif kind == b"I":
                    shown += text
                elif kind in b"GR":
                    return f"{kind.decode()}:{shown}{text}"
        return None

    def guesses(self):
        """How many failures of CALLER the lockout has on disk."""
        if not os.path.exists(f"{self._state}/attempts.db"):
            return 0
        with contextlib.closing(sqlite3.connect(f"{self._state}/attempts.db")) as attempts:
            if not list(attempts.execute("SELECT 1 FROM sqlite_master WHERE name = 'attempts'")):
                return 0
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

    def exchange_tpm(self):
        """A new one, which has counted nothing."""
        state, path = f"{self._folder}/tpm", f"{self._folder}/tpm.sock"
        self.unplug()
        shutil.rmtree(state, ignore_errors=True)
        os.mkdir(state)
        self._tpm = subprocess.Popen(
            ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={state}", "--server",
             f"type=unixio,path={path}", "--flags", "not-need-init,startup-clear", "--log",
             "level=0"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with socket.socket(socket.AF_UNIX) as probe:
            while probe.connect_ex(path) != 0:
                assert self._tpm.poll() is None, "swtpm does not start"

    def unplug(self):
        if self._tpm is not None:
            self._tpm.kill()
            self._tpm.wait()

    def remove(self):
        self.unplug()
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
        charged = self.guesses()
        again, _ = self.converse("authenticate", WRONG)
        if charged > 1 or again != "R:WrongPassword" or self.guesses() != charged + 1:
            yield f"it says {last}, then {again}; charged are {charged}, then {self.guesses()}"
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

    def witness(self):
        old, new = (f"patd-witness {self._generation + more}\nof a store\n" for more in (0, 1))
        self._generation += 1
        last, status = self.converse("witness-write", new)
        self.end()
        kept, _ = self.converse("witness-read")
        if kept not in (f"G:{old}", f"G:{new}") or (last == "G:" and kept != f"G:{new}"):
            yield f"{last}, and then it has {kept}"
        if kept != f"G:{new}" and self.converse("witness-write", new)[0] != "G:":
            yield "the next witness is not taken"
        yield from self._in_order(last, status)

    def begin_count(self):
        self.exchange_tpm()
        last, status = self.converse("count-read")
        self.end()
        begun, self._counted = self._count(), self._count()
        if begun < 1 or begun != self._counted:
            yield f"{last}, and then it is at {begun} and {self._counted}"
        yield from self._in_order("G:" if (last or "").startswith("G:") else last, status)

    def count(self):
        before = self._counted
        last, status = self.converse("count-advance", before)
        self.end()
        self._counted = self._count()
        is_granted = (last or "").startswith("G:")
        if self._counted not in (before, before + 1) or (is_granted and self._counted == before):
            yield f"{last} at {before}, and then it is at {self._counted}"
        yield from self._in_order("G:" if is_granted else last, status)

    def _count(self):
        last, _ = self.converse("count-read")
        return int(last.removeprefix("G:").split()[0])

    def enroll(self):
        """Who has none yet, and whose login is proven."""
        os.unlink(f"{self._state}/passwords/1")
        yield from self._replace("enroll", NEW, NEW, before=[])

    def _replace(self, op, *answers, before=(OLD,)):
        self.forget_guesses()
        last, status = self.converse(op, *answers)
        self.end()
        accepted = [password for password in (OLD, NEW) if self.accepts(password)]
        if accepted not in (list(before), [NEW]) or (last == "G:" and accepted != [NEW]):
            yield f"{last}, and then it accepts {accepted}"
        if accepted != [OLD]:
            self.set(OLD)
        yield from self._in_order(last, status)

    def end(self):
        self.failed += self.failures.failed()
        self.failures.choose(NONE)

    def _in_order(self, last, status):
        if status == -signal.SIGKILL:
            self.kills += 1
        elif status < 0:
            yield f"it ended by signal {-status}"
        if last is not None and last != "G:" and last.removeprefix("R:") not in REFUSALS:
            yield f"it says {last}"
        if not self.accepts(OLD):
            yield "the next conversation is no better"

    def _left_behind(self):
        """What is replaced anew takes away what is left of killed processes."""
        self.set(NEW)
        self.set(OLD)
        yield from self.witness()
        others = {name.split(".db")[0] for _, _, names in os.walk(self._state)
                  for name in names} - FILES
        if others:
            yield f"it leaves {others}"

    def fail_each(self, name, most, kinds, ways):
        operation = getattr(self, name)
        self.failures.choose(NONE)
        counts = {}
        self.end = lambda: counts.update(self.failures.counts())
        faults = list(operation())
        del self.end
        assert not faults and counts, faults
        for kind in kinds:
            chosen = calls_of(counts[kind], most)
            for nth, how in ((nth, how) for nth in chosen for how in ways):
                self.failures.choose(KINDS.index(kind), nth, how)
                self.faults += [f"{name}, {kind} {nth}{WAYS[how]}: {fault}"
                                for fault in operation()]
            self.faults += [f"{name}, {kind}: {fault}" for fault in self._left_behind()]
            print(f"{name:10} {kind:10} {counts[kind]:6} calls, {len(chosen):6} of them failed",
                  flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("library")
    parser.add_argument("--most", type=int, default=6)
    parser.add_argument("--kinds", type=lambda text: text.split(","), default=KINDS)
    parser.add_argument("--kill", action="store_true")
    options = parser.parse_args()
    service = Authenticator(options.library)
    service.set(OLD)
    for name in ("guess", "prove", "change", "admin", "enroll", "witness", "begin_count", "count"):
        service.fail_each(name, options.most, options.kinds,
                          (KILLED,) if options.kill else (ONCE, STAYS))
    service.remove()
    for fault in service.faults:
        print(fault)
    print(f"{service.failed} failures, {service.kills} kills, {len(service.faults)} faults")
    return 1 if service.faults or service.failed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
