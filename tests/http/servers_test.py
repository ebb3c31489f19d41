# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The examples of docs/examples/http, each unchanged with its real server, in front of patd-http
and patd. Runs inside of tools/play.sh, as root, in a network of its own."""
import base64
import ctypes
import fcntl
import gzip
import hashlib
import http.server
import json
import os
import pwd
import re
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time
import unittest

from own_http import (ASKER, PLAY, SECONDS, OwnHttp, create, damaged, make_user, patctl,
                      token_id)
from own_patd import as_uid, find_process
from namespace import bind

EXAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/examples/http")
PLACE = re.compile(r"^# (/etc/\S+?): ", re.MULTILINE)
CREATE = re.compile(r'^#   patctl create ".*" -p (\S+) -t (\S+)$', re.MULTILINE)
CLONE_NEWNET, SIOCSIFFLAGS, IFF_UP = 0x40000000, 0x8914, 1


def enter_network():
    """A network with nothing but a loopback, so that servers have the ports of their examples."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14s", b"lo", IFF_UP, b""))


def fresh(path, owner="root"):
    """An empty directory in the place of the machine's."""
    inside = f"{PLAY}/home/fresh{path.replace('/', '-')}"
    os.mkdir(inside, 0o755)
    shutil.chown(inside, owner, owner)
    os.makedirs(path, exist_ok=True)
    bind(inside, path)


def read_example(name):
    with open(f"{EXAMPLES}/{name}", encoding="utf-8") as file:
        return file.read()


def install(*names):
    """Where the last one went; each goes where its comment says."""
    path = None
    for name in names:
        text = read_example(name)
        path = PLACE.search(text)[1]
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    return path


def told(name):
    """(permission, target) of the first token that the example tells people to make."""
    return CREATE.search(read_example(name)).groups()


def make_certificate(host):
    folder = f"/etc/ssl/{host}"
    os.makedirs(folder, exist_ok=True)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={host}",
                    "-addext", f"subjectAltName=DNS:{host}", "-keyout", f"{folder}/privkey.pem",
                    "-out", f"{folder}/fullchain.pem"], check=True, stderr=subprocess.DEVNULL)
    os.chmod(f"{folder}/privkey.pem", 0o644)  # in a machine that nobody else sees


def make_image(folder):
    """The smallest image, as skopeo reads it."""
    os.makedirs(folder)

    def put(name, data):
        digest = hashlib.sha256(data).hexdigest()
        with open(f"{folder}/{name or digest}", "wb") as file:
            file.write(data)
        return {"digest": f"sha256:{digest}", "size": len(data)}

    kind = "application/vnd.oci.image."
    layer = gzip.compress(bytes(10240), mtime=0)  # an archive with nothing in it
    config = {"architecture": "amd64", "os": "linux", "rootfs": {
        "type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(bytes(10240)).hexdigest()}"]}}
    put("version", b"Directory Transport Version: 1.1\n")
    put("manifest.json", json.dumps({
        "schemaVersion": 2, "mediaType": f"{kind}manifest.v1+json",
        "config": {"mediaType": f"{kind}config.v1+json",
                   **put("", json.dumps(config).encode())},
        "layers": [{"mediaType": f"{kind}layer.v1.tar+gzip", **put("", layer)}]}).encode())
    return f"dir:{folder}"


def process_group(pid):
    """Of a process that has not ended; None of one that has, or is a zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            state, _, group = stat.read().rpartition(")")[2].split()[:3]
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state == "Z" else int(group)


def curl(url, *options, login=None, bearer=None):
    """(status, headers and body) of one request, whose secret is in no argument."""
    lines = []
    if login is not None:
        lines.append(f'user = "{":".join(login)}"\n')
    if bearer is not None:
        lines.append(f'header = "Authorization: Bearer {bearer}"\n')
    done = subprocess.run(
        ["curl", "-k", "-s", "-i", "-K", "-", "-w", "\n%{response_code}", *options, url],
        input="".join(lines), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=SECONDS, check=False)
    text, status = done.stdout.rsplit("\n", 1)
    return int(status), text


class WithServer(unittest.TestCase):
    """A server that runs in the foreground from the class's beginning to its end."""
    settings = "[Http]\n"

    @classmethod
    def setUpClass(cls):
        os.makedirs("/run/patd-http", exist_ok=True)
        cls.http = OwnHttp("/run/patd-http", cls.settings)
        cls.http.path = "/run/patd-http/socket"
        os.chmod("/run/patd-http", 0o755)
        cls.http.start()
        cls.prepare()
        cls.servers = []
        cls.start()

    @classmethod
    def run_server(cls, *argv, account="root", stdin=None, url=None):
        entry = pwd.getpwnam(account)
        with open(f"{PLAY}/log/{argv[0].rsplit('/', 1)[-1]}", "ab") as log:
            server = subprocess.Popen(
                argv, stdin=stdin or subprocess.DEVNULL, stdout=log, stderr=log, user=entry.pw_uid,
                group=entry.pw_gid, extra_groups=[], start_new_session=True, cwd="/",
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/var/lib/caddy"})
        cls.servers.append(server)
        while url is not None and curl(url)[0] == 0:  # it does not serve yet
            if server.poll() is not None:
                with open(log.name, encoding="utf-8", errors="replace") as said:
                    raise AssertionError(f"{server.args} ended: {said.read()[-2000:]}")

    @classmethod
    def tearDownClass(cls):
        for server in cls.servers:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(SECONDS)
            cls.wait_for_group(server.pid)
        cls.http.close()

    @staticmethod
    def wait_for_group(group):
        """A worker of Apache that still ends would hold the port that the next server needs."""
        end = time.monotonic() + SECONDS
        while any(process_group(pid) == group for pid in os.listdir("/proc") if pid.isdigit()):
            if time.monotonic() > end:
                raise AssertionError(f"process group {group} does not end")

    def use_and_end(self, ask, permissions, target, refused):
        """The checks that every server passes; `ask` returns a status for a secret."""
        secret = create(alice, permissions, target)
        self.assertEqual(ask(secret), 200)
        self.assertEqual(ask(damaged(secret)), 401)
        self.assertEqual(ask("hunter2"), 401)
        self.assertEqual(ask(create(alice, permissions, "https://other.example")), refused)
        self.assertEqual(ask(create(alice, "vcs:merge:ro", target)), refused)
        self.assertEqual(ask(secret), 200)
        patctl(alice, "delete", token_id(secret), "--yes")
        self.assertEqual(ask(secret), 401)


class Nginx(WithServer):
    @classmethod
    def prepare(cls):
        for host in ("git.example", "site.example", "registry.example"):
            make_certificate(host)
        shutil.rmtree("/etc/nginx/sites-enabled")
        os.mkdir("/etc/nginx/sites-enabled")
        install("nginx-patd.conf", "nginx-patd-ask.conf", "nginx-patd-answer.conf",
                "nginx-patd-unsure.conf", "nginx-git-backend-http.conf", "registry.yml")
        for name in ("nginx-git.conf", "nginx-site.conf", "nginx-registry.conf"):
            path = install(name)
            os.symlink(path, f"/etc/nginx/sites-enabled/{os.path.basename(path)}")
        subprocess.run(["git", "init", "-q", "--bare", "/srv/git/team/project.git"], check=True)
        subprocess.run(["chown", "-R", "www-data:", "/srv/git"], check=True)
        os.makedirs("/srv/site", exist_ok=True)
        with open("/srv/site/page", "w", encoding="ascii") as file:
            file.write("the page")

    @classmethod
    def start(cls):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind("/run/fcgiwrap.socket")
            shutil.chown("/run/fcgiwrap.socket", "www-data")
            listener.listen(64)
            cls.run_server("fcgiwrap", account="www-data", stdin=listener)
        cls.run_server("docker-registry", "serve", "/etc/docker/registry/config.yml",
                       account="docker-registry", url="http://127.0.0.1:5000/v2/")
        cls.run_server("nginx", "-g", "daemon off;", url="https://site.example")

    @staticmethod
    def git(*arguments, secret, cwd=None):
        """The outcome of git, whose askpass gives the secret."""
        return subprocess.run(
            ["git", "-c", "http.sslVerify=false", "-c", "credential.helper=",
             "-c", "user.name=a", "-c", "user.email=a@b",
             *arguments],
            cwd=cwd, env=os.environ | {"GIT_ASKPASS": f"{PLAY}/home/askpass", "SECRET": secret,
                                       "GIT_CONFIG_GLOBAL": "/dev/null"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS,
            check=False)

    def test_git_reads_and_writes_with_a_token_and_without_pam(self):
        with open(f"{PLAY}/home/askpass", "w", encoding="ascii") as file:
            file.write("#!/bin/sh\n"
                       'case $1 in User*) echo alice;; *) printf "%s\\n" "$SECRET";; esac\n')
        os.chmod(f"{PLAY}/home/askpass", 0o755)
        url = "https://git.example/team/project.git"
        writes = create(alice, *told("nginx-git.conf"))
        reads = create(alice, "vcs:repository:ro", "https://git.example")
        work = f"{PLAY}/home/work"
        done = self.git("clone", "-q", url, work, secret=writes)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.git("commit", "-q", "--allow-empty", "-m", "first", secret="", cwd=work)
        done = self.git("push", "-q", "origin", "HEAD:main", secret=reads, cwd=work)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("403", done.stdout)
        done = self.git("push", "-q", "origin", "HEAD:main", secret=writes, cwd=work)
        self.assertEqual(done.returncode, 0, done.stdout)
        done = self.git("ls-remote", url, secret=reads)
        self.assertIn("refs/heads/main", done.stdout)
        for secret in ("hunter2", create(alice, "vcs:repository:rw", "https://other.example")):
            self.assertNotEqual(self.git("ls-remote", url, secret=secret).returncode, 0)

    def git_status(self, secret, service="upload-pack", *options):
        return curl(f"https://git.example/team/project.git/info/refs?service=git-{service}",
                    *options, login=("alice", secret))[0]

    def test_git_passes_the_checks(self):
        self.use_and_end(self.git_status, *told("nginx-git.conf"), 403)

    # What is allowed is decided by the path and the query that nginx serves.
    def test_no_spelling_reads_with_less_or_writes_by_reading(self):
        secret = create(alice, "vcs:repository:ro", "https://git.example")
        base = "https://git.example"
        for target, statuses in (
                ("/team/project.git/info/refs?service=git-receive-pack", (403,)),
                ("/team/project.git/info/refs?service=git-upload-pack&service=git-receive-pack",
                 (200,)),
                ("/team/project.git/info/refs?service=git-receive-pack&service=git-upload-pack",
                 (403,)),
                ("/team/project.git/info/refs?service=git%2Dreceive%2Dpack", (200,)),
                ("/announce-push/team/project.git/info/refs", (404,)),
                ("/patd-fetch", (404,)), ("/patd-push?permission=x", (404,)),
                ("//team/project.git/git-receive-pack", (403,)),
                ("/team/%70roject.git/git-receive-pack", (403,)),
                ("/team/project.git/x/..%2fgit-receive-pack", (403, 404))):
            status, text = curl(base + target, "--path-as-is", login=("alice", secret))
            self.assertIn(status, statuses, target)
            if status == 200:
                self.assertIn("git-upload-pack-advertisement", text)

    @staticmethod
    def skopeo(*arguments, secret):
        folder = f"{PLAY}/home/skopeo"
        os.makedirs(folder, exist_ok=True)
        with open(f"{folder}/auth.json", "w", encoding="ascii") as file:
            json.dump({"auths": {"registry.example": {
                "auth": base64.b64encode(f"alice:{secret}".encode()).decode()}}}, file)
        return subprocess.run(
            ["skopeo", "--insecure-policy", arguments[0], "--authfile", f"{folder}/auth.json",
             *arguments[1:]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=SECONDS, check=False)

    def test_a_registry_lets_readers_pull_and_writers_push(self):
        permission, target = told("nginx-registry.conf")
        writes = create(alice, permission, target)
        reads = create(alice, "artifact:version:ro", target)
        image, place = make_image(f"{PLAY}/home/image"), "docker://registry.example/team/image:1"
        push = ("copy", "--dest-tls-verify=false", image, place)
        self.assertNotEqual(self.skopeo(*push, secret=reads).returncode, 0)
        done = self.skopeo(*push, secret=writes)
        self.assertEqual(done.returncode, 0, done.stdout)
        look = ("inspect", "--tls-verify=false", place)
        done = self.skopeo(*look, secret=reads)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertNotEqual(self.skopeo(*look, secret="hunter2").returncode, 0)

    def test_a_registry_passes_the_checks(self):
        self.use_and_end(lambda secret: curl("https://registry.example/v2/",
                                             login=("alice", secret))[0],
                         *told("nginx-registry.conf"), 403)

    def site_status(self, secret, *options):
        return curl("https://site.example/page",
                    *options, login=("alice", secret))[0]

    def test_a_site_passes_the_checks(self):
        self.use_and_end(self.site_status, *told("nginx-site.conf"), 403)

    def test_nothing_that_a_client_sends_changes_what_is_asked(self):
        secret = create(alice, "vcs:merge:ro", "https://site.example")
        for header in ("X-Patd-User: root", "X-Original-URI: /", "permission: vcs:merge:ro",
                       "Content-Length: 0", "Transfer-Encoding: chunked", "Expect: 100-continue",
                       "Connection: Authorization", "X-Forwarded-For: 192.0.2.9"):
            self.assertEqual(self.site_status(secret, "-H", header), 403, header)
        self.assertEqual(curl("https://site.example/page?permission=vcs:merge:ro",
                              login=("alice", secret))[0], 403)

    def test_a_body_does_not_disturb_the_question(self):
        permission, target = told("nginx-site.conf")
        secret = create(alice, permission, target)
        self.assertEqual(self.site_status(secret, "-d", "x" * 100_000), 405)  # nginx: a file
        self.assertEqual(self.site_status("hunter2", "-d", "x" * 100_000), 401)
        self.assertEqual(self.site_status(secret), 200)

    def test_while_patd_says_nothing_clients_are_told_to_try_again(self):
        permission, target = told("nginx-site.conf")
        secret = create(alice, permission, target)
        patd = find_process("patd")
        os.kill(patd, signal.SIGSTOP)
        try:
            status, text = curl("https://site.example/page", login=("alice", secret))
        finally:
            os.kill(patd, signal.SIGCONT)
        self.assertEqual(status, 503)
        self.assertIn("\nRetry-After: 1", text)
        self.assertEqual(self.site_status(secret), 200)

    # With a body in an answer, each question would have a connection of its own.
    def test_questions_share_connections(self):
        permission, target = told("nginx-site.conf")
        login = ("alice", create(alice, permission, target))
        seen = []
        for _ in range(5):
            self.assertEqual(self.site_status(login[1]), 200)
            seen.append(self.http.open_connections())
        self.assertTrue(set.intersection(*seen), seen)


class Caddy(WithServer):
    @classmethod
    def prepare(cls):
        make_certificate("site.example")
        install("caddy")
        cls.seen = []

        class Program(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                cls.seen.append(self.headers)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        cls.program = http.server.ThreadingHTTPServer(("127.0.0.1", 8000), Program)
        threading.Thread(target=cls.program.serve_forever, daemon=True).start()

    @classmethod
    def start(cls):
        # Debian's unit gives it the one capability for ports.
        cls.run_server("setpriv", "--reuid=caddy", "--regid=caddy", "--clear-groups",
                       "--inh-caps=+net_bind_service", "--ambient-caps=+net_bind_service", "caddy",
                       "run", "--config", "/etc/caddy/Caddyfile", url="https://site.example")

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.program.shutdown()
        cls.program.server_close()

    def status(self, secret, *options):
        return curl("https://site.example/page?x=1",
                    *options, login=("alice", secret))[0]

    def test_it_passes_the_checks(self):
        self.use_and_end(self.status, *told("caddy"), 403)

    def test_the_program_is_told_who_it_is_and_not_the_token(self):
        secret = create(alice, *told("caddy"))
        lies = [option for name in ("User", "Token", "Permissions")
                for option in ("-H", f"X-Patd-{name}: root")]
        self.assertEqual(self.status(secret, *lies), 200)
        headers = self.seen[-1]
        self.assertEqual(headers.get_all("X-Patd-User"), ["alice"])
        self.assertEqual(headers.get_all("X-Patd-Token"), [token_id(secret)])
        self.assertEqual(headers.get_all("X-Patd-Permissions"), ["web:site:ro"])
        self.assertIsNone(headers.get("Authorization"))

    def test_nothing_that_a_client_sends_changes_what_is_asked(self):
        secret = create(alice, "vcs:merge:ro", "https://site.example")
        for header in ("X-Forwarded-Uri: /authorize", "X-Forwarded-Method: HEAD",
                       "X-Forwarded-For: 192.0.2.9", "permission: vcs:merge:ro",
                       "Expect: 100-continue", "Connection: close, Authorization"):
            self.assertEqual(self.status(secret, "-H", header), 403, header)

    def test_a_refusal_asks_for_both_schemes(self):
        status, text = curl("https://site.example/")
        self.assertEqual(status, 401)
        self.assertIn('basic realm="patd"', text.lower())
        self.assertIn('bearer realm="patd"', text.lower())


class Apache(WithServer):
    @classmethod
    def prepare(cls):
        for host in ("api.example", "localhost"):
            make_certificate(host)
        os.makedirs("/run/lock", exist_ok=True)  # which a booted machine has
        os.makedirs("/srv/api", exist_ok=True)
        with open("/srv/api/page", "w", encoding="ascii") as file:
            file.write("the page")
        install("apache.conf")
        permission, target = CREATE.findall(read_example("apache.conf"))[1]
        assert permission == ASKER
        with open("/etc/apache2/patd-asker.conf", "w", encoding="ascii") as file:
            os.fchmod(file.fileno(), 0o600)
            secret = create(make_user("asker"), permission, target)
            file.write(f"OIDCOAuthClientID asker\nOIDCOAuthClientSecret {secret}\n")
        # The example has its own ports.
        with open("/etc/apache2/ports.conf", "w", encoding="ascii"):
            pass
        subprocess.run(["a2dissite", "-q", "000-default"], check=True, stdout=subprocess.DEVNULL)
        for command in re.findall(r"^#   sudo (a2.*)$", read_example("apache.conf"), re.MULTILINE):
            subprocess.run(command.split(), check=True, stdout=subprocess.DEVNULL)

    @classmethod
    def start(cls):
        cls.run_server("apachectl", "-DFOREGROUND", url="https://api.example")

    def status(self, secret, *options):
        return curl("https://api.example/page", *options,
                    bearer=secret)[0]

    def test_it_passes_the_checks(self):
        self.use_and_end(self.status, *told("apache.conf"), 401)

    def test_a_token_with_more_permissions_is_one_that_has_this(self):
        self.assertEqual(self.status(create(alice, "vcs:merge:ro web:site:rw web:proxy:ro",
                                            "https://api.example")), 200)
        self.assertEqual(self.status(create(alice, "web:proxy:ro", "https://api.example")), 401)


class Program(WithServer):
    settings = "[Http]\nIntrospectionAccounts=daemon\n"

    @classmethod
    def prepare(cls):
        pass

    @classmethod
    def start(cls):
        cls.run_server("/usr/bin/python3", "-B", f"{EXAMPLES}/introspect.py", account="daemon",
                       url="http://127.0.0.1:8001/")

    def test_it_passes_the_checks(self):
        self.use_and_end(lambda secret: curl("http://127.0.0.1:8001/", bearer=secret)[0],
                         "web:site:ro", "https://api.example", 401)

    def test_it_says_hello_to_its_user(self):
        secret = create(alice, "web:site:ro", "https://api.example")
        self.assertIn("hello alice", curl("http://127.0.0.1:8001/", bearer=secret)[1])


if __name__ == "__main__":
    subprocess.run(["useradd", "--system", "--no-log-init", "-M", "patd-http"], check=True,
                   stderr=subprocess.DEVNULL)
    enter_network()
    with open("/etc/hosts", "a", encoding="ascii") as hosts:
        hosts.write("127.0.0.1 git.example site.example api.example registry.example\n")
    fresh("/srv")
    fresh("/var/log")
    os.makedirs("/var/log/nginx")
    os.makedirs("/var/log/apache2")
    fresh("/var/lib/nginx", "www-data")
    fresh("/var/lib/caddy", "caddy")
    fresh("/var/lib/docker-registry", "docker-registry")
    alice = make_user("alice")
    unittest.main()
