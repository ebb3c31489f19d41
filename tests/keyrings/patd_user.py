# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""patd-user in a session, and what it answers at its line socket."""
import contextlib
import json
import os
import signal
import socket
import subprocess

from session import SECONDS, PlayError, expect, wait_until

BUILD = os.environ.get("PATD_BUILD_DIR")
PROGRAM = f"{BUILD}/daemon/user/patd-user"
NAME = "org.patd.Tokens1"
PLACE = ("protocol=https", "host=forge.example")


class StepUp:
    """patd-user-auth, as the user's systemd starts it. Its PAM service accepts everybody."""
    STACK = "auth required pam_permit.so\naccount required pam_permit.so\n"
    IN_ITS_OWN = ('mount --bind "$1" /etc/pam.d; [ ! -e /run/patd ] || '
                  'mount -t tmpfs none /run/patd; shift; exec "$@"')

    def __init__(self, session):
        self._session = session
        self.path = session.path("auth.socket")

    def start(self):
        if os.path.exists(self.path):
            return
        stacks = self._session.path("pam.d")
        os.mkdir(stacks)
        with open(f"{stacks}/patd-user", "w", encoding="utf-8") as file:
            file.write(self.STACK)
        server = self._session.start(
            "unshare", "--mount", "sh", "-ec", self.IN_ITS_OWN, "sh", stacks,
            "systemd-socket-activate", "--accept", "--inetd", "-l", self.path,
            f"{BUILD}/auth/patd-user-auth", "--daemon-user", "root")
        wait_until(lambda: os.path.exists(self.path), "it listens for step-ups", server)


class PatdUser:
    def __init__(self, session):
        self._session = session
        self._path = session.path("patd.socket")
        self._step_up = StepUp(session)
        self.process = None
        self.kept = {}
        self.start()

    def start(self):
        self.process = self._session.start(
            PROGRAM, f"--state-dir={self._session.path('state')}",
            f"--socket={self._path}", f"--auth-socket={self._step_up.path}",
            f"--config-root={self._session.path('root')}", log="patd-user.log")

    def is_alive(self):
        return self.process.poll() is None

    def restart(self, number=signal.SIGTERM):
        self._session.end(self.process, number)
        self.start()

    def ask(self, op, *attributes):
        """The attributes of the reply, {} for an empty one; None: it ended before it answered."""
        def connect():
            connection.settimeout(SECONDS)
            with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
                connection.connect(self._path)
                return True
            return not self.is_alive()
        with socket.socket(socket.AF_UNIX) as connection:
            wait_until(connect, "patd-user listens")
            try:
                connection.sendall("\n".join(["patd=1", f"op={op}", *attributes, "", ""]).encode())
                connection.shutdown(socket.SHUT_WR)
                with connection.makefile("r", encoding="utf-8") as file:
                    lines = file.read()
            except TimeoutError:
                raise PlayError(f"{op}: no answer") from None
            except OSError:
                return None
        return dict(line.split("=", 1) for line in lines.splitlines() if line) if lines else None

    def keep(self, name, secret):
        """Stores it, as git does. True: it was acknowledged."""
        answer = self.ask("store", *PLACE, f"username={name}", f"password={secret}")
        if answer == {}:
            self.kept[name] = secret
        return answer == {}

    def get(self, name):
        return self.ask("get", *PLACE, f"username={name}")

    def patctl(self, *arguments, secret=None):
        """What patctl --session says."""
        self._step_up.start()
        wait_until(lambda: self._session.owner_pid(NAME) is not None, "it is on the bus")
        lines = {"--password-fd": "nobody asks for it"}
        if secret is not None:
            lines["--secret-fd"] = secret
        argv, readers = [f"{BUILD}/cli/patctl", "--session", "--json", *arguments], []
        for option, line in lines.items():
            reader, writer = os.pipe()
            os.write(writer, f"{line}\n".encode())
            os.close(writer)
            readers.append(reader)
            argv += [option, str(reader)]
        done = subprocess.run(argv, env=self._session.environment, pass_fds=readers, text=True,
                              capture_output=True, check=False, timeout=SECONDS)
        for reader in readers:
            os.close(reader)
        expect(done.returncode == 0, f"patctl {arguments[0]}: {done.stderr}")
        return json.loads(done.stdout)

    def expect_released(self, names=None):
        """Everything that was acknowledged exists, or what `names` names."""
        for name in self.kept if names is None else names:
            self.expect_one_of(name, [self.kept[name]])

    def expect_one_of(self, name, secrets):
        """None among them stands for a refusal."""
        answer = self.get(name) or {}
        expect(answer == {"username": name, "password": answer.get("password")}
               and answer["password"] in secrets or "error" in answer and None in secrets,
               f"{name}: {answer}; patd-user {'lives' if self.is_alive() else 'is dead'}")
