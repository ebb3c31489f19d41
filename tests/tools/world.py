# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""What a tool's user has, inside tools/play.sh: alice, her tokens in a real patd, the helper under
its other names, and servers that ask patd whom they let in."""
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../integration"), os.path.join(HERE, "../../tools/lib")]
from accounts import ensure_account  # noqa: E402: the path comes first
from namespace import enter, show_inside  # noqa: E402
from own_patd import PLAY, ask_as  # noqa: E402
from processes import said  # noqa: E402
from web import Web  # noqa: E402

SOCKET = "/run/patd/socket"
HELPER = f"{PLAY}/bin/git-credential-pat"
LINKS = f"{PLAY}/bin"  # beside patctl, as they are installed
PASSWORD = "a password of this test"
PERMISSION = "artifact:version:rw"
HTTPD = 33  # any uid may verify
SECONDS = 120
NAMES = ("pat-get", "docker-credential-pat", "pat-askpass", "cargo-credential-pat", "pat-kubectl",
         "pat-aws", "pat-keyring", "pat-go", "terraform-credentials-pat", "pat-pnpm",
         "pat-vault-client", "pat-bazel", "keyring")


class World:
    """`tree`: the root directory that the tools run in, with the machine's own patd; "" for the
    machine's."""

    def __init__(self, tree=""):
        self.tree = tree
        self.secrets = set()  # what must be seen nowhere
        self.kinds = {}       # of a secret that a server was sent: issued, child, imported, unknown
        self.known = {}       # imported secret -> user
        self.lock = threading.Lock()
        # To ask as somebody else makes the whole process somebody else: no program starts then.
        self.identity = threading.Lock()
        self.refuses = False
        self.servers = []
        self.path = f"{LINKS}:{os.environ['PATH']}"
        # An alice of the machine's own has her home elsewhere.
        self.uid = ensure_account("alice", f"{PLAY}/home/alice", system=False).pw_uid
        os.makedirs(f"{PLAY}/home/alice", exist_ok=True)
        os.chmod(f"{PLAY}/home/alice", 0o755)
        os.chown(f"{PLAY}/home/alice", self.uid, self.uid)
        for name in NAMES:
            os.symlink(HELPER, f"{LINKS}/{name}")
        with said(f"{PASSWORD}\n{PASSWORD}\n") as reader:
            subprocess.run(["patctl", "admin", "passwd", "alice", "--password-fd",
                            str(reader.fileno())], pass_fds=(reader.fileno(),), check=True,
                           stdout=subprocess.DEVNULL)
        self.certificate = self._make_certificate()
        with open("/etc/hosts", "a", encoding="ascii") as hosts:
            hosts.write("127.0.0.1 tools.example\n")
        if tree:
            show_inside(tree, "dev", "proc", "sys", "run/patd", PLAY[1:], "etc/ssl/certs",
                        "etc/passwd", "etc/group", "etc/hosts")
            os.chmod(f"{tree}/tmp", 0o1777)

    @staticmethod
    def _make_certificate():
        path = f"{PLAY}/home/localhost.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                        "/CN=localhost", "-addext",
                        "subjectAltName=DNS:localhost,DNS:tools.example", "-addext",
                        "basicConstraints=critical,CA:TRUE", "-keyout", path, "-out",
                        f"{path}.crt"], check=True, stderr=subprocess.DEVNULL)
        with open(path, "a", encoding="ascii") as file, \
                open(f"{path}.crt", encoding="ascii") as certificate:
            file.write(certificate.read())
        return path

    def accepts(self, user, secret):
        """As a service: what patd verifies, or what was imported."""
        asked = [f"token={secret}"] + ([f"user={user}"] if user else [])
        with self.identity:
            verified = ask_as(SOCKET, HTTPD, "verify", *asked)
        is_imported = self.known.get(secret) is not None and user in (None, self.known[secret])
        kind = verified.get("kind") or ("imported" if is_imported else verified["reason"])
        with self.lock:
            self.secrets.add(secret)
            self.kinds[secret] = (kind, verified.get("permissions", ""))
        return not self.refuses and (verified.get("valid") == "1" or is_imported)

    def serve(self, scheme="http"):
        server = Web(self.accepts, self.certificate if scheme == "https" else None)
        self.servers.append(server)
        return server

    def home(self, name):
        path = f"{PLAY}/home/alice/{name}"
        os.makedirs(path)
        os.chown(path, self.uid, self.uid)
        return path

    def write(self, path, text, mode=0o644):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)
        subprocess.run(["chown", "-R", f"{self.uid}:{self.uid}", f"{PLAY}/home/alice"], check=True)

    def environment(self, home, more):
        return {"PATH": self.path, "HOME": home, "LANG": "C.UTF-8", "USER": "alice",
                "DBUS_SYSTEM_BUS_ADDRESS": os.environ["DBUS_SYSTEM_BUS_ADDRESS"], **more}

    def start(self, home, argv, more=None, exposure=None):
        """alice runs it, or somebody in a container that has only this exposure of hers."""
        def become_alice():
            enter(self.tree, exposure)
            os.setgroups([])
            os.setgid(self.uid)
            os.setuid(self.uid)
            os.chdir(home)

        with self.identity:
            return subprocess.Popen(argv, env=self.environment(home, more or {}), cwd="/",
                                    preexec_fn=become_alice, stdin=subprocess.DEVNULL,
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                    encoding="utf-8", errors="replace")

    def patctl(self, *arguments, secret=None, home=f"{PLAY}/home/alice", more=None):
        with contextlib.ExitStack() as stack:
            password = stack.enter_context(said(f"{PASSWORD}\n"))
            passed = [password.fileno()]
            if arguments[0] in ("create", "import", "unlock", "delete", "edit"):
                arguments = (*arguments, "--password-fd", str(passed[0]))
            if secret is not None:
                passed.append(stack.enter_context(said(f"{secret}\n")).fileno())
                arguments = (*arguments, "--secret-fd", str(passed[-1]))
            if arguments[0] == "create":
                output = stack.enter_context(tempfile.TemporaryFile())
                passed.append(output.fileno())
                arguments = (*arguments, "--output-fd", str(output.fileno()))
            with self.identity:
                running = subprocess.Popen(
                    [f"{PLAY}/bin/patctl", *arguments], pass_fds=passed, user=self.uid,
                    group=self.uid, extra_groups=[], cwd="/",
                    env=self.environment(home, more or {}), stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            said_out, said_error = running.communicate(timeout=SECONDS)
            done = subprocess.CompletedProcess(running.args, running.returncode, said_out,
                                               said_error)
            if arguments[0] == "create" and done.returncode == 0:
                output.seek(0)
                self.secrets.add(output.read().decode().strip())
        return done

    def must(self, *arguments, **options):
        done = self.patctl(*arguments, **options)
        if done.returncode != 0:
            raise AssertionError(f"patctl {arguments}: {done.stdout}{done.stderr}")
        return done.stdout

    def create(self, places, *options):
        """A token of patd's own."""
        targets = [word for place in places for word in ("-t", place)]
        self.must("create", f"for {places[0]}", "-p", PERMISSION, *targets, *options)

    def keep(self, places, user, secret):
        """One that was made elsewhere, which the servers then know."""
        targets = [word for place in places for word in ("-t", place)]
        self.must("import", f"{user} at {places[0]}", *targets, "-u", user, secret=secret)
        self.known[secret] = user
        self.secrets.add(secret)
        for server in self.servers:
            server.keys[user] = secret

    def ids(self):
        return [row["id"] for row in json.loads(self.must("--json", "list"))]

    def expose(self, name, *tokens):
        path = f"{PLAY}/home/alice/{name}-exposed"
        os.mkdir(path, 0o700)
        os.chown(path, self.uid, self.uid)
        only = [word for token in tokens for word in ("--only", token)]
        self.must("expose", path, *only, "--ttl", "10m")
        return path

    def forget(self):
        """Everything of the last case."""
        self.must("unlock")
        for server in self.servers:
            server.close()
        tokens = self.ids()
        if tokens:
            self.must("delete", *tokens, "--yes")
        self.servers.clear()
        self.known.clear()
        self.kinds.clear()
        self.secrets.clear()
        self.refuses = False
        with contextlib.suppress(OSError):
            shutil.rmtree(f"{PLAY}/home/alice/.cache")
