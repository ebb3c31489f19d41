# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""A desktop session without a screen: a bus, a home and a runtime directory for the test."""
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from jeepney import DBusAddress, DBusErrorResponse, MessageFlag, new_method_call
from jeepney.io.blocking import open_dbus_connection
from jeepney.wrappers import unwrap_msg

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/lib"))
from processes import PlayError, expect  # noqa: E402: the path comes first

SECONDS = 30
STOP_SECONDS = 10
SECRETS = "org.freedesktop.secrets"
BUS = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
BUS_CONFIG = """<busconfig><type>session</type><listen>unix:path={folder}/bus</listen>
<auth>EXTERNAL</auth>{services}<policy context="default"><allow user="*"/><allow own="*"/>
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/></policy></busconfig>
"""
# What a user's bus starts on demand, including gnome-keyring.
SERVICES = "<servicedir>/usr/share/dbus-1/services</servicedir>"


def wait_until(condition, why, process=None, seconds=SECONDS):
    """Returns what `condition` gives once that is true. `process` must not end meanwhile."""
    end = time.monotonic() + seconds
    while True:
        with contextlib.suppress(DBusErrorResponse):  # of a program that is starting or gone
            if found := condition():
                return found
        expect(process is None or process.poll() is None, f"it ended by itself before {why}")
        expect(time.monotonic() < end, f"not within {seconds} s: {why}")
        time.sleep(0.005)


class Session:
    """Everything in it ends with it. `activatable`: its bus may start services."""

    def __init__(self, *, activatable=False):
        self.folder = tempfile.mkdtemp(prefix="keyring-session-")
        self._processes = []
        self._connection = None
        self.environment = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8", "QT_QPA_PLATFORM": "offscreen",
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.folder}/bus",
            **{name: self._make(name) for name in ("HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME",
                                                   "XDG_CONFIG_HOME", "XDG_CACHE_HOME")},
            **{name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}}
        with open(self.path("bus.conf"), "w", encoding="utf-8") as file:
            file.write(BUS_CONFIG.format(folder=self.folder,
                                         services=SERVICES if activatable else ""))
        bus = self.start("dbus-daemon", f"--config-file={self.path('bus.conf')}", "--nofork")
        self._connection = wait_until(self._try_to_connect, "the bus listens", bus)

    def _try_to_connect(self):
        with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
            return self.connect()
        return None

    def _make(self, name):
        folder = self.path(name.lower())
        os.mkdir(folder, 0o700)
        return folder

    def path(self, name):
        return f"{self.folder}/{name}"

    def start(self, *argv, text=None, log=None, pass_fds=(), environment=()):
        """A process of the session, `text` on its standard input. It does not outlive this one."""
        with open(self.path(log or f"{os.path.basename(argv[0])}.log"), "ab") as output:
            process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", *argv], pass_fds=pass_fds,
                env={**self.environment, **dict(environment)},
                stdin=subprocess.DEVNULL if text is None else subprocess.PIPE,
                stdout=output, stderr=output)
        if text is not None:
            process.stdin.write(text.encode())
            process.stdin.close()
        self._processes.append(process)
        return process

    def end(self, process, number=signal.SIGTERM):
        """Returns the exit status, as a shell would report it."""
        if process.returncode is None:
            process.send_signal(signal.SIGCONT)
            process.send_signal(number)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:  # as at the end of a session
                process.kill()
                process.wait()
        self._processes.remove(process)
        return process.returncode if process.returncode >= 0 else 128 - process.returncode

    def log(self, name):
        with contextlib.suppress(FileNotFoundError), \
                open(self.path(f"{name}.log"), encoding="utf-8", errors="replace") as file:
            return file.read()
        return ""

    # The bus.
    def connect(self):
        """A separate connection for the caller, for what must not be shared."""
        return open_dbus_connection(self.environment["DBUS_SESSION_BUS_ADDRESS"])

    def call(self, address, member, signature="", *body, connection=None):
        """The body of the reply. Raises DBusErrorResponse."""
        if connection is None:
            connection = self._connection
        message = new_method_call(address, member, signature or None, body)
        return unwrap_msg(connection.send_and_get_reply(message, timeout=SECONDS))

    def send(self, address, member, signature, *body):
        """A call that is not answered."""
        message = new_method_call(address, member, signature, body)
        message.header.flags |= MessageFlag.no_reply_expected
        self._connection.send(message)

    def owner_pid(self, name=SECRETS):
        """The process that owns a name on the bus; None if nobody does."""
        with contextlib.suppress(DBusErrorResponse):
            return self.call(BUS, "GetConnectionUnixProcessID", "s", name)[0]
        return None

    def close(self):
        with contextlib.suppress(OSError, EOFError):
            self._end_what_the_bus_started()
        if self._connection is not None:
            self._connection.close()
        for process in reversed(self._processes.copy()):
            self.end(process, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end_what_the_bus_started(self):
        ours = {os.getpid(), *(process.pid for process in self._processes)}
        for name in self.call(BUS, "ListNames")[0]:
            pid = self.owner_pid(name)
            if pid is not None and pid not in ours and name == SECRETS:
                os.kill(pid, signal.SIGKILL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Killer:
    """Sees every message on the bus, and ends a process at the chosen one."""

    def __init__(self, session):
        self._lock = threading.Lock()
        self._left = 0
        self._process = self._signal = None
        self._connection = session.connect()
        monitoring = DBusAddress(BUS.object_path, BUS.bus_name, "org.freedesktop.DBus.Monitoring")
        session.call(monitoring, "BecomeMonitor", "asu", [], 0, connection=self._connection)
        threading.Thread(target=self._watch, daemon=True).start()

    def arm(self, process, number, messages):
        """Sends it the signal after `messages` more messages on the bus."""
        with self._lock:
            self._process, self._signal, self._left = process, number, messages

    def left(self):
        with self._lock:
            return self._left

    def disarm(self):
        """From now on it ends nothing. Returns how many messages were left."""
        with self._lock:
            left, self._left = self._left, 0
            self._process = None
        return left

    def _watch(self):
        with contextlib.suppress(OSError, EOFError):  # the bus has ended
            while self._connection.receive():
                with self._lock:
                    self._left -= self._left > 0
                    if self._left == 0 and self._process is not None:
                        self._process.send_signal(self._signal)
                        self._process = None
