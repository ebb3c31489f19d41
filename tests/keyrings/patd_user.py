# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""patd-user in a session, and what it answers at its line socket."""
import contextlib
import os
import signal
import socket

from session import SECONDS, PlayError, expect, wait_until

PROGRAM = f"{os.environ.get('PATD_BUILD_DIR')}/daemon/user/patd-user"
PLACE = ("protocol=https", "host=forge.example")


class PatdUser:
    def __init__(self, session):
        self._session = session
        self._path = session.path("patd.socket")
        self.process = None
        self.kept = {}
        self.start()

    def start(self):
        self.process = self._session.start(
            PROGRAM, f"--state-dir={self._session.path('state')}",
            f"--socket={self._path}", f"--config-root={self._session.path('root')}",
            log="patd-user.log")

    def is_alive(self):
        return self.process.poll() is None

    def restart(self, number=signal.SIGTERM):
        self._session.end(self.process, number)
        self.start()

    def ask(self, op, *attributes):
        """The attributes of the reply, {} for an empty one; None: it went before it answered."""
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
        """Stores it, as git does. True: it was answered that it is kept."""
        answer = self.ask("store", *PLACE, f"username={name}", f"password={secret}")
        if answer == {}:
            self.kept[name] = secret
        return answer == {}

    def get(self, name):
        return self.ask("get", *PLACE, f"username={name}")

    def expect_released(self):
        """All that was answered as kept is there."""
        for name, secret in self.kept.items():
            answer = self.get(name)
            expect(answer == {"username": name, "password": secret},
                   f"{name}: {answer}; patd-user {'lives' if self.is_alive() else 'is dead'}")
