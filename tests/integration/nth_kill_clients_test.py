# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""patctl is killed (SIGKILL) before each message that it takes or sends, each write, sync and
change of a name, and git-credential-pat at each of its system calls: in every operation on tokens,
in what root does with the store, and where users' own files are written. What was acknowledged is
there, what was not is there as a whole or not at all; each file is the old one or the new one; the
same command, and its --undo, work at once and leave nothing of what the killed one left; patd keeps
nothing of it. Runs inside of tools/play.sh, as root.
nth_kill_clients_test.py FAIL_NTH [--most N] [--operations NAME,...]"""
# Rows R1, R2, S8.
import argparse
import contextlib
import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import time

import nth_kill_test
from failures import KILLED, KINDS, NONE, calls_of
from exits import ptrace
from nth_failure_bus_test import ATTEMPTS, PASSWORD
from own_patd import PLAY, SECONDS, await_step_up

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, f"{HERE}/../../tools/demo")
from search import Search  # noqa: E402: the path comes first

KINDS_OF_MOMENT = ("connect", "recv", "send", "write", "fsync", "name")
FEW_TOKENS = 5
CALL = len(KINDS)  # any one, of the helper, which is a static program
CALLS_FOR_ONE = 5  # it is fast
SYSCALL, SET_OPTIONS = 24, 0x4200
TRACE_ME, CALL_STOP = 0, signal.SIGTRAP | 0x80
OWN_STOPS = 1  # PTRACE_O_TRACESYSGOOD
SOCKET = "/run/patd/socket"
# Those of patd alone.
NOT_OF_CLIENTS = ("start_again", "read", "accept_rollback", "expose")
SECRET = "hunter2-of-a-users-own-file"
HOME = f"{PLAY}/home/killed"
OWN_FILES = {
    ".gitconfig": f"[user]\n\tname = al\n[http]\n\textraHeader = X: {SECRET}\n",
    ".docker/config.json": f'{{"auths": {{"other.example": {{"auth": "{SECRET}"}}}}}}\n',
    ".cargo/config.toml": f"[registry]\ntoken = \"{SECRET}\"\n"
                          "[registries.forge]\nindex = \"sparse+https://cargo.example/\"\n",
    ".kube/config": "apiVersion: v1\nkind: Config\nusers:\n- name: me\n  user: {}\n",
    ".npmrc": f"//other.example/:_authToken={SECRET}\n",
    ".aws/config": f"[default]\naws_secret_access_key = {SECRET}\n",
}
# By what, behind `patctl setup`; --undo takes it back.
SETUPS = {
    "git": ("git",),
    "git-anew": ("git",),  # where there is no file yet
    "git-place": ("git", "https://git.example"),
    "docker": ("docker", "registry.example"),
    "pip": ("pip", "--link"),
    "cargo": ("cargo", "forge"),
    "aws": ("aws", "work"),
    "kubectl": ("kubectl", "me"),
    "pnpm": ("pnpm", "npm.example"),
    "ansible": ("ansible", "vault"),
}


class Clients(nth_kill_test.Killing):
    """Operations whose clients are killed; patd lives on."""

    def __init__(self, library):
        self.is_armed, self._began = False, time.time() - 1
        self.calls = self.fatal_call = 0
        super().__init__(library)

    def start(self):
        self.patd = self.own.start(options=("--bus-address", self.address()))
        # The helper knows no other place.
        with contextlib.suppress(FileNotFoundError):
            os.unlink(SOCKET)
        os.symlink(self.own.socket, SOCKET)

    def environment(self):
        environment = super().environment() | {"HOME": HOME, "TMPDIR": f"{HOME}/tmp"}
        if self.is_armed:
            pairs = self.failures.environment()[1:]
            environment |= dict(pair.split("=", 1) for pair in pairs)
            environment["FAIL_NTH_OF"] = "patctl"
        return environment

    def helper(self, op, *attributes):
        """What git-credential-pat answered, and how it ended."""
        with subprocess.Popen(
                ["git-credential-pat", op], text=True, env=self.environment(),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                user=self.uid, extra_groups=[], cwd=PLAY,
                preexec_fn=self._be_traced if self.is_armed else None) as process:
            process.stdin.write("\n".join([*attributes, "", ""]))
            process.stdin.close()
            if self.is_armed:
                self._trace(process)
            output = process.stdout.read()
            status = process.wait(SECONDS)
        return status, dict(line.split("=", 1) for line in output.splitlines() if "=" in line)

    @staticmethod
    def _be_traced():
        ptrace(TRACE_ME, 0)

    def _trace(self, process):
        """Counts its system calls, and kills it before the chosen one."""
        is_entry = False
        _, status = os.waitpid(process.pid, 0)  # the exec
        ptrace(SET_OPTIONS, process.pid, OWN_STOPS)
        while os.WIFSTOPPED(status):
            is_entry = not is_entry if os.WSTOPSIG(status) == CALL_STOP else is_entry
            if is_entry and os.WSTOPSIG(status) == CALL_STOP:
                self.calls += 1
                if self.calls == self.fatal_call:
                    process.kill()
            with contextlib.suppress(ProcessLookupError):
                ptrace(SYSCALL, process.pid)
            _, status = os.waitpid(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)

    def _helper_changes(self, op, password, made):
        host = f"{self.name()}.example"
        place = ("protocol=https", f"host={host}", "username=bot")
        assert self.helper("store", *place, "password=the first")[0] == 0
        yield
        status, _ = self.helper(op, *place, f"password={password}")
        yield
        got = self.get(host)
        if got not in ("the first", made) or (status == 0 and got != made):
            self.wrong(f"{op} ended with {status}, and then it is {got}")
        status, _ = self.helper(op, *place, f"password={got or password}")
        if status != 0:
            self.wrong(f"{op} does not succeed again, but ends with {status}")
        self.imported[host] = self.get(host)

    def store(self):
        yield from self._helper_changes("store", "the second", "the second")

    def erase(self):
        yield from self._helper_changes("erase", "the first", None)

    def release(self):
        name, _ = self.issue()
        place = ("protocol=https", f"host={name}.example")
        yield
        _, answer = self.helper("get", *place)
        yield
        _, again = self.helper("get", *place)
        if not self.is_valid(again.get("password")):
            self.wrong(f"after {answer}, the next get gives {again}")

    def expose_again(self):
        host, token = self.give()
        self.imported[host] = self.secret_of(host)
        folder = f"{PLAY}/home/{host}"
        os.mkdir(folder, 0o755)
        os.chown(folder, self.uid, -1)
        yield
        self.patctl("expose", folder, "--only", token, answers=())
        yield
        exposed = json.loads(self.patctl("--json", "status", answers=()).output)["exposures"]
        again = self.patctl("expose", folder, "--only", token, answers=())
        if again.status != 0 and "already exposed" not in again.error:
            self.wrong(f"{exposed} exposures, and then {again}")
        cut = self.patctl("expose", "--cut", folder, answers=())
        if cut.status != 0 or os.listdir(folder):
            self.wrong(f"{cut}, and in the directory is {os.listdir(folder)}")

    def cut(self):
        host, token = self.give()
        self.imported[host] = self.secret_of(host)
        folder = f"{PLAY}/home/{host}"
        os.mkdir(folder, 0o755)
        os.chown(folder, self.uid, -1)
        assert self.patctl("expose", folder, "--only", token, answers=()).status == 0
        yield
        self.patctl("expose", "--cut", folder, answers=())
        yield
        again = self.patctl("expose", "--cut", folder, answers=())
        if os.listdir(folder):
            self.wrong(f"{again}, and in the directory is {os.listdir(folder)}")

    def _of_an_account_that_is_gone(self):
        # patd remembers accounts for a while, and a new one has the uid of the last one.
        self.own.stop()
        self.start()
        return super()._of_an_account_that_is_gone()

    # Files of root's.

    def _new_file(self, repeat, *command):
        """It is whole or not there; the same command then works, or says that it is there."""
        path = f"{HOME}/{self.name()}"
        yield
        done = self.as_root(*command, path)
        yield done
        was_there = os.path.exists(path)
        if done.status == 0 and not was_there:
            self.wrong("what was written is gone")
        if not was_there:
            again = self.as_root(*command, path)
            if again.status != 0:
                self.wrong(f"it cannot be written again: {again}")
        if os.path.exists(path):
            read = self.as_root(*repeat(path))
            if read.status != 0:
                self.wrong(f"there at once: {was_there}, and it cannot be read: {read}")
        for name in os.listdir(HOME):
            if name.startswith("k"):
                os.unlink(f"{HOME}/{name}")

    def backup(self):
        yield from self._new_file(lambda path: ("admin", "restore", path, "--keep-dead"),
                                  "admin", "backup")

    def export_key(self):
        yield from self._new_file(
            lambda path: ("admin", "recover-key", path, "--output", f"{path}.key"),
            "admin", "export-key")

    def recover_key(self):
        recovery = f"{HOME}/recovery"
        assert self.as_root("admin", "export-key", recovery).status == 0
        path = f"{HOME}/{self.name()}"
        yield
        done = self.as_root("admin", "recover-key", recovery, "--output", path)
        yield done
        if os.path.exists(path) and os.stat(path).st_size != 32:
            self.wrong(f"a key of {os.stat(path).st_size} bytes")
        if not os.path.exists(path):
            again = self.as_root("admin", "recover-key", recovery, "--output", path)
            if again.status != 0 or done.status == 0:
                self.wrong(f"{done}, and again {again}")
        os.unlink(path)
        os.unlink(recovery)

    def backup_to_pipe(self):
        yield
        subprocess.run(["patctl", "admin", "backup", "-"], stdout=subprocess.PIPE, check=False,
                       stderr=subprocess.PIPE, env=self.environment(), timeout=SECONDS)
        yield
        if os.listdir(f"{HOME}/tmp"):
            self.wrong(f"left in TMPDIR: {os.listdir(f'{HOME}/tmp')}")
            shutil.rmtree(f"{HOME}/tmp")
            os.mkdir(f"{HOME}/tmp", 0o1777)


class Files:
    """Those of a home."""

    @staticmethod
    def make(without=()):
        shutil.rmtree(HOME, ignore_errors=True)
        os.makedirs(f"{HOME}/tmp")
        for name, text in OWN_FILES.items():
            if name not in without:
                os.makedirs(os.path.dirname(f"{HOME}/{name}"), exist_ok=True)
                with open(f"{HOME}/{name}", "w", encoding="utf-8") as file:
                    file.write(text)
        subprocess.run(["chown", "-R", "alice:", HOME], check=True)
        subprocess.run(["chmod", "-R", "go=", HOME], check=True)
        subprocess.run(["chmod", "1777", f"{HOME}/tmp"], check=True)

    @staticmethod
    def now():
        """By name: mode, and bytes or where it leads."""
        found = {}
        for folder, _, names in os.walk(HOME):
            for name in names:
                path = f"{folder}/{name}"
                facts = os.lstat(path)
                if stat.S_ISLNK(facts.st_mode):
                    content = os.readlink(path)
                else:
                    with open(path, "rb") as file:
                        content = file.read()
                found[os.path.relpath(path, HOME)] = (stat.S_IMODE(facts.st_mode), content)
        return found


class KillingClients(Clients):
    def __init__(self, library):
        super().__init__(library)
        self.files = Files()
        self.files.make()

    def armed(self, kind, nth, act):
        """What `act` gives, with clients that are killed there; the calls that they made."""
        self.failures.choose(NONE if kind == CALL else kind, nth, KILLED)
        self.is_armed, self.calls, self.fatal_call = True, 0, nth if kind == CALL else 0
        try:
            told = act()
        finally:
            self.is_armed = False
        counts = self.failures.counts() | {"call": self.calls}
        was_killed = self.failures.failed() > 0 or 0 < self.fatal_call <= self.calls
        self.failures.choose(NONE)
        self.kills += was_killed
        self.ends += not was_killed
        return told, counts

    def play(self, name, kind=NONE, nth=0):
        known = len(self.faults)
        operation = getattr(self, name)()
        next(operation)
        _, counts = self.armed(kind, nth, lambda: next(operation))
        await_step_up()
        if os.path.exists(ATTEMPTS):
            os.unlink(ATTEMPTS)
        for _ in operation:
            pass
        self._name_moment(known, name, kind, nth)
        return counts

    def _name_moment(self, known, name, kind, nth):
        moment = f"{(*KINDS, 'call', 'its end')[kind]} {nth}"
        self.faults[known:] = [f"{name}, killed at {moment}: {fault}"
                               for fault in self.faults[known:]]

    def settles(self, descriptors):
        """Whether patd gives back all that the killed ones had, once it has seen their end."""
        end = time.monotonic() + SECONDS
        while self.patd.descriptors() > descriptors:
            if time.monotonic() > end:
                return False
            self.line("capability")
        return True

    def setup_in(self, words, kind, nth, then, files):
        """Killed in a setup; what `then` makes of it is `files`."""
        known = len(self.faults)
        self.files.make(files["without"])
        self.armed(kind, nth, lambda: self.patctl(*words, answers=()))
        for name, found in self.files.now().items():
            allowed = [files[when].get(name) for when in ("before", "after")]
            if found in allowed or (name.endswith("setup.json") and json.loads(found[1])):
                continue
            of = name.removesuffix(".lock").partition(".patctl-half-")[0]
            given = (files["before"].get(of) or files["after"].get(of, (0,)))[0]
            if name == of or found[0] & 0o077 & ~given:
                self.wrong(f"half written: {name}, {found}")
        for command in then:
            done = self.patctl(*command, answers=())
            if done.status != 0:
                self.wrong(f"and then {command}: {done}")
        wanted = files["undone" if "--undo" in then[-1] else "after"]
        now = self.files.now()
        if now != wanted:
            self.wrong(f"and then {then}: " + ", ".join(
                f"{name} is {now.get(name)}, not {wanted.get(name)}"
                for name in sorted(now.keys() | wanted.keys())
                if now.get(name) != wanted.get(name)))
        self._name_moment(known, " ".join(words), kind, nth)

    def kill_in_setup(self, name, most):
        words = ("setup", *SETUPS[name])
        undo = tuple(word for word in (*words, "--undo") if not word.startswith("https"))
        files = {"without": (".gitconfig",) if name == "git-anew" else ()}
        self.files.make(files["without"])
        files["before"] = self.files.now()
        done, counts = self.armed(NONE, 0, lambda: self.patctl(*words, answers=()))
        assert done.status == 0, (words, done)
        files["after"] = self.files.now()
        assert files["after"] != files["before"], words
        undone = self.patctl(*undo, answers=())
        assert undone.status == 0, (undo, undone)
        files["undone"] = self.files.now()
        tried = 0
        for kind in KINDS_OF_MOMENT:
            for nth in calls_of(counts[kind], most):
                self.setup_in(words, KINDS.index(kind), nth, (words,), files)
                self.setup_in(words, KINDS.index(kind), nth, (undo,), files)
                tried += 1
        return sum(counts[kind] for kind in KINDS_OF_MOMENT), tried

    def kill_in(self, name, most):
        known = len(self.faults)
        if name in SETUPS:
            if len(self.tokens()) > FEW_TOKENS:  # git is asked about the place of each
                self.play("remove_all")
            moments, tried = self.kill_in_setup(name, most)
        else:
            moments, tried = self._kill_in_operation(name, most)
        print(f"{name:18} {moments:4} moments, {tried:4} of them tried, "
              f"{len(self.faults) - known} faults", flush=True)

    def _kill_in_operation(self, name, most):
        if len(self.tokens()) > nth_kill_test.TOKENS:
            self.play("remove_all")
        counts = self.play(name)
        before = self.patd.descriptors()
        moments = [(KINDS.index(kind), nth) for kind in KINDS_OF_MOMENT
                   for nth in calls_of(counts[kind], most)]
        moments += [(CALL, nth) for nth in calls_of(counts["call"], most * CALLS_FOR_ONE)]
        for kind, nth in moments:
            self.play(name, kind, nth)
        self.play(name)
        if not self.settles(before):
            self.wrong(f"after {name}: patd has {self.patd.descriptors()} descriptors, "
                       f"not {before}")
        self.look_at_all(f"after {name}")
        return sum(counts[kind] for kind in (*KINDS_OF_MOMENT, "call")), len(moments)

    def look_for_secrets(self):
        """None is in a file that was written since, but for patd's own."""
        # The password is no secret of this run alone.
        for places, secrets in ((("/tmp", "/var/tmp", f"{PLAY}/home"), self.known),
                                ((f"{PLAY}/home",), (PASSWORD,))):
            paths = [path for place in places for path in self._files_since(place)]
            named = {f"secret {number}": secret for number, secret in enumerate(secrets)}
            found = Search(named).files(paths, shapes=False)
            if found:
                self.wrong(f"secrets are left in {found}")

    def _files_since(self, place):
        for folder, _, names in os.walk(place):
            for name in names:
                with contextlib.suppress(FileNotFoundError):
                    facts = os.lstat(f"{folder}/{name}")
                    if stat.S_ISREG(facts.st_mode) and facts.st_ctime >= self._began:
                        yield f"{folder}/{name}"


def operations():
    own = [name for name in nth_kill_test.OPERATIONS if name not in NOT_OF_CLIENTS]
    return (*own, "expose_again", "cut", "recover_key", "backup_to_pipe", *SETUPS)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("library")
    parser.add_argument("--most", type=int, default=1000)
    parser.add_argument("--operations", type=lambda text: text.split(","), default=operations())
    options = parser.parse_args()
    life = KillingClients(os.path.abspath(options.library))
    for name in options.operations:
        life.kill_in(name, options.most)
    life.look_at_all("at the end")
    life.look_for_secrets()
    life.end()
    for fault in life.faults:
        print(fault)
    print(f"{life.kills} kills in {len(options.operations)} operations, "
          f"{len(life.known) + len(life.imported)} secrets, {len(life.faults)} faults")
    return 1 if life.faults or life.kills == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
