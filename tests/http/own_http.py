# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""What the tests of patd-http work with, inside tools/play.sh: a patd-http of the test's own in
front of the patd that plays, alice and her tokens, and connections as any user."""
import contextlib
import os
import pwd
import select
import signal
import socket
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../integration"))
from own_patd import PLAY, Process, as_uid  # noqa: E402: the path comes first; finds tools/lib
from processes import await_first, said, spawn  # noqa: E402

PROGRAM = f"{os.environ['PATD_BUILD_DIR']}/http/patd-http"
PASSWORD = "a password of this test"
SECONDS = 30
SERVER, OTHER = 33, 65532  # www-data, which every Debian has; somebody else
AUDIENCE = "https://git.example"
ASKER = "patd:introspection:ro"


def make_user(name):
    subprocess.run(["useradd", "--no-log-init", "-m", "-d", f"{PLAY}/home/{name}", name],
                   check=True, stderr=subprocess.DEVNULL)
    with said(f"{PASSWORD}\n{PASSWORD}\n") as reader:
        subprocess.run(["patctl", "admin", "passwd", name, "--password-fd", str(reader.fileno())],
                       pass_fds=(reader.fileno(),), check=True, stdout=subprocess.DEVNULL)
    return pwd.getpwnam(name)


def patctl(account, *arguments, secret=False):
    """What it prints; with `secret`, the new secret."""
    reader, writer = os.pipe()
    with said(f"{PASSWORD}\n") as password, os.fdopen(reader) as output:
        files = ["--output-fd", str(writer)] if secret else []
        if arguments[0] not in ("lock", "audit"):
            files += ["--password-fd", str(password.fileno())]
        done = subprocess.run(
            ["patctl", *arguments, *files],
            user=account.pw_uid, group=account.pw_gid, extra_groups=[],
            env=os.environ | {"HOME": account.pw_dir}, pass_fds=(password.fileno(), writer),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS,
            check=False)
        os.close(writer)
        if done.returncode != 0:
            raise AssertionError(f"patctl {arguments}: {done.stdout}")
        return output.read().strip() if secret else done.stdout


def create(account, permissions="vcs:repository:ro", target=AUDIENCE, *more):
    arguments = [word for permission in permissions.split() for word in ("-p", permission)]
    return patctl(account, "create", "of a test", *arguments, "-t", target, *more, secret=True)


def damaged(secret):
    return secret[:-1] + ("1" if secret.endswith("0") else "0")


def token_id(secret):
    return secret.split("_")[1]


class OwnHttp:
    """A patd-http at a socket of its own, as the account patd-http."""

    def __init__(self, folder, settings="", tcp=None):
        self.path = f"{folder}/http-socket"
        self._notices = f"{folder}/http-notify"
        self.log = f"{folder}/http-log"
        self._tcp = tcp
        os.makedirs("/etc/patd/http.d", exist_ok=True)
        with open("/etc/patd/http.d/test.conf", "w", encoding="utf-8") as file:
            file.write(settings)
        self._listener = None
        self.pid = None

    def start(self):
        """The Process, once it is ready. ConnectionError: it ended."""
        if self._listener is None:
            self._listener = self._listen()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._notices)
        notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        with notices, open(self.log, "ab") as log, open("/dev/null", "rb") as null:
            notices.bind(self._notices)
            os.chmod(self._notices, 0o666)
            self.pid = spawn([PROGRAM], os.environ | {"NOTIFY_SOCKET": self._notices},
                             stdio=(null.fileno(), log.fileno(), log.fileno()),
                             listener=self._listener.fileno(), service=True,
                             become=pwd.getpwnam("patd-http"))
            ready = False
            while not ready:
                if await_first([notices], self.pid, SECONDS) is None:
                    os.waitpid(self.pid, 0)
                    self.pid = None
                    raise ConnectionError("patd-http does not start")
                ready = b"READY=1" in notices.recv(4096)
        return Process(self.pid)

    def _listen(self):
        if self._tcp:
            return socket.create_server(self._tcp)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(self.path)
        os.chmod(self.path, 0o666)
        listener.listen(128)
        return listener

    def stop(self):
        """Its exit status."""
        os.kill(self.pid, signal.SIGTERM)
        pidfd = os.pidfd_open(self.pid)
        ended = select.select([pidfd], [], [], SECONDS)[0]
        os.close(pidfd)
        assert ended, "patd-http does not end"
        pid, self.pid = self.pid, None
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def close(self):
        if self.pid is not None:
            assert self.stop() == 0
        self._listener.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)

    def open_connections(self):
        """The inodes of its ends of connections, as this network's /proc says."""
        with open("/proc/net/unix", encoding="ascii") as file:
            rows = [line.split() for line in file]
        return {row[6] for row in rows if row[-1] == self.path and row[5] == "03"}

    def connect(self, uid=SERVER):
        if self._tcp:
            return socket.create_connection(self._listener.getsockname(), SECONDS)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO,
                              struct.pack("ll", SECONDS, 0))
        with as_uid(uid):
            connection.connect(self.path)
        connection.settimeout(SECONDS)
        return connection


class Answer:
    def __init__(self, head, body):
        line, *fields = head.decode("latin-1").split("\r\n")
        self.status = int(line.split()[1])
        self.fields = [tuple(field.split(": ", 1)) for field in fields]
        self.body = body

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def get(self, name):
        values = self.all(name) or [None]
        assert len(values) == 1, values
        return values[0]

    def __repr__(self):
        return f"{self.status} {self.fields} {self.body}"


def read_answer(connection, rest=b""):
    """The next Answer and what came behind it; None at the end of the connection."""
    while b"\r\n\r\n" not in rest:
        more = connection.recv(65536)
        if not more:
            return None, rest
        rest += more
    head, rest = rest.split(b"\r\n\r\n", 1)
    answer = Answer(head, b"")
    length = int(answer.get("Content-Length") or 0)
    while len(rest) < length:
        rest += connection.recv(65536)
    answer.body, rest = rest[:length], rest[length:]
    return answer, rest


def request(method, target, *fields, body=b""):
    lines = [f"{method} {target} HTTP/1.1", "Host: patd", *fields]
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body
