# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""gateway_test.py with the gateway as shipped (gateway_site.py), and a forge behind TLS: what
attacks a gateway is tried on the real nginx. Runs inside of tools/play.sh, as root."""
import base64
import os
import re
import signal
import socket
import unittest

import gateway_test
from gateway_site import NginxSite, PATH, RUN, SHIPPED
from gateway_test import SECRET, URL
from git_server import open_basic
from own_patd import Process
from processes import await_exit, spawn
from program_fixture import SECONDS, run
from recording_forge import NameServer, RecordingForge

LARGE = 128 << 20
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


class NginxGateway(gateway_test.Gateway):
    @classmethod
    def make_gateway(cls):
        return NginxSite()

    def serve(self, **options):
        return super().serve(**{"certificate": self.gateway.certificate, **options})

    def configure_gateway(self):
        gateway_test.configure_patd(f"GatewayOrigin={self.gateway.origin}\n")

    def record(self):
        """The forge, from now on one that keeps what it is sent."""
        forge = RecordingForge(self.gateway.certificate)
        self.addCleanup(forge.close)
        self.gateway.forge = forge
        return forge

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

    # Row G8.
    def test_the_end_of_a_body_is_the_same_for_nginx_and_the_forge(self):
        self.import_token("vcs:repository:rw")
        child = self.child()
        inner = "GET /smart/secret.git/HEAD HTTP/1.1\r\nHost: forge.example\r\n\r\n"
        forge = self.record()
        post = "/forge.example/smart/project.git/git-upload-pack"
        for body in (inner, f"0\r\n\r\n{inner}"):
            self.gateway.send(post, child, f"Content-Length: {len(body)}", "", body, method="POST")
        self.assertGreaterEqual(len(forge.heads), 2)
        # What was refused takes its body with it, and what came behind is a request of its own.
        self.gateway.send("/forge.example/smart/other.git/x", child,
                          f"Content-Length: {len(inner)}", "", inner, method="POST")
        for more in ("Content-Length : 4", "Content-Length: +4", "Content-Length: 4, 4",
                     "Transfer-Encoding: chunked\r\nContent-Length: 4",
                     "Transfer-Encoding: identity, chunked", "Transfer-Encoding: chunked, chunked",
                     "Transfer-Encoding:\x0bchunked"):
            self.gateway.send(post, child, *more.split("\r\n"), "", inner, method="POST")
        for method, target, *_ in forge.heads:
            self.assertEqual((method, target), ("POST", post.removeprefix("/forge.example")))

    # Row G9.
    def test_nothing_that_a_client_says_of_itself_reaches_the_forge(self):
        self.import_token("vcs:repository:rw")
        forge, child = self.record(), self.child()
        said = ("Private-Token: mine", "Job-Token: mine", "Deploy-Token: mine", "Sudo: root",
                "Cookie: session=mine", "X-HTTP-Method-Override: DELETE", "X-Method-Override: PUT",
                "X-Forwarded-For: 192.0.2.1", "X-Forwarded-Host: mine", "Forwarded: for=mine",
                "X-Original-URL: /mine", "X-Rewrite-URL: /mine", "X-Original-URI: /mine",
                "X-Original-Method: DELETE", "X-Patd-Upstream-Authorization: mine",
                "Proxy-Authorization: Basic bWluZTptaW5l", "Upgrade: mine", "Authorization_: mine",
                "X-Real-IP: mine", "Via: mine")
        for connection in ("close", "close, Authorization", "Authorization, Private-Token"):
            self.gateway.send(f"/forge.example{FETCH}", child, *said, f"Connection: {connection}",
                              "Git-Protocol: version=2")
        self.assertGreaterEqual(len(forge.heads), 2)
        for _, target, fields, _ in forge.heads:
            names = sorted(name.lower() for name, _ in fields)
            self.assertEqual(names, ["authorization", "git-protocol", "host"])
            self.assertEqual(dict(fields)["Host"], "forge.example")
            self.assertEqual(open_basic(dict(fields)["Authorization"]), ("al", SECRET))
            self.assertEqual(target, FETCH)

    # Row G10: a forge that is told to, or wants to, gets the gateway to say what it knows.
    def test_no_answer_of_a_forge_makes_the_gateway_say_the_secret(self):
        self.import_token("vcs:repository:rw")
        forge, child = self.record(), self.child()
        pair = base64.b64encode(f"al:{SECRET}".encode()).decode()
        for place in ("/_exchange", "/_exchange?host=forge.example", "@refused",
                      f"/forge.example{FETCH}"):
            forge.answer = (200, [("X-Accel-Redirect", place), ("Set-Cookie", "a=b"),
                                  ("Authorization", f"Basic {pair}"), ("Private-Token", SECRET)],
                            b"body")
            answer = self.gateway.send(f"/forge.example{FETCH}", child)
            for name in ("X-Patd", "Set-Cookie", "X-Accel", pair, SECRET):
                self.assertNotIn(name, answer)
            self.assertTrue(answer.endswith("body"), answer)
        for target in ("/_exchange", "/_exchange?host=forge.example", "//_exchange",
                       "/forge.example/..%2f_exchange", "/x/../_exchange"):
            answer = self.gateway.send(target, child)
            self.assertRegex(answer.split("\n")[0], " (400|403|404) ")
            self.assertNotIn(pair, answer)

    # Row G11.
    def test_neither_redirect_nor_challenge_of_a_forge_reaches_git(self):
        self.import_token("vcs:repository:rw")
        forge, child = self.record(), self.child()
        for status in (301, 302, 303, 307, 308):
            forge.answer = (status, [("Location", "https://evil.example/login")], b"")
            answer = self.gateway.send(f"/forge.example{FETCH}", child)
            self.assertIn(" 403 ", answer.split("\n")[0])
            self.assertNotIn("\nLocation:", answer)
            self.assertIn("this has moved to https://evil.example/login\n", answer)
            self.assertIn("\nContent-Type: text/plain", answer)
        for place, says in (("https://o.example/a?token=x#y", "to https://o.example/a\n"),
                            ("/new/project.git", "to /new/project.git\n"),
                            ("/a\x1b[2Jb", "to /a\n"),
                            ("https://al:secret@o.example/", "elsewhere\n"),
                            ("", "elsewhere\n")):
            forge.answer = (302, [("Location", place)], b"")
            self.assertIn(f"this has moved {says}",
                          self.gateway.send(f"/forge.example{FETCH}", child))
        for status, says in ((401, "the forge refuses the imported token"),
                             (407, "the forge refuses the imported token"),
                             (403, "the forge forbids this to the imported token")):
            forge.answer = (status, [("WWW-Authenticate", "Basic realm=evil")], SECRET.encode())
            answer = self.gateway.send(f"/forge.example{FETCH}", child)
            self.assertIn(" 403 ", answer.split("\n")[0])
            self.assertIn(says, answer)
            self.assertNotIn(SECRET, answer)
            # nginx passes on the challenge of a 401 that it intercepts. Nobody acts on it at 403.
            self.assertNotIn("evil", answer.replace("\nWWW-Authenticate: Basic realm=evil", ""))
        for status in (500, 502, 503, 504):
            forge.answer = (status, (), SECRET.encode())
            answer = self.gateway.send(f"/forge.example{FETCH}", child)
            self.assertIn(" 502 ", answer.split("\n")[0])
            self.assertIn(f"does not answer as it should ({status})", answer)
            self.assertNotIn(SECRET, answer)

    # Row G12.
    def test_a_child_is_replayed_nowhere(self):
        token = self.import_token("vcs:repository:ro")
        forge, child = self.record(), self.child()
        for target in (f"/other.example{FETCH}", "/forge.example/other/project.git/info/refs"
                       "?service=git-upload-pack", f"/forge.example:8443{FETCH}"):
            answer = self.gateway.send(target, child)
            self.assertIn(" 403 ", answer.split("\n")[0], target)
            self.assertIn("patd: place: ", answer)
        self.assertEqual(forge.heads, [])
        self.gateway.send(f"/forge.example{FETCH}", child)
        self.assertEqual(len(forge.heads), 1)
        self.expect(self.change("delete", token))
        for worthless in (child, SECRET, "", "patc1_x"):
            answer = self.gateway.send(f"/forge.example{FETCH}", worthless)
            self.assertIn(" 401 ", answer.split("\n")[0])
            self.assertIn("\nWWW-Authenticate: Basic realm=", answer)
        self.assertEqual(len(forge.heads), 1)

    def test_while_patd_cannot_say_nothing_is_let_through_or_forgotten(self):
        self.import_token("vcs:repository:ro")
        forge, child = self.record(), self.child()
        os.kill(self.gateway.front, signal.SIGSTOP)
        try:
            answer = self.gateway.send(f"/forge.example{FETCH}", child)
        finally:
            os.kill(self.gateway.front, signal.SIGCONT)
        self.assertIn(" 503 ", answer.split("\n")[0])
        self.assertIn("\nRetry-After: 1\r", answer)
        self.assertEqual(forge.heads, [])

    # Row G7.
    def test_what_ends_a_line_or_a_field_goes_nowhere(self):
        self.import_token("vcs:repository:ro")
        forge, child = self.record(), self.child()
        for part in ("%0d%0aX-Mine:%201", "%0aX", "%0D", "\rX-Mine: 1", "\tX", "\x0bX", "\x7f",
                     "%00", "\u00e4", "%20HTTP/1.1%0d%0aX"):
            for target in (f"/forge.example/smart/{part}/info/refs?service=git-upload-pack",
                           f"/forge.example/smart/project.git/info/refs?{part}&service=x",
                           f"/forge.example{part}/smart/project.git/info/refs"):
                answer = self.gateway.send(target, child)
                self.assertRegex(answer.split("\n")[0], " (400|403|404) ", target)
                self.assertNotIn("\nX-Mine", answer)
        self.assertEqual(forge.heads, [])
        done = self.change("import", "two words", "--through-gateway", "-p", "vcs:repository:ro",
                           "-t", "bearer+https://forge.example/words", "-u", "al",
                           secret="two words")
        self.expect(done)
        place = f"{self.gateway.origin}/forge.example/words/project.git"
        child = self.alice("patctl get -t $1 | cat", place).stdout.strip()
        answer = self.gateway.send("/forge.example/words/project.git/info/refs"
                                   "?service=git-upload-pack", child)
        self.assertIn("patd: secret: ", answer)
        self.assertEqual(forge.heads, [])

    def test_of_rest_only_what_a_table_allows_gets_through(self):
        self.import_token("vcs:repository:ro")
        forge, table = self.record(), "/etc/patd/gateway.d/50-test.conf"
        os.makedirs(os.path.dirname(table), exist_ok=True)
        self.addCleanup(self.configure_gateway)
        self.addCleanup(os.unlink, table)
        with open(table, "w", encoding="ascii") as file:
            file.write("[test]\nHosts=forge.example\nRest=private-token\n"
                       "Allow=vcs:repository:ro GET /smart/api/*/commits\n")
        self.configure_gateway()
        child = self.child()
        allowed = "/forge.example/smart/api/42/commits?page=2"
        self.assertIn(" 200 ", self.gateway.send(allowed, child).split("\n")[0])
        (_, target, fields, _), = forge.heads
        self.assertEqual(target, allowed.removeprefix("/forge.example"))
        self.assertEqual(dict(fields).get("Private-Token"), SECRET)
        self.assertNotIn("Authorization", dict(fields))
        for method, target in (("POST", allowed), ("DELETE", allowed), ("HEAD", allowed),
                               ("GET", "/forge.example/smart/api/42"),
                               ("GET", f"{allowed}&private_token=x"),
                               ("GET", "/forge.example/smart/api/42/commits/x"),
                               ("GET", "/forge.example/smart/api/4%2F2/commits")):
            answer = self.gateway.send(target, child, method=method)
            self.assertIn(" 403 ", answer.split("\n")[0], (method, target))
        self.assertEqual(len(forge.heads), 1)

    def test_a_connection_remembers_no_child(self):
        self.import_token("vcs:repository:ro")
        forge, child = self.record(), self.child()
        pair = base64.b64encode(f"al:{child}".encode()).decode()
        good, line = f"Authorization: Basic {pair}\r\n", f"GET /forge.example{FETCH} HTTP/1.1\r\n"
        with socket.create_connection(("127.0.0.1", self.gateway.port), SECONDS) as connection:
            connection.sendall((f"{line}Host: a\r\n{good}\r\n{line}Host: a\r\n\r\n"
                                f"{line}Host: a\r\n{good}\r\n"
                                f"{line}Host: a\r\nConnection: close\r\n\r\n").encode())
            data = b""
            while piece := connection.recv(65536):
                data += piece
        self.assertEqual(re.findall(rb"HTTP/1.1 (\d+) ", data), [b"200", b"401"] * 2)
        self.assertEqual(len(forge.heads), 2)

    def test_what_is_large_is_streamed_both_ways(self):
        self.import_token("vcs:repository:rw")
        forge, child = self.record(), self.child()
        forge.answer = (200, (), b"x" * LARGE)
        push = "/forge.example/smart/project.git/git-receive-pack"
        with socket.create_connection(("127.0.0.1", self.gateway.port), SECONDS) as connection:
            pair = base64.b64encode(f"al:{child}".encode()).decode()
            connection.sendall(f"POST {push} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n"
                               f"Authorization: Basic {pair}\r\n"
                               f"Content-Length: {LARGE}\r\n\r\n".encode())
            connection.sendall(b"y" * LARGE)
            received = 0
            while piece := connection.recv(1 << 20):
                received += len(piece)
        self.assertGreater(received, LARGE)
        self.assertEqual(forge.heads[0][3], LARGE)
        for worker in self.gateway.workers():
            self.assertLess(Process(worker).kib("VmHWM"), 32 << 10)
        for folder in ("body", "proxy"):
            self.assertEqual(os.listdir(f"{RUN}/{folder}"), [])

    def test_a_forge_is_found_by_its_name(self):
        names = NameServer()
        self.addCleanup(names.close)
        server = self.serve(certificate=self.gateway.trusted_certificate("named.example"))
        host = f"named.example:{server.host.rpartition(':')[2]}"
        self.gateway.resolvers = names.address
        self.gateway.forge = server
        self.gateway.resolvers = "127.0.0.1:1"
        done = self.change("import", "by name", "--through-gateway", "-p", "vcs:repository:ro",
                           "-t", f"https://{host}/smart", "-u", "al", secret=SECRET)
        self.expect(done)
        self.expect(run("patctl", "setup", "gateway", **self.as_alice()))
        self.expect(self.alice("git ls-remote $1", f"https://{host}/smart/project.git"))

    def test_what_is_included_holds_addresses_and_nothing_else(self):
        folder = self.as_alice()["cwd"]
        with open("/etc/resolv.conf", "w", encoding="ascii") as file:
            file.write("search a.example\n#nameserver 192.0.2.9\nnameserver 192.0.2.1 ; one\n"
                       "nameserver fe80::1%eth0\nnameserver\t2001:db8::1\nnameserver 192.0.2.4\n")
        self.gateway.prepare(folder, RESOLVERS="")
        with open(f"{folder}/resolver.conf", encoding="ascii") as file:
            self.assertEqual(file.readline(), "resolver 192.0.2.1 [2001:db8::1];\n")
        for environment in ({"RESOLVERS": "a;b"}, {"RESOLVERS": "$x"},
                            {"RESOLVERS": "fe80::1%eth0"}):
            done = self.gateway.prepare(folder, check=False, **environment)
            self.assertEqual(done.returncode, 78, environment)
            self.assertIn("patd-gateway: ", done.stderr)

    def listen(self, listener):
        """The exit status of gateway-listen with a socket, and what it and its program say."""
        folder = self.as_alice()["cwd"]
        with open(f"{folder}/said", "w+b") as said, open("/dev/null", "rb") as null:
            pid = spawn([f"{SHIPPED}/gateway-listen", folder, "sh", "-c",
                         f"echo $NGINX; cat {folder}/listen.conf; test -e /proc/self/fd/3"],
                        {"PATH": PATH}, stdio=(null.fileno(), said.fileno(), said.fileno()),
                        listener=listener.fileno() if listener else None, service=True)
            status = await_exit(pid, SECONDS)
            said.seek(0)
            return status, said.read().decode()

    # Row G13.
    def test_the_gateway_listens_on_the_loopback_alone(self):
        for host, family, text in (("127.0.0.1", socket.AF_INET, "127.0.0.1"),
                                   ("127.9.9.9", socket.AF_INET, "127.9.9.9"),
                                   ("::1", socket.AF_INET6, "[::1]")):
            with socket.create_server((host, 0), family=family) as listener:
                port = listener.getsockname()[1]
                self.assertEqual(self.listen(listener), (0, f"3;\nlisten {text}:{port};\n"))
        for host, family in (("0.0.0.0", socket.AF_INET), ("::", socket.AF_INET6)):
            with socket.create_server((host, 0), family=family) as listener:
                status, said = self.listen(listener)
                self.assertEqual(status, 78, said)
                self.assertIn("patd-gateway: ListenStream=: not a loopback address: ", said)
        with socket.socket(socket.AF_UNIX) as listener:
            self.assertEqual(self.listen(listener)[0], 78)
        self.assertEqual(self.listen(None)[0], 78)

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
        done = run("patctl", "audit", **self.as_alice())
        self.assertNotIn("erase", done.stdout)

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
        answer = self.gateway.send(f"/forge.example{FETCH}", self.child())
        self.assertIn(" 502 ", answer.split("\n")[0])
        self.assertIn("patd: the forge does not answer", answer)
        self.assertEqual(other.requests, [])


if __name__ == "__main__":
    unittest.main()
