# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""What each kind of operation leaves in memory, whether it succeeds, fails or is given up: of patd
and the bus while they run on, of every other process at its last moment. Runs inside of
tools/play.sh, as root. leftovers_test.py [--times N]"""
import contextlib
import json
import os
import pwd
import secrets
import subprocess
import sys
import time
import unittest

from exits import Exits, Search
from own_patd import PLAY, ask_as, find_process

SOCKET = "/run/patd/socket"
SECONDS = 60
SECONDS_KEPT = 30  # ADR 0047 says less than one, on a machine that is not busy
OLD, NEW, WRONG = (secrets.token_urlsafe(18) for _ in range(3))
FOREIGN, OTHER, STORED = (secrets.token_urlsafe(18) for _ in range(3))
KNOWN = {"the password": OLD, "the new password": NEW, "a wrong password": WRONG,
         "an imported secret": FOREIGN, "another imported secret": OTHER,
         "what git stored": STORED}
PYTHON = os.path.realpath(sys.executable)
PROGRAMS = (os.path.basename(PYTHON), "patctl", "git-credential-pat", "patd-auth", "patd-enroll")
HELPER = f"{PLAY}/bin/git-credential-pat"
times = 1


def pipe_with(*lines):
    reader, writer = os.pipe()
    os.write(writer, "".join(f"{line}\n" for line in lines).encode())
    os.close(writer)
    return reader


class Leftovers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        subprocess.run(["useradd", "--no-log-init", "-M", "alice"], check=True,
                       stderr=subprocess.DEVNULL)
        cls.alice = pwd.getpwnam("alice")
        listeners = [int(pid) for pid in filter(str.isdigit, os.listdir("/proc"))
                     if cls.name_of(pid) == "systemd-socket-"]
        assert len(listeners) == 2, listeners
        cls.exits = Exits([os.getpid(), *listeners], PROGRAMS, KNOWN)
        cls.search = Search(KNOWN)
        cls.running = {name: find_process(name) for name in ("patd", "dbus-daemon")}
        cls.is_new = False

    def password(self):
        return NEW if self.is_new else OLD

    def setUp(self):
        """Each test begins with the other password, which root sets."""
        type(self).is_new = not self.is_new
        self.patctl("admin", "passwd", "alice", answers=[self.password()] * 2, user=None)
        self.clean("patctl", "patd-enroll")


    @staticmethod
    def name_of(pid):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/comm", encoding="utf-8") as file:
            return file.read().strip()
        return ""

    @staticmethod
    def started(user, argv, fds=(), **more):
        identity = {} if user is None else {
            "user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        return subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, cwd=PLAY, pass_fds=fds, env={
                "PATH": os.environ["PATH"], "HOME": PLAY,
                "DBUS_SYSTEM_BUS_ADDRESS": os.environ["DBUS_SYSTEM_BUS_ADDRESS"]},
            **identity, **more)

    def run_as(self, user, argv, text="", fds=(), **more):
        with self.started(user, argv, fds, **more) as process:
            output, _ = process.communicate(text, timeout=SECONDS)
        return subprocess.CompletedProcess(argv, process.returncode, output)

    def patctl(self, *arguments, answers=None, secret=None, output=False, text="", status=0,
               user="alice"):
        """What it wrote as the new secret, or else to standard output."""
        options, fds, taken = [], [], None
        answers = [self.password()] if answers is None else answers
        if answers:
            fds.append(pipe_with(*answers))
            options += ["--password-fd", str(fds[-1])]
        if secret is not None:
            fds.append(pipe_with(secret))
            options += ["--secret-fd", str(fds[-1])]
        if output:
            taken, writer = os.pipe()
            fds.append(writer)
            options += ["--output-fd", str(writer)]
        done = self.run_as(user and self.alice, ["patctl", *arguments, *options], text, fds)
        for fd in fds:
            os.close(fd)
        self.assertEqual(done.returncode, status, done.stdout)
        if taken is None:
            return done.stdout
        with os.fdopen(taken, encoding="utf-8") as file:
            return file.read().strip()

    def helper(self, name, *arguments, text, status=0):
        done = self.run_as(self.alice, [name, *arguments], text, executable=HELPER)
        self.assertEqual(done.returncode, status, done.stdout)
        return done.stdout

    def clean(self, *programs):
        """Nothing is left of what was done, by the ends of these programs nor where it runs on;
        patd keeps what it opened for a moment (ADR 0047)."""
        for program in programs:
            self.assertEqual(self.exits.take(program), [[]], program)
        for name, pid in self.running.items():
            end = time.monotonic() + SECONDS_KEPT
            found, memory = self.search.memory(pid)
            while found and time.monotonic() < end:
                found, memory = self.search.memory(pid)
            self.assertEqual((found, memory.unread), ([], 0), name)
            self.assertGreater(len(memory.data), 1 << 20)

    def create(self, name, **more):
        return self.patctl("create", name, "-p", "vcs:repository:rw", "-t",
                           f"https://{name}.example", output=True, **more)

    def test_what_a_process_keeps_is_found(self):
        self.run_as(self.alice, [PYTHON, "-c", "line = input()"], f"{FOREIGN}\n")
        self.assertEqual(self.exits.take(os.path.basename(PYTHON)), [["an imported secret"]])

    # Row M1.
    def test_operations_of_an_owner(self):
        for number in range(times):
            secret = self.create(f"a{number}")
            self.assertTrue(secret.startswith("pat1_"), secret)
            self.clean("patctl", "patd-auth")
            self.create(f"b{number}", answers=(WRONG,), status=4)
            self.clean("patctl", "patd-auth")
            again = self.patctl("regenerate", f"a{number}", output=True)
            self.assertNotEqual(again, secret)
            self.clean("patctl", "patd-auth")
            self.patctl("verify", answers=(), text=f"{again}\n")
            self.clean("patctl")
            self.patctl("verify", answers=(), text=f"{secret}\n", status=4)
            self.clean("patctl")
            self.patctl("edit", f"a{number}", "--description", "other")
            self.clean("patctl", "patd-auth")
            self.patctl("delete", "other")
            self.clean("patctl", "patd-auth")
            self.patctl("remove-all", "--yes")
            self.clean("patctl", "patd-auth")

    # Row M1: the program behind patctl leaves, before it has answered and with a secret in hand.
    def test_operations_that_are_given_up(self):
        for until in ("prompt", "secret") * times:
            with self.started(self.alice, ["patctl", "converse"]) as process:
                self.say(process, type="begin", operation="create", arguments={
                    "description": "laptop", "permissions": ["vcs"]})
                while (heard := json.loads(process.stdout.readline()))["type"] != until:
                    if heard["type"] == "prompt":
                        self.say(process, type="answer", prompt=heard["prompt"],
                                 text=self.password())
                process.stdin.close()
            self.clean("patctl", "patd-auth")

    @staticmethod
    def say(process, **message):
        process.stdin.write(json.dumps(message) + "\n")
        process.stdin.flush()

    # Row M1: root's.
    def test_operations_of_root(self):
        for _ in range(times):
            self.patctl("admin", "import", "given", "--owner", "alice", "-u", "alice",
                        "-t", "https://given.example", answers=(), secret=FOREIGN, user=None)
            self.clean("patctl")
            for arguments in (("backup", f"{PLAY}/leftovers.backup"),
                              ("restore", f"{PLAY}/leftovers.backup"), ("rotate-key",)):
                self.patctl("admin", *arguments, answers=(), user=None)
                self.clean("patctl")
            os.unlink(f"{PLAY}/leftovers.backup")
            self.patctl("remove-all", "--yes")
            self.clean("patctl", "patd-auth")

    # Rows M1, C14: what was made elsewhere, on its way in and out.
    def test_secrets_from_elsewhere(self):
        place = "protocol=https\nhost=forge.example\n"
        for _ in range(times):
            self.patctl("import", "forge", "-t", "https://forge.example", "-u", "alice",
                        secret=FOREIGN)
            self.clean("patctl", "patd-auth")
            self.patctl("regenerate", "forge", secret=OTHER)
            self.clean("patctl", "patd-auth")
            given = self.patctl("get", "-t", "https://forge.example", answers=(), output=True)
            self.assertEqual(given, OTHER)
            self.clean("patctl")
            self.assertIn(OTHER, self.helper("git-credential-pat", "get", text=f"{place}\n"))
            self.clean("git-credential-pat")
            for name, arguments, text in (
                    ("docker-credential-pat", ["get"], "forge.example"),
                    ("pat-get", ["https://forge.example"], ""),
                    ("pat-askpass", ["Password for 'https://forge.example': "], "")):
                self.assertIn(OTHER, self.helper(name, *arguments, text=text), name)
                self.clean("git-credential-pat")
            for op, secret in (("store", OTHER), ("erase", WRONG), ("erase", OTHER)):
                self.helper("git-credential-pat", op,
                            text=f"{place}username=alice\npassword={secret}\n\n")
                self.clean("git-credential-pat")
            self.helper("git-credential-pat", "store",
                        text=f"protocol=https\nhost=s.example\nusername=a\npassword={STORED}\n\n")
            self.clean("git-credential-pat")
            self.patctl("remove-all", "--yes")
            self.clean("patctl", "patd-auth")

    # Rows M1, M9: libcrypt's working memory, too.
    def test_passwords(self):
        for _ in range(times):
            for password, status in ((WRONG, 4), (self.password(), 0)):
                self.patctl("unlock", answers=(password,), status=status)
                self.clean("patctl", "patd-auth")
                answer = ask_as(SOCKET, 0, "check", "user=alice", f"password={password}")
                self.assertEqual("error" in answer, status != 0, answer)
                self.clean("patd-auth")
            after = OLD if self.is_new else NEW
            self.patctl("passwd", answers=(self.password(), after, after))
            self.clean("patctl", "patd-auth")
            type(self).is_new = not self.is_new


if __name__ == "__main__":
    if sys.argv[1:2] == ["--times"]:
        times = int(sys.argv.pop(2))
        del sys.argv[1]
    unittest.main()
