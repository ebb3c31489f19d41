# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""A git server as an administrator would set it up: nginx with HTTPS, PAM, git http-backend."""
import os
import pwd
import select
import shutil
import signal
import socket
import subprocess

from processes import PlayError, spawn

HOST = "git.example"
SITE = "/run/patd-play/site"
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
# What an administrator writes to accept tokens; one such file for reading, one for writing.
STACK = """auth     required  {module} token permission={permission} audience={origin}
account  required  {module}
"""


class Site:
    def __init__(self, module, sources):
        """`module`: the path of pam_pat.so. `sources`: folders that the repository starts with."""
        self._module = module
        self._sources = sources
        self._nginx = None
        # Both listen before their servers start, so nobody can come too early.
        self._https = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._https.getsockname()[1]
        self.origin = f"https://{HOST}:{self.port}"
        self.authority = f"{SITE}/tls/ca.crt"

    def build_up(self):
        for name in ("", "log", "tls", "repositories"):
            os.mkdir(f"{SITE}/{name}", 0o755)
        with open("/etc/hosts", "a", encoding="utf-8") as file:
            file.write(f"127.0.0.1 {HOST}\n")
        self._make_certificates()
        self._make_repository()
        self._write_stack("git-fetch", "vcs:repository:ro")
        self._write_stack("git-push", "vcs:repository:rw")
        for name in ("nginx.conf", "git-backend.conf"):
            self._fill_in(name)

    def _write_stack(self, service, permission):
        with open(f"/etc/pam.d/{service}", "w", encoding="utf-8") as file:
            file.write(STACK.format(module=self._module, permission=permission,
                                    origin=self.origin))

    def _fill_in(self, name):
        here = os.path.dirname(os.path.abspath(__file__))
        with open(f"{here}/{name}.in", encoding="utf-8") as file:
            text = file.read()
        for key, value in {"DIR": SITE, "PORT": str(self.port), "HOST": HOST}.items():
            text = text.replace(f"@{key}@", value)
        with open(f"{SITE}/{name}", "w", encoding="utf-8") as file:
            file.write(text)

    def _make_certificates(self):
        directory = f"{SITE}/tls"
        curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
        _run(["openssl", "req", "-x509", *curve, "-subj", "/CN=throw-away CA", "-days", "2",
              "-keyout", "ca.key", "-out", "ca.crt"], cwd=directory)
        _run(["openssl", "req", *curve, "-subj", f"/CN={HOST}", "-keyout", "server.key",
              "-out", "server.csr"], cwd=directory)
        with open(f"{directory}/names", "w", encoding="utf-8") as file:
            file.write(f"subjectAltName=DNS:{HOST}\n")
        _run(["openssl", "x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key",
              "-days", "2", "-extfile", "names", "-out", "server.crt"], cwd=directory)

    def _make_repository(self):
        work, bare = f"{SITE}/work", f"{SITE}/repositories/project.git"
        os.mkdir(work)
        for folder in self._sources:
            shutil.copytree(folder, f"{work}/{os.path.basename(folder)}")
        git = ["git", "-c", "user.name=demo", "-c", "user.email=demo@git.example",
               "-c", "init.defaultBranch=main"]
        for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "First commit"],
                          ["clone", "-q", "--bare", work, bare]):
            _run([*git, *arguments], cwd=work)
        shutil.rmtree(work)
        _run(["chown", "-R", "www-data:www-data", f"{SITE}/repositories"])

    def start(self):
        log = os.open(f"{SITE}/log/daemons.log", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        null = os.open("/dev/null", os.O_RDONLY)
        web = pwd.getpwnam("www-data")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as backend:
            backend.bind(f"{SITE}/fcgiwrap.sock")
            os.chmod(f"{SITE}/fcgiwrap.sock", 0o600)
            os.chown(f"{SITE}/fcgiwrap.sock", web.pw_uid, web.pw_gid)
            backend.listen(64)
            spawn(["fcgiwrap", "-f", "-c", "2"], {"PATH": PATH}, become=web, service=True,
                  stdio=(backend.fileno(), log, log))
        # NGINX names the listening sockets that nginx inherits, as in its own upgrades.
        self._nginx = spawn(["nginx", "-c", f"{SITE}/nginx.conf"], {"PATH": PATH, "NGINX": "3;"},
                            stdio=(null, log, log), listener=self._https.fileno(), service=True)
        self._https.close()
        os.close(log)
        os.close(null)

    def check_alive(self):
        if os.waitpid(self._nginx, os.WNOHANG)[0] != 0:
            raise PlayError(f"nginx ended; see {SITE}/log")

    def replace_workers(self):
        """Makes nginx replace the processes that have served requests."""
        old = [os.pidfd_open(pid) for pid in _children(self._nginx)]
        os.kill(self._nginx, signal.SIGHUP)
        for pidfd in old:
            if not select.select([pidfd], [], [], 20)[0]:
                raise PlayError("an nginx worker did not end within 20 s of the reload")
            os.close(pidfd)


def _run(argv, **options):
    environment = {"PATH": PATH, "HOME": SITE, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(argv, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, **options)
    if done.returncode != 0:
        raise PlayError(f"`{' '.join(argv)}` failed:\n{done.stdout}")


def _children(parent):
    children = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                    if int(file.read().rpartition(")")[2].split()[1]) == parent:
                        children.append(int(name))
            except FileNotFoundError:
                pass  # it ended meanwhile
    return children
