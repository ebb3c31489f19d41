# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""A user of the demonstration's machine, and the commands that the user runs."""
import json
import os
import secrets
import subprocess

from accounts import ensure_account

PLAY = "/run/patd-play"
COMMAND_SECONDS = 60


class Outcome:
    def __init__(self, argv, status, output, secret=None):
        self.argv, self.status, self.output, self.secret = argv, status, output, secret

    def json(self):
        return json.loads(self.output)

    def __str__(self):
        return f"`{' '.join(self.argv)}` gave status {self.status}:\n{self.output.strip()}"


class Person:
    def __init__(self, name, authority):
        self.login_password = secrets.token_urlsafe(15) + "+x/y%z"
        self.service_password = secrets.token_urlsafe(15) + "=A b&c"
        hashed = subprocess.run(["openssl", "passwd", "-6", "-stdin"], text=True, check=True,
                                input=self.login_password, stdout=subprocess.PIPE).stdout.strip()
        self.account = ensure_account(name, f"{PLAY}/home/{name}", system=False,
                                      password_hash=hashed)
        self.home = self.account.pw_dir
        self._environment = {
            "PATH": f"{PLAY}/bin:/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8",
            "HOME": self.home, "USER": name, "LOGNAME": name,
            "DBUS_SYSTEM_BUS_ADDRESS": os.environ["DBUS_SYSTEM_BUS_ADDRESS"],
            "GIT_TERMINAL_PROMPT": "0", "GIT_SSL_CAINFO": authority,
            "GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": f"{name}@git.example",
            "GIT_COMMITTER_NAME": name, "GIT_COMMITTER_EMAIL": f"{name}@git.example"}

    def run(self, *argv, cwd=None, text="", environment=(), pass_fds=()):
        """Runs a command and returns its Outcome; `text` is its standard input."""
        done = subprocess.run(
            argv, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False, cwd=cwd or self.home, env=self._environment | dict(environment),
            pass_fds=pass_fds, user=self.account.pw_uid, group=self.account.pw_gid,
            extra_groups=[], start_new_session=True, timeout=COMMAND_SECONDS)
        return Outcome(argv, done.returncode, done.stdout)

    def patctl(self, *arguments, answers=None, text=""):
        """Runs patctl; with `answers` for its password prompts, through a descriptor."""
        if answers is None:
            return self.run("patctl", *arguments, text=text)
        fd = _pipe_with("".join(f"{answer}\n" for answer in answers))
        outcome = self.run("patctl", *arguments, "--password-fd", str(fd), pass_fds=(fd,))
        os.close(fd)
        return outcome

    def patctl_secret(self, *arguments, password=None):
        """The same for a command that shows a new secret: the Outcome has it."""
        answers = _pipe_with(f"{password or self.service_password}\n")
        reader, writer = os.pipe()
        outcome = self.run("patctl", "--json", *arguments, "--password-fd", str(answers),
                           "--output-fd", str(writer), pass_fds=(answers, writer))
        os.close(answers)
        os.close(writer)
        with open(reader, encoding="ascii") as file:
            outcome.secret = file.read().rstrip("\n")
        return outcome

    def patctl_given(self, *arguments, given):
        """The same for a command that takes a secret from elsewhere."""
        answers, secret = _pipe_with(f"{self.service_password}\n"), _pipe_with(f"{given}\n")
        outcome = self.run("patctl", *arguments, "--password-fd", str(answers), "--secret-fd",
                           str(secret), pass_fds=(answers, secret))
        os.close(answers)
        os.close(secret)
        return outcome

    def git(self, *arguments, cwd=None):
        return self.run("git", *arguments, cwd=cwd)

    def git_by_hand(self, username, secret, *arguments, cwd=None):
        """git without a helper, and a user who pastes `secret` when git asks for a password."""
        fd = _pipe_with(secret)
        outcome = self.run("git", "-c", "credential.helper=", *arguments, cwd=cwd, pass_fds=(fd,),
                           environment={"GIT_ASKPASS": f"{PLAY}/askpass", "ASK_NAME": username,
                                        "ASK_FD": str(fd)})
        os.close(fd)
        return outcome


ASKPASS = """#!/bin/sh
case $1 in
Username*) echo "$ASK_NAME" ;;
*) exec cat <&"$ASK_FD" ;;
esac
"""


def write_askpass():
    with open(f"{PLAY}/askpass", "w", encoding="utf-8") as file:
        file.write(ASKPASS)
    os.chmod(f"{PLAY}/askpass", 0o755)


def _pipe_with(text):
    reader, writer = os.pipe()
    os.write(writer, text.encode())
    os.close(writer)
    return reader
