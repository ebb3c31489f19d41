# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""gateway_test.py with the real nginx as the gateway, and a forge behind TLS. Between nginx and
patd stands what answers auth_request: a few lines of the test's own, which ask patd's `exchange`.
Runs inside of tools/play.sh, as root."""
import base64
import http.server
import os
import pwd
import signal
import socket
import socketserver
import subprocess
import threading
import unittest
import urllib.parse

import gateway_test
from gateway_test import ACCOUNT, SECRET, SECONDS, URL, WORTHLESS
from git_server import open_basic
from own_patd import PLAY, ask_as  # and finds tools/lib
from processes import spawn
from program_fixture import SOCKET

HERE = os.path.dirname(os.path.abspath(__file__))
NGINX_ACCOUNT = "patd-gateway"
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
FETCH = "/smart/project.git/info/refs?service=git-upload-pack"
# Each would be another request to nginx, or to a forge, than to the other of the two.
CONFUSING = (
    "/forge.example/smart/../smart/project.git/info/refs?service=git-upload-pack",
    "/forge.example/smart/%2e%2e/smart/project.git/info/refs?service=git-upload-pack",
    "/forge.example/smart%2fproject.git/info/refs?service=git-upload-pack",
    "/forge.example//smart/project.git/info/refs?service=git-upload-pack",
    "/forge.example/smart/./project.git/info/refs?service=git-upload-pack",
    "/forge.example/smart/x/..;/project.git/info/refs?service=git-upload-pack",
    "/forge.example/smart/%252e%252e/project.git/info/refs?service=git-upload-pack",
    "/forge.example/smart%5cproject.git/info/refs?service=git-upload-pack",
    "/forge.example/smart/project.git%00/info/refs?service=git-upload-pack",
    "/forge.example/smart/project.git/info/refs%3fservice=git-upload-pack",
    "/forge.example/smart/project.git/info/refs?service=git-upload-pack#x",
    "/other/../forge.example/smart/project.git/info/refs?service=git-upload-pack",
    "/x%2f..%2fforge.example/smart/project.git/info/refs?service=git-upload-pack",
    "//forge.example/smart/project.git/info/refs?service=git-upload-pack",
    "http://forge.example/smart/project.git/info/refs?service=git-upload-pack",
    "http://127.0.0.1/forge.example/../forge.example/smart/project.git/info/refs",
)


class _Front(http.server.BaseHTTPRequestHandler):
    """Answers without a body, as nginx wants it to keep its connection."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self):
        (host,) = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)["host"]
        who = open_basic(self.headers.get("Authorization"))
        if who is None:
            return self.answer(401, X_Patd_Reason="no token")
        target = self.headers["X-Original-URI"].removeprefix(f"/{host}")
        reply = self.server.site.exchange(who[1], host, self.headers["X-Original-Method"], target)
        if reply.get("granted") == "1":
            pair = f"{reply['username']}:{reply['password']}".encode()
            return self.answer(200, X_Patd_Upstream_Authorization="Basic "
                               + base64.b64encode(pair).decode())
        return self.answer(401 if reply.get("reason") in WORTHLESS else 403,
                           X_Patd_Reason=reply.get("reason", "cannot say"))


class _FrontServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True

    def get_request(self):
        request, _ = super().get_request()
        return request, ("nginx", 0)


class NginxSite:
    """nginx with a uid of its own, and what answers its questions."""

    def __init__(self):
        self.replies, self._forge, self._nginx = [], None, None
        self.uid = pwd.getpwnam(ACCOUNT).pw_uid
        self._account = pwd.getpwnam(NGINX_ACCOUNT)
        self.folder = f"{PLAY}/home/gateway"
        os.makedirs(self.folder)
        os.chown(self.folder, self._account.pw_uid, self._account.pw_gid)
        self.certificate = f"{self.folder}/forge.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                        "/CN=forge.example", "-addext", "subjectAltName=DNS:forge.example",
                        "-keyout", self.certificate, "-out", f"{self.folder}/ca.crt"],
                       check=True, stderr=subprocess.DEVNULL)
        with open(self.certificate, "a", encoding="ascii") as file, \
                open(f"{self.folder}/ca.crt", encoding="ascii") as certificate:
            file.write(certificate.read())
        # nginx inherits it, as in its own upgrades: who connects before it runs waits.
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        self._front = _FrontServer(f"{self.folder}/front", _Front)
        self._front.site = self
        os.chmod(f"{self.folder}/front", 0o666)
        self._thread = threading.Thread(target=self._front.serve_forever, daemon=True)
        self._thread.start()

    def exchange(self, token, host, method, target):
        reply = ask_as(SOCKET, self.uid, "exchange", f"token={token}", f"host={host}",
                       f"method={method}", f"target={target}")
        self.replies.append({name: text for name, text in reply.items() if name != "password"})
        return reply

    @property
    def forge(self):
        return self._forge

    @forge.setter
    def forge(self, server):
        self._stop()
        self._forge = server
        with open(f"{HERE}/gateway.nginx.conf", encoding="ascii") as file:
            text = file.read()
        for name, value in (("FOLDER", self.folder), ("PORT", str(self.port)),
                            ("FORGE", f"127.0.0.1:{server.host.rpartition(':')[2]}"),
                            ("CA", f"{self.folder}/ca.crt")):
            text = text.replace(f"@{name}@", value)
        with open(f"{self.folder}/nginx.conf", "w", encoding="ascii") as file:
            file.write(text)
        self._nginx = spawn(
            ["setpriv", f"--reuid={NGINX_ACCOUNT}", f"--regid={NGINX_ACCOUNT}", "--clear-groups",
             "--no-new-privs", "--", "nginx", "-c", f"{self.folder}/nginx.conf", "-e",
             f"{self.folder}/error.log"], {"PATH": PATH, "NGINX": "3;"},
            listener=self._listener.fileno(), service=True)

    def _stop(self):
        if self._nginx is None:
            return
        os.kill(self._nginx, signal.SIGTERM)
        os.waitpid(self._nginx, 0)
        self._nginx = None

    def close(self):
        self._stop()
        self._front.shutdown()
        self._thread.join()
        self._front.server_close()
        self._listener.close()

    def send(self, target, token, *more, method="GET"):
        """The first line and the body of the answer to a raw request."""
        pair = base64.b64encode(f"al:{token}".encode()).decode()
        with socket.create_connection(("127.0.0.1", self.port), SECONDS) as connection:
            connection.sendall("\r\n".join(
                [f"{method} {target} HTTP/1.1", "Host: gateway", "Connection: close",
                 f"Authorization: Basic {pair}", *more, "", ""]).encode("latin-1"))
            data = b""
            while piece := connection.recv(65536):
                data += piece
        return data.decode("latin-1")


class NginxGateway(gateway_test.Gateway):
    @classmethod
    def make_gateway(cls):
        subprocess.run(["useradd", "--system", "--no-log-init", NGINX_ACCOUNT], check=True,
                       stderr=subprocess.DEVNULL)
        return NginxSite()

    def serve(self, **options):
        return super().serve(certificate=self.gateway.certificate, **options)

    def child(self, *more):
        place = f"{self.gateway.origin}/forge.example/smart/project.git"
        return self.alice("patctl get -t $1 \"$2\" | cat", place,
                          *(more or ("--show",))).stdout.strip()

    # Row G5.
    def test_what_has_two_readings_does_not_reach_the_forge(self):
        self.import_token("vcs:repository:rw")
        child = self.child()
        self.assertIn(" 200 ", self.gateway.send(f"/forge.example{FETCH}", child).split("\n")[0])
        seen = len(self.gateway.forge.requests)
        for target in CONFUSING:
            first = self.gateway.send(target, child).split("\n")[0]
            self.assertRegex(first, " (400|403|404) ", target)
        for more in (["Content-Length: 4", "Transfer-Encoding: chunked", "", "0", ""],
                     ["Content-Length: 0", "Content-Length: 4"], ["Authorization: Basic eDp5"]):
            first = self.gateway.send(f"/forge.example{FETCH}", child, *more).split("\n")[0]
            self.assertIn(" 400 ", first, more)
        for method in ("CONNECT", "TRACE", "PUT", "DELETE", "PATCH", "FOO"):
            answer = self.gateway.send(f"/forge.example{FETCH}", child, method=method)
            self.assertRegex(answer.split("\n")[0], " (400|403|405) ", method)
        self.assertEqual(len(self.gateway.forge.requests), seen)

    def test_another_host_is_not_reached_with_the_child(self):
        self.import_token("vcs:repository:rw")
        child = self.child()
        seen = len(self.gateway.forge.requests)
        for host in ("other.example", "forge.example.evil", "forge.example:8443", "FORGE.EXAMPLE",
                     "forge%2eexample"):
            first = self.gateway.send(f"/{host}{FETCH}", child).split("\n")[0]
            self.assertRegex(first, " (400|401|403|404) ", host)
        self.assertEqual(len(self.gateway.forge.requests), seen)

    def test_a_forge_that_refuses_costs_no_child(self):
        self.import_token("vcs:repository:rw")
        self.gateway.forge.forbids = "/smart/"
        done = self.alice("git ls-remote $1", URL)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("the forge refuses the imported token", done.stdout)
        self.gateway.forge.forbids = None
        self.expect(self.alice("git ls-remote $1", URL))
        done = run_audit(self)
        self.assertNotIn("erase", done)

    def test_the_secret_is_in_no_log_and_the_child_at_no_forge(self):
        self.import_token("vcs:repository:rw")
        told = []
        self.gateway.forge.accepts = lambda user, secret: told.append(secret) or secret == SECRET
        self.expect(self.alice("git ls-remote $1", URL))
        self.assertEqual(set(told), {SECRET})
        pair = base64.b64encode(f"al:{SECRET}".encode())
        for name in os.listdir(self.gateway.folder):
            path = f"{self.gateway.folder}/{name}"
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    text = file.read()
                self.assertNotIn(SECRET.encode(), text, name)
                self.assertNotIn(pair, text, name)

    def test_a_forge_with_another_certificate_gets_nothing(self):
        self.import_token("vcs:repository:rw")
        other = super().serve(certificate=self.make_certificate())
        self.gateway.forge = other
        first = self.gateway.send(f"/forge.example{FETCH}", self.child()).split("\n")[0]
        self.assertIn(" 503 ", first)
        self.assertEqual(other.requests, [])


def run_audit(test):
    return gateway_test.run("patctl", "audit", **test.as_alice()).stdout


if __name__ == "__main__":
    unittest.main()
