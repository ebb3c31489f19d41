# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""A Debian that systemd-nspawn boots, with systemd as PID 1, over a tree that it never changes. It
lives in the driver's mount and PID namespaces and vanishes with them."""
import glob
import os
import re
import select
import signal
import socket
import subprocess
import time

from namespace import mount
from processes import PlayError, await_exit, await_first, spawn

WORK = f"/run/patd-system-{os.getpid()}"  # of the first process; its children inherit it
ROOT = f"{WORK}/root"
NEWER = "/opt/newer-debian"  # a root directory with the programs of the next Debian
CHANGED = (f"{WORK}/base/upper", f"{WORK}/newer/upper")  # what the machine wrote over its trees
DISK_BYTES = 400 << 20
BOOT_SECONDS = 90
OFF_SECONDS = 45
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root"}
NSPAWN = ("systemd-nspawn", "--quiet", f"--directory={ROOT}", "--boot", "--keep-unit",
          "--register=no", "--private-network", "--notify-ready=yes", "--console=pipe",
          "--link-journal=no", "--resolv-conf=off", "--timezone=off", "--settings=no",
          "--machine=patd-system")
PROXIES = [f"{name}={os.environ[name]}" for name in ("http_proxy", "https_proxy", "no_proxy")
           if name in os.environ]
UNIFIED_ALONE = 258  # the first systemd that boots only with control groups v2


class Outcome:
    def __init__(self, argv, status, output):
        self.argv, self.status, self.output = argv, status, output

    def __str__(self):
        return f"`{' '.join(self.argv)}` gave status {self.status}:\n{self.output.strip()[-3000:]}"


def _environment_of_nspawn(tree):
    """What only a host with control groups v1 has to be told."""
    library = glob.glob(f"{tree}/usr/lib/**/systemd/libsystemd-shared-*.so", recursive=True)[0]
    version = int(re.search(r"shared-(\d+)", library).group(1))
    return {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"} if version >= UNIFIED_ALONE else {}


def _continue_children():
    """systemd-shutdown stops every process first. An nsenter stops itself when what it runs is
    stopped, and nobody else would wake it to wait for that."""
    subprocess.run(["pkill", "-CONT", "-P", str(os.getpid()), "-x", "nsenter"], check=False)


class Machine:
    def __init__(self, tree, disk_bytes=DISK_BYTES, options=(), more_trees=()):
        """`options`: more options of systemd-nspawn; `more_trees`: pairs of a place in the machine
        and the tree to show there."""
        mount("tmpfs", WORK, "tmpfs", data=f"mode=755,size={disk_bytes}")
        os.mkdir(ROOT)
        self._cover(tree, ROOT, "base")
        for number, (place, other) in enumerate(more_trees):
            os.makedirs(ROOT + place)
            self._cover(other, ROOT + place, f"more{number}")
        os.makedirs(f"{ROOT}/var/log/journal", exist_ok=True)  # journals outlive a boot
        self._options = options
        self._environment = os.environ | _environment_of_nspawn(tree)
        self._nspawn = None
        self._boots = 0
        self.leader = None

    @staticmethod
    def _cover(tree, place, name):
        """Shows a tree at a place, where changes do not reach the tree itself."""
        for folder in (f"{WORK}/{name}", f"{WORK}/{name}/upper", f"{WORK}/{name}/work"):
            os.mkdir(folder)
        mount("overlay", place, "overlay",
              data=f"lowerdir={tree},upperdir={WORK}/{name}/upper,workdir={WORK}/{name}/work")

    # Off and on

    def boot(self):
        """Returns when the system in it reports that it is up."""
        self._boots += 1
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices:
            path = f"{WORK}/notify{self._boots}"
            notices.bind(path)
            null = os.open("/dev/null", os.O_RDONLY)
            console = os.open(f"{WORK}/console", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
            self._nspawn = spawn([*NSPAWN, *self._options],
                                 self._environment | {"NOTIFY_SOCKET": path},
                                 stdio=(null, console, console), service=True)
            os.close(null)
            os.close(console)
            self._await_ready(notices)

    def _await_ready(self, notices):
        end = time.monotonic() + BOOT_SECONDS
        ready = False
        while not ready or self.leader is None:
            if await_first([notices], self._nspawn, max(0, end - time.monotonic())) is None:
                raise PlayError(f"the machine did not boot:\n{self.console()[-4000:]}")
            for line in notices.recv(4096).decode().split("\n"):
                if line.startswith("X_NSPAWN_LEADER_PID="):
                    self.leader = int(line.partition("=")[2])
                ready = ready or line == "READY=1"

    def _await_end(self):
        for _ in range(OFF_SECONDS * 5):
            if await_exit(self._nspawn, 0.2) is not None:
                self._nspawn = self.leader = None
                return
            _continue_children()
        left = self.run("ps", "-eo", "pid,ppid,stat,args").output
        raise PlayError(f"the machine does not go off; what is left of it:\n{left}")

    def power_off(self):
        self.run("systemctl", "--no-block", "poweroff")
        self._await_end()

    def pull_the_plug(self):
        """Ends every process of the machine at once."""
        os.kill(self.leader, signal.SIGKILL)
        self._await_end()

    def console(self):
        with open(f"{WORK}/console", encoding="utf-8", errors="replace") as file:
            return file.read()

    # Files

    def path(self, name):
        """A file of the machine, for this process to read. Never to write: an absolute symbolic
        link in its path would lead to this process's own files."""
        return (ROOT if self.leader is None else f"/proc/{self.leader}/root") + name

    def write(self, name, content, mode="644"):
        """Creates a file from text or bytes, from within the machine."""
        data = content.encode() if isinstance(content, str) else content
        script = 'mkdir -p "$(dirname "$1")" && cat >"$1" && chmod "$2" "$1"'
        done = subprocess.run(self.argv("sh", "-c", script, "sh", name, mode), input=data,
                              env=ENVIRONMENT, check=False)
        if done.returncode != 0:
            raise PlayError(f"{name} cannot be written")

    def copy_in(self, source, name):
        with open(source, "rb") as file:
            self.write(name, file.read())

    # Commands

    def argv(self, *command, user=None, online=False):
        """`online` gives it the network of the host; the machine's own leads nowhere."""
        become = [] if user is None else [
            "setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--no-new-privs",
            "env", f"HOME=/home/{user}", f"USER={user}", f"LOGNAME={user}"]
        network = ["env", *PROXIES] if online else ["--net"]
        return ["nsenter", f"--target={self.leader}", "--mount", "--uts", "--ipc", "--pid",
                "--cgroup", "--wdns=/", *network, *become, *command]

    def run(self, *command, user=None, text="", pass_fds=(), seconds=60, online=False):
        """Runs a command in the machine and returns its Outcome, with both streams in one."""
        done = subprocess.run(self.argv(*command, user=user, online=online), input=text,
                              env=ENVIRONMENT,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              pass_fds=pass_fds, timeout=seconds, check=False, errors="replace")
        return Outcome(command, done.returncode, done.stdout)

    def sh(self, script, **options):
        return self.run("sh", "-c", script, **options)

    def must(self, *command, **options):
        """The same, but anything except success is an error; returns the output."""
        outcome = self.run(*command, **options)
        if outcome.status != 0:
            raise PlayError(str(outcome))
        return outcome.output

    def start(self, *command, user=None, **options):
        """Starts a command in the machine and returns the Popen."""
        return subprocess.Popen(self.argv(*command, user=user), env=ENVIRONMENT,
                                stdin=subprocess.DEVNULL, text=True, errors="replace", **options)

    def show(self, unit, name):
        return self.must("systemctl", "show", "--value", "-p", name, unit).strip()

    def journal(self, *arguments):
        return self.must("journalctl", "--no-pager", "-q", "-o", "cat", *arguments)

    def follow(self, unit):
        """A Follower of what the journal says about a unit from now on."""
        return Follower(self, unit)


class Follower:
    def __init__(self, machine, unit):
        shown = machine.must("journalctl", "--no-pager", "-n1", "--show-cursor")
        cursor = re.search(r"-- cursor: (\S+)", shown).group(1)
        self._process = machine.start("journalctl", "-f", "-o", "cat", f"--after-cursor={cursor}",
                                      "-u", unit, stdout=subprocess.PIPE)
        self._text = ""

    def wait_for(self, pattern, seconds):
        """Waits until a line matches, and forgets everything before it."""
        end = time.monotonic() + seconds
        fd = self._process.stdout.fileno()
        while True:
            found = re.search(pattern, self._text)
            if found:
                self._text = self._text[found.end():]
                return found
            left = end - time.monotonic()
            if left <= 0 or not select.select([fd], [], [], left)[0]:
                raise PlayError(f"the journal never said {pattern!r}, only:\n{self._text[-3000:]}")
            self._text += os.read(fd, 65536).decode(errors="replace")

    def close(self):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
