# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""What attacks_test.py works with, inside tools/play.sh: who asks, the line socket, and a patd of
the test's own, to starve, to kill and to start again."""
import contextlib
import os
import pwd
import secrets
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/lib"))
from processes import await_first  # noqa: E402: the path comes first

PLAY = os.environ.get("PATD_PLAY_DIR", "")
SECONDS = 30
STEP_UP_SOCKETS = ("/run/patd-auth/auth.sock", "/run/patd-auth/enroll.sock")
PIECE, OVERLAP = 16 << 20, 4096


@contextlib.contextmanager
def as_uid(uid):
    """Makes this process another user for a while; connections made then stay that user's."""
    os.setresuid(uid, uid, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def connect(path, uid):
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # Python's own timeout would make the socket non-blocking, so it would not wait in a full queue.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SECONDS, 0))
    try:
        with as_uid(uid):
            connection.connect(path)
    except OSError:
        connection.close()
        raise
    connection.settimeout(SECONDS)
    return connection


def request(op, *attributes):
    return "\n".join(["patd=1", f"op={op}", *attributes, "", ""]).encode()


def read_reply(connection):
    """The reply's attributes; None if the connection ends without one."""
    data = b""
    while not data.endswith(b"\n\n") and data != b"\n":
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    return dict(line.split("=", 1) for line in data.decode().splitlines() if line)


def ask(connection, op, *attributes):
    connection.sendall(request(op, *attributes))
    return read_reply(connection)


def ask_as(path, uid, op, *attributes):
    with connect(path, uid) as connection:
        return ask(connection, op, *attributes)


def find_process(name):
    """The pid of the one process of this name."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/comm", encoding="utf-8") as file:
            if file.read() == f"{name}\n":
                found.append(int(pid))
    (pid,) = found
    return pid


def _parent(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return int(file.read().rpartition(")")[2].split()[1])


def _name(pid):
    with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
        return file.read().strip()


def await_step_up():
    """Returns when no patd-auth and no patd-enroll works on for a patd that is gone."""
    # Connections are accepted in their order: of the last patd none waits any more.
    for path in STEP_UP_SOCKETS:
        with connect(path, 0) as last:
            last.shutdown(socket.SHUT_WR)
            while last.recv(4096):
                pass
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if not _name(_parent(pid)).startswith("systemd-socket"):  # that of this play
                continue
            ended = os.pidfd_open(pid)
            try:
                if not select.select([ended], [], [], SECONDS)[0]:
                    raise TimeoutError(_name(pid))
            finally:
                os.close(ended)


class Process:
    """What /proc says about a process."""

    def __init__(self, pid):
        self.pid = pid

    def read(self, name):
        with open(f"/proc/{self.pid}/{name}", encoding="utf-8") as file:
            return file.read()

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def kib(self, field):
        """A field of status, VmRSS for one."""
        return next(int(line.split()[1]) for line in self.read("status").splitlines()
                    if line.startswith(f"{field}:"))

    def forget_peak(self):
        with open(f"/proc/{self.pid}/clear_refs", "w", encoding="utf-8") as file:
            file.write("5")

    def cpu_seconds(self):
        """Of all threads, to the nanosecond."""
        return sum(int(self.read(f"task/{task}/schedstat").split()[0])
                   for task in os.listdir(f"/proc/{self.pid}/task")) / 1e9

    def is_sanitized(self):
        return "libasan" in self.read("maps")

    def memory(self):
        """Its writable memory, as far as root can read it, in slightly overlapping pieces."""
        with open(f"/proc/{self.pid}/mem", "rb", buffering=0) as file:
            for line in self.read("maps").splitlines():
                begin, end = (int(number, 16) for number in line.split()[0].split("-"))
                # ASan's shadow is larger, and contains no program data.
                if not line.split()[1].startswith("rw") or end - begin >= 1 << 30:
                    continue
                with contextlib.suppress(OSError):
                    for start in range(begin, end, PIECE):
                        file.seek(start)
                        yield file.read(min(PIECE + OVERLAP, end - start))


class OwnPatd:
    """A patd without a bus on a store of its own."""

    def __init__(self):
        self._folder = tempfile.mkdtemp(dir=PLAY)
        os.chmod(self._folder, 0o755)
        self._account = pwd.getpwnam("patd")
        self.socket = f"{self._folder}/socket"
        key = f"{self._folder}/key"
        with open(key, "wb", opener=lambda path, flags: os.open(path, flags, 0o400)) as file:
            file.write(secrets.token_bytes(32))
        os.mkdir(f"{self._folder}/state", 0o700)
        for path in (key, f"{self._folder}/state", self._folder):
            os.chown(path, self._account.pw_uid, self._account.pw_gid)
        self._process = None

    def adopt(self, state, key):
        """Begins with a copy of another's store, which nothing may write meanwhile."""
        for source, target in ((state, "state"), (key, "key")):
            subprocess.run(["cp", "-aT", source, f"{self._folder}/{target}"], check=True)

    def lose_power(self, kept):
        """Ends it. Its files are from now on what kept_disk.c kept of them in the folder `kept`."""
        self.kill()
        state = f"{self._folder}/state"
        for name in os.listdir(state):
            inode = os.stat(f"{state}/{name}").st_ino
            os.unlink(f"{state}/{name}")
            if os.path.exists(f"{kept}/{inode}"):
                shutil.copyfile(f"{kept}/{inode}", f"{state}/{name}")
                os.chmod(f"{state}/{name}", 0o600)
                os.chown(f"{state}/{name}", self._account.pw_uid, self._account.pw_gid)

    def folder(self, name=""):
        return f"{self._folder}{name}"

    def put(self, files):
        """Its files are from now on these: bytes by name."""
        state = f"{self._folder}/state"
        for name in os.listdir(state):
            os.unlink(f"{state}/{name}")
        for name, content in files.items():
            with open(f"{state}/{name}", "wb") as file:
                file.write(content)
                os.fchmod(file.fileno(), 0o600)
                os.fchown(file.fileno(), self._account.pw_uid, self._account.pw_gid)

    def keep_state(self):
        """A copy of its files, while nobody writes there."""
        subprocess.run(["cp", "-aT", f"{self._folder}/state", f"{self._folder}/kept-state"],
                       check=True)

    def put_state_back(self):
        shutil.rmtree(f"{self._folder}/state")
        os.rename(f"{self._folder}/kept-state", f"{self._folder}/state")

    def make_folder(self, name):
        os.mkdir(f"{self._folder}/{name}", 0o755)
        os.chown(f"{self._folder}/{name}", self._account.pw_uid, self._account.pw_gid)
        return f"{self._folder}/{name}"

    def start(self, *prefix, env=None, options=()):
        """Returns the Process once it says that it is ready. ConnectionError: it ended; `args[1]`
        says how, minus the signal."""
        notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        path = f"{self._folder}/notify"
        with notices, open(f"{self._folder}/log", "ab") as log, contextlib.ExitStack() as stack:
            notices.bind(path)
            stack.callback(os.unlink, path)
            os.chmod(path, 0o666)
            self._process = subprocess.Popen(
                ["setpriv", "--reuid=patd", "--regid=patd", "--clear-groups", "--no-new-privs",
                 "--", *prefix, f"{PLAY}/sbin/patd", "--state-dir", f"{self._folder}/state",
                 "--socket", self.socket, "--master-key", f"{self._folder}/key",
                 "--bus-address", "none", *options],
                env=os.environ | {"NOTIFY_SOCKET": path} | (env or {}),
                stderr=log)
            ready = False
            while not ready:
                if await_first([notices], self._process.pid, SECONDS) is None:
                    raise ConnectionError("patd does not start", self.kill())
                ready = b"READY=1" in notices.recv(4096).split(b"\n")
        return Process(self._process.pid)

    def ends(self, seconds=0.0):
        """Whether it has ended, or does so in this time."""
        pidfd = os.pidfd_open(self._process.pid)
        try:
            return bool(select.select([pidfd], [], [], seconds)[0])
        finally:
            os.close(pidfd)

    def said(self, words):
        """Whether that is in what it would send to the journal."""
        with open(f"{self._folder}/log", encoding="utf-8") as log:
            return words in log.read()

    def last_words(self):
        with open(f"{self._folder}/log", encoding="utf-8") as log:
            return log.read()[-1000:]

    def wait(self):
        """How it ended; minus the signal."""
        return self._process.wait(timeout=SECONDS)

    def stop(self):
        """Ends it as systemd would."""
        self._process.send_signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        """How it ended, if it did so before; minus the signal."""
        status = None
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            status = self._process.wait()
            self._process = None
        return status

    def remove(self):
        self.kill()
        shutil.rmtree(self._folder)
