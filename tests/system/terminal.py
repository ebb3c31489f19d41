# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""A human at a terminal, logged in through ssh: reads what it shows, and types the answers."""
import os
import pty
import re
import select
import signal
import subprocess
import time

from processes import PlayError

SECONDS = 30
SSH = ("ssh", "-tt", "-q", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
       "-o", "NumberOfPasswordPrompts=1")
PROMPT = r"\[\[(\d+)\]\] "
ASKED = r"(?i)pass(?:word|phrase)?[^\r\n]*: ?$|token[^\r\n]*: ?$"


class Terminal:
    def __init__(self, machine, *command):
        self._leader, follower = pty.openpty()
        self._process = subprocess.Popen(
            ["setsid", "--ctty", *machine.argv(*command)], stdin=follower, stdout=follower,
            stderr=follower, env={"PATH": os.environ["PATH"], "TERM": "dumb", "LANG": "C.UTF-8"})
        os.close(follower)
        self._seen = ""

    def expect(self, pattern, seconds=SECONDS):
        """Waits until the screen shows `pattern`; returns the match and forgets what was before."""
        end = time.monotonic() + seconds
        while True:
            found = re.search(pattern, self._seen)
            if found:
                self.before = self._seen[:found.start()]
                self._seen = self._seen[found.end():]
                return found
            if not self._read(end - time.monotonic()):
                raise PlayError(f"the terminal never showed {pattern!r}, only:\n{self._seen}")

    def _read(self, seconds):
        if seconds <= 0 or not select.select([self._leader], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._leader, 65536)
        except OSError:  # the other end is gone
            return False
        self._seen += data.decode(errors="replace")
        return bool(data)

    def until_the_end(self, seconds=SECONDS):
        """Waits until the command ends; returns its output."""
        end = time.monotonic() + seconds
        while self._read(end - time.monotonic()):
            pass
        self._process.wait(seconds)
        os.close(self._leader)
        return self._seen

    def type(self, line):
        os.write(self._leader, line.encode() + b"\n")

    def close(self):
        self._process.send_signal(signal.SIGHUP)
        self._process.wait(SECONDS)
        os.close(self._leader)


class Login(Terminal):
    """An interactive shell of `user`, who authenticates with `password`."""

    def __init__(self, machine, user, password, methods="password"):
        super().__init__(machine, *SSH, "-o", f"PreferredAuthentications={methods}",
                         f"{user}@127.0.0.1")
        self.expect(ASKED)
        self.type(password)
        self.expect(r"[$#] $")
        self.type("PS1='[[$?]] '; stty cols 400")
        self.expect(PROMPT)

    def run(self, command, *answers):
        """Types a command, answers its prompts, and returns (status, output)."""
        self.type(command)
        shown = ""
        for answer in answers:
            self.expect(f"{ASKED}|{PROMPT}")
            shown += self.before
            self.type(answer)
        status = int(self.expect(PROMPT).group(1))
        return status, (shown + self.before).partition("\n")[2].replace("\r", "")
