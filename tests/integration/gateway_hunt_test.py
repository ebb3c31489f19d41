# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Nobody holds it: a process with a uid, mounts and a network of its own, with an exposed directory
and the way to the gateway, clones and is refused the push, while a real nginx, the forge, keeps
what it got. Then the hunt for the forge's token, in the middle of a request and after it: in every
process, every file and on the bus; and in what a worker that crashes leaves. Runs inside of
tools/play.sh, as root."""
import base64
import contextlib
import glob
import os
import re
import select
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import gateway_test
from gateway_site import NGINX_ACCOUNT, NginxSite, PATH, RUN, make_account
from gateway_test import SECRET, URL
from processes import spawn
from program_fixture import HELPER, PLAY, SECONDS

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, f"{HERE}/../../tools/demo")
from search import Search  # noqa: E402: the path comes first

UNIT = f"{HERE}/../../systemd/system/patd-gateway.service"
PLACES = ("/run", "/tmp", "/etc", "/home", "/root", "/dev/shm", "/var/lib/patd",
          "/var/lib/patd-auth", "/var/log", "/var/tmp", "/var/lib/nginx")
FORGE = """daemon off;
pid {folder}/pid;
error_log stderr;
events {{
}}
http {{
    log_format got "$request_method $uri $args $status $http_authorization";
    access_log {folder}/got got;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    client_max_body_size 0;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {certificate};
        ssl_certificate_key {certificate};
        location / {{
            proxy_pass http://127.0.0.1:{git};
            proxy_read_timeout 300s;
        }}
    }}
}}
"""
CLONE = "rm -rf copy && git clone -q $0 copy && git -C copy log --oneline"
PUSH = """rm -rf work && git clone -q $0 work && cd work && echo more >file && git add . &&
git commit -qm more && git push -q origin HEAD:refs/heads/more"""


def memory_in_a_core(pid):
    """What the kernel would write of a process into its core, wherever that goes (core(5))."""
    with open(f"/proc/{pid}/coredump_filter", encoding="ascii") as file:
        parts = int(file.read(), 16)
    found = []
    with open(f"/proc/{pid}/smaps", encoding="ascii") as maps, \
            open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for region in re.split(r"\n(?=[0-9a-f]+-)", maps.read()):
            place, rights, _, _, inode = region.split(maxsplit=5)[:5]
            is_own = inode == "0" or "\nAnonymous:             0 kB\n" not in region
            bit = (0 if rights[3] == "p" else 1) if is_own else (2 if rights[3] == "p" else 3)
            is_kept_out = re.search(r"\nVmFlags:.* dd\b", region)
            if parts >> bit & 1 and not is_kept_out and rights[0] == "r":
                begin, end = (int(text, 16) for text in place.split("-"))
                with contextlib.suppress(OSError):  # the kernel's own pages, guards of stacks
                    found.append(os.pread(memory.fileno(), end - begin, begin))
    return b"".join(found)


class Relay:
    """Sends on what arrives at a listener, each connection once `go` is set."""

    def __init__(self, listener, port):
        self._listener, self._port = listener, port
        self.port = listener.getsockname()[1]
        self.arrived, self.go = threading.Event(), threading.Event()
        self.go.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        self.arrived.set()
        self.go.wait(SECONDS)
        with connection, socket.create_connection(("127.0.0.1", self._port)) as far:
            back = threading.Thread(target=self._pump, args=(far, connection), daemon=True)
            back.start()
            self._pump(connection, far)
            back.join()

    @staticmethod
    def _pump(source, sink):
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                sink.sendall(piece)
            sink.shutdown(socket.SHUT_WR)

    def close(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


class Door:
    """What GitServer is to the gateway: where the forge is."""

    def __init__(self, port):
        self.host = f"localhost:{port}"


class Hunt(gateway_test.WithGateway):
    @classmethod
    def make_gateway(cls):
        cls.began = time.time() - 60
        cls.agent, cls.forge_account = make_account("agent"), make_account("forge")
        return NginxSite()

    def setUp(self):
        super().setUp()
        self.folder = f"{PLAY}/home/forge"
        os.makedirs(self.folder, exist_ok=True)
        os.chown(self.folder, self.forge_account.pw_uid, self.forge_account.pw_gid)
        # Behind the forge, whose handshake has a shorter deadline than its answer.
        self.relay = Relay(socket.create_server(("127.0.0.1", 0)),
                           int(self.gateway.forge.host.rpartition(":")[2]))
        self.addCleanup(self.relay.close)
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        with open(f"{self.folder}/conf", "w", encoding="ascii") as file:
            file.write(FORGE.format(folder=self.folder, port=port, git=self.relay.port,
                                    certificate=self.gateway.certificate))
        os.chmod(self.gateway.certificate, 0o644)
        with open("/dev/null", "rb") as null:
            self.forge = spawn(["nginx", "-e", "stderr", "-c", f"{self.folder}/conf"],
                               {"PATH": PATH, "NGINX": "3;"}, stdio=(null.fileno(), 2, 2),
                               listener=listener.fileno(), become=self.forge_account, service=True)
        listener.close()
        self.addCleanup(os.waitpid, self.forge, 0)
        self.addCleanup(os.kill, self.forge, 15)
        self.gateway.forge = Door(port)
        self.watch_the_bus()

    def watch_the_bus(self):
        self.monitor = subprocess.Popen(
            ["dbus-monitor", "--address", os.environ["DBUS_SYSTEM_BUS_ADDRESS"]],
            stdout=subprocess.PIPE)
        self.messages = [self.monitor.stdout.readline()]  # it listens
        self.reader = threading.Thread(target=lambda: self.messages.extend(self.monitor.stdout))
        self.reader.start()
        self.addCleanup(self.monitor.stdout.close)
        self.addCleanup(self.end_monitor)

    def end_monitor(self):
        self.monitor.terminate()
        self.monitor.wait()
        self.reader.join()

    def expose(self, token):
        directory = f"{self.as_alice()['cwd']}/exposed"
        os.mkdir(directory)
        os.chown(directory, self.uid, self.uid)
        self.expect(self.alice("patctl expose $1 --only $2 --mode 0666", directory, token))
        return directory

    def contain(self, script, directory):
        """Starts a script in a container; what it says is in its stdout."""
        home = f"{PLAY}/home/agent"
        os.makedirs(home, exist_ok=True)
        os.chown(home, self.agent.pw_uid, self.agent.pw_gid)
        with open(f"{home}/.gitconfig", "w", encoding="ascii") as file:
            file.write(f"[user]\nname = a\nemail = a@b\n[credential]\nhelper = {HELPER}\n"
                       f"[credential \"{self.gateway.origin}\"]\nuseHttpPath = true\n"
                       f"[url \"{self.gateway.origin}/forge.example/\"]\n"
                       "insteadOf = https://forge.example/\n")
        ours, theirs = socket.socketpair()
        with ours, theirs:
            process = subprocess.Popen(
                [sys.executable, "-B", f"{HERE}/contained.py", str(theirs.fileno()),
                 str(self.gateway.port), directory, "agent", "sh", "-ec", script, URL],
                env={"PATH": os.environ["PATH"], "HOME": home, "GIT_TERMINAL_PROMPT": "0"},
                pass_fds=(theirs.fileno(),), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                text=True)
            theirs.close()
            _, (fd,), _, _ = socket.recv_fds(ours, 16, 1)
        relay = Relay(socket.socket(fileno=fd), self.gateway.port)
        self.addCleanup(relay.close)
        return process

    def ends(self, process, status=0):
        output, _ = process.communicate(timeout=SECONDS)
        if status is not None:
            self.assertEqual(process.returncode, status, output)
        return output

    def holders(self):
        """The programs whose memory has the secret; the forge's and this one are not asked."""
        search, found = Search({"it": SECRET}), set()
        with open(f"/proc/{self.forge}/task/{self.forge}/children", encoding="ascii") as file:
            spared = {os.getpid(), self.forge, *map(int, file.read().split())}
        asked = 0
        for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
                    name = file.read().strip()
                if pid in spared or not os.path.exists(f"/proc/{pid}/exe"):
                    continue
                asked += 1
                if "it" in search.memory(pid)[0]:  # children look like tokens, too
                    found.add("nginx worker" if pid in self.gateway.workers() else name)
        self.assertGreater(asked, 5)
        return found

    def files_with_it(self, *spared):
        """Of those that were written since this began."""
        search, paths = Search({"it": SECRET}), []
        for folder, _, names in (step for place in PLACES for step in os.walk(place)):
            for name in names:
                with contextlib.suppress(OSError):
                    found = os.lstat(f"{folder}/{name}")
                    if stat.S_ISREG(found.st_mode) and found.st_ctime >= self.began:
                        paths.append(f"{folder}/{name}")
        self.assertGreater(len(paths), 100)
        found = search.files(paths, shapes=False)
        self.assertIn(spared[0], found)  # the search is not blind
        return sorted(found.keys() - set(spared))

    def crash_a_worker_that_has_it(self, limit, parts):
        """Whether a core holds it, and the cores that it leaves where it runs."""
        search = Search({"it": SECRET})
        pid = next(pid for pid in self.gateway.workers() if "it" in search.memory(pid)[0])
        subprocess.run(["prlimit", f"--pid={pid}", f"--core={limit}:{limit}"], check=True,
                       user=NGINX_ACCOUNT, group=NGINX_ACCOUNT, extra_groups=[])
        with open(f"/proc/{pid}/coredump_filter", "w", encoding="ascii") as file:
            file.write(f"{parts:#x}")
        with tempfile.NamedTemporaryFile(dir=PLAY) as file:
            file.write(memory_in_a_core(pid))
            file.flush()
            in_a_core = search.files([file.name], shapes=False)
        pidfd = os.pidfd_open(pid)
        os.kill(pid, signal.SIGSEGV)
        self.assertTrue(select.select([pidfd], [], [], SECONDS)[0])
        os.close(pidfd)
        return bool(in_a_core), glob.glob(f"{RUN}/core*")

    # Row G6. A collector gets a core whatever the limit is, but nothing of the memory with it.
    # Where this machine has one, there is no file, but what would be in it is known.
    def test_a_worker_that_crashes_leaves_nothing_of_it(self):
        with open(UNIT, encoding="ascii") as file:
            unit = dict(line.strip().split("=", 1) for line in file if "=" in line)
        with open("/proc/sys/kernel/core_pattern", encoding="ascii") as file:
            is_file_here = not file.read().startswith(("|", "/"))
        own_limit, own_parts = unit["LimitCORE"], int(unit["CoredumpFilter"], 16)
        self.import_token("vcs:repository:ro")
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(RUN)
        for limit, parts, has_core, has_it in (("unlimited", 0x33, True, True),
                                               ("unlimited", own_parts, True, False),
                                               (own_limit, own_parts, False, False)):
            self.gateway.forge = self.gateway.forge  # its nginx starts again, here
            self.expect(self.alice("git ls-remote $1", URL))
            in_a_core, cores = self.crash_a_worker_that_has_it(limit, parts)
            self.assertEqual(in_a_core, parts != own_parts, (limit, parts))
            self.assertEqual(bool(cores), has_core and is_file_here, (limit, parts))
            found = Search({"it": SECRET}).files(cores, shapes=False)
            self.assertEqual(bool(found), has_it and is_file_here, (limit, parts))
            for core in cores:
                os.unlink(core)
            self.expect(self.alice("git ls-remote $1", URL))  # another worker serves

    # Row G6.
    def test_nobody_holds_it(self):
        token = self.import_token("vcs:repository:ro")
        directory = self.expose(token)
        self.assertIn("first", self.ends(self.contain(CLONE, directory)))
        refused = self.ends(self.contain(PUSH, directory), None)
        self.assertIn("patd: permission", refused)
        with open(f"{self.folder}/got", encoding="ascii") as file:
            got = file.read()
        pair = base64.b64encode(f"al:{SECRET}".encode()).decode()
        for line in got.splitlines():
            self.assertTrue(line.endswith(f" 200 Basic {pair}"), "the forge got something else")
        self.assertIn("git-upload-pack", got)
        self.assertNotIn("receive-pack", got)

        # In the middle of a request: the gateway has it, and waits for the forge.
        self.relay.arrived.clear()
        self.relay.go.clear()
        clone = self.contain(CLONE, directory)
        self.assertTrue(self.relay.arrived.wait(SECONDS))
        during, child_process = self.holders(), clone.poll()
        self.relay.go.set()
        self.ends(clone)
        self.assertIsNone(child_process)
        self.assertIn("nginx worker", during)
        self.assertLessEqual(during, {"nginx worker", "patd"})

        self.gateway.replace_workers()
        self.assertLessEqual(self.holders(), {"patd"})
        self.end_monitor()
        self.assertGreater(len(self.messages), 50)
        self.assertNotIn(SECRET, b"".join(self.messages).decode("utf-8", "replace"))
        self.assertEqual(self.files_with_it(f"{self.folder}/got"), [])


if __name__ == "__main__":
    unittest.main()
