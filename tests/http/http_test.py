# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""patd-http in front of the real patd: each MUST of RFC 7662, /authorize, and what strangers send.
Runs inside of tools/play.sh, as root."""
import base64
import contextlib
import json
import os
import select
import signal
import socket
import string
import subprocess
import tempfile
import unittest
import zlib
from urllib.parse import urlencode

from own_http import (ASKER, AUDIENCE, OTHER, PLAY, SERVER, OwnHttp, create, damaged, make_user,
                      patctl, read_answer, request, token_id)
from own_patd import ask_as, find_process

SOCKET = "/run/patd/socket"
INACTIVE = b'{"active": false}'
FORM = "Content-Type: application/x-www-form-urlencoded"


def make_unknown():
    """A secret in the right form that nobody made."""
    digits = string.digits + string.ascii_uppercase + string.ascii_lowercase
    text = "pat1_" + "0" * 10 + "_" + "a" * 43
    number, check = zlib.crc32(text.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        check = digits[digit] + check
    return text + check


def basic(user, secret):
    return f"Authorization: Basic {base64.b64encode(f'{user}:{secret}'.encode()).decode()}"


def bearer(secret):
    return f"Authorization: Bearer {secret}"


def at(path, **query):
    return f"{path}?{urlencode(query)}"


INTROSPECT = at("/introspect", audience=AUDIENCE)
FETCH = at("/authorize", permission="vcs:repository:ro", audience=AUDIENCE)
PUSH = at("/authorize", permission="vcs:repository:rw", audience=AUDIENCE)


class WithHttp(unittest.TestCase):
    settings = "[Http]\nIssuer=https://tokens.example\nIntrospectionAccounts=www-data\n"

    @classmethod
    def setUpClass(cls):
        cls.alice = make_user_once("alice")
        cls.folder = tempfile.mkdtemp(dir=PLAY)
        os.chmod(cls.folder, 0o777)

    def setUp(self):
        self.http = OwnHttp(self.folder, self.settings)
        self.process = self.http.start()
        self.addCleanup(self.http.close)

    def send(self, data, uid=SERVER):
        """The answer to bytes on a connection of their own."""
        with self.http.connect(uid) as connection:
            connection.sendall(data)
            return read_answer(connection)[0]

    def authorize(self, target, *fields, uid=SERVER, method="GET"):
        return self.send(request(method, target, *fields), uid)

    def introspect(self, body, *fields, uid=SERVER, target=INTROSPECT):
        if not isinstance(body, bytes):
            body = urlencode(body).encode()
        return self.send(request("POST", target, FORM, *fields, body=body), uid)

    def expect_inactive(self, answer):
        self.assertEqual((answer.status, answer.body), (200, INACTIVE), answer)


def make_user_once(name, made={}):
    if name not in made:
        made[name] = make_user(name)
    return made[name]


class Introspection(WithHttp):
    def test_an_active_token_is_described(self):
        secret = create(self.alice, "vcs:repository:ro vcs:merge:rw", AUDIENCE, "-e", "30d")
        answer = self.introspect({"token": secret})
        self.assertEqual((answer.status, answer.get("Content-Type")), (200, "application/json"))
        self.assertEqual(answer.get("Cache-Control"), "no-store")
        said = json.loads(answer.body)
        self.assertEqual(said.pop("exp") - said.pop("iat"), 30 * 24 * 3600)
        self.assertEqual(said, {
            "active": True, "scope": "vcs:merge:rw vcs:repository:ro", "username": "alice",
            "aud": AUDIENCE, "iss": "https://tokens.example", "jti": token_id(secret),
            "token_type": "Bearer"})

    def test_a_token_without_an_end_has_no_exp(self):
        said = json.loads(self.introspect({"token": create(self.alice)}).body)
        self.assertNotIn("exp", said)

    def test_a_child_is_described_by_what_it_may(self):
        create(self.alice, "vcs:repository:rw", "https://child.example")
        child = ask_as(SOCKET, self.alice.pw_uid, "get", "protocol=https", "host=child.example",
                       "permission=vcs:repository:ro", "ttl=60")["password"]
        answer = self.introspect({"token": child},
                                 target=at("/introspect", audience="https://child.example"))
        said = json.loads(answer.body)
        self.assertEqual((said["active"], said["scope"]), (True, "vcs:repository:ro"))
        self.assertIn("exp", said)
        self.assertNotIn("iat", said)

    def test_whatever_is_not_active_is_said_in_the_same_bytes(self):
        secret = create(self.alice)
        gone = create(self.alice)
        patctl(self.alice, "delete", token_id(gone), "--yes")
        elsewhere = create(self.alice, "vcs:repository:ro", "https://other.example")
        for token in (gone, elsewhere, secret[:-1], secret + "x", secret.upper(), "hunter2",
                      "é", "a b", "patc1_AAAA", "*", make_unknown()):
            with self.subTest(token[:6]):
                self.expect_inactive(self.introspect({"token": token}))

    def test_what_ends_a_token_is_seen_at_the_next_request(self):
        secret = create(self.alice)
        self.assertTrue(json.loads(self.introspect({"token": secret}).body)["active"])
        patctl(self.alice, "lock")
        self.expect_inactive(self.introspect({"token": secret}))
        patctl(self.alice, "unlock")
        self.assertTrue(json.loads(self.introspect({"token": secret}).body)["active"])
        patctl(self.alice, "regenerate", token_id(secret), secret=True)
        self.expect_inactive(self.introspect({"token": secret}))

    # "the endpoint MUST also require some form of authorization to access this endpoint"
    def test_who_may_not_ask_learns_nothing(self):
        secret = create(self.alice)
        answer = self.introspect({"token": secret}, uid=OTHER)
        self.assertEqual((answer.status, answer.body), (401, b""))
        self.assertEqual([value.split()[0] for value in answer.all("WWW-Authenticate")],
                         ["Basic", "Bearer"])
        for shown in (bearer("hunter2"), bearer(damaged(secret)), basic("alice", "hunter2"),
                      basic("bob", secret), "Authorization: Digest x", "Authorization: Basic =",
                      "Authorization: Bearer"):
            with self.subTest(shown[:25]):
                self.assertEqual(self.introspect({"token": secret}, shown).status, 401)

    def test_an_asker_needs_the_permission_at_that_server(self):
        secret = create(self.alice)
        asker = create(self.alice, ASKER)
        for shown in (bearer(asker), basic("alice", asker), basic("", asker)):
            said = json.loads(self.introspect({"token": secret}, shown, uid=OTHER).body)
            self.assertTrue(said["active"])
        lacking = self.introspect({"token": secret}, bearer(secret), uid=OTHER)
        self.assertEqual((lacking.status, lacking.body), (403, b""))
        self.assertIn('error="insufficient_scope"', lacking.get("WWW-Authenticate"))
        self.assertIn(f'scope="{ASKER}"', lacking.get("WWW-Authenticate"))
        elsewhere = at("/introspect", audience="https://other.example")
        self.assertEqual(self.introspect({"token": secret}, bearer(asker), uid=OTHER,
                                         target=elsewhere).status, 403)

    # An Authorization is judged even where the peer needs none.
    def test_a_wrong_asker_is_not_saved_by_its_peer(self):
        secret = create(self.alice)
        self.assertEqual(self.introspect({"token": secret}, bearer(secret)).status, 403)

    # "Request parameters must not be included more than once"; without a value they are omitted;
    # unknown ones, and a hint that is wrong, change nothing.
    def test_parameters_are_those_of_the_rfc(self):
        secret = create(self.alice)
        bad = b'{"error": "invalid_request"}'
        for body in (b"", b"token=", b"token", f"token={secret}&token={secret}".encode(),
                     b"token=%", b"token=%zz", b"token=a%00b", b"&" * 20, b"a=1&" * 17,
                     b"hint=" + secret.encode()):
            with self.subTest(body[:20]):
                answer = self.introspect(body)
                self.assertEqual((answer.status, answer.body), (400, bad))
        for more in ("token_type_hint=refresh_token", "token_type_hint=nonsense", "resource=x",
                     "token_type_hint="):
            answer = self.introspect(f"token={secret}&{more}".encode())
            self.assertTrue(json.loads(answer.body)["active"])
        escaped = "".join(f"%{ord(letter):02x}" for letter in secret)
        self.assertTrue(json.loads(self.introspect(f"token={escaped}".encode()).body)["active"])

    def test_the_body_is_a_form(self):
        body = f"token={create(self.alice)}".encode()
        for kind in ("application/json", "multipart/form-data", "", "text/plain"):
            answer = self.send(request("POST", INTROSPECT, f"Content-Type: {kind}", body=body))
            self.assertEqual(answer.status, 400)
        answer = self.send(request(
            "POST", INTROSPECT, "Content-Type: Application/x-www-form-urlencoded ; charset=UTF-8",
            body=body))
        self.assertTrue(json.loads(answer.body)["active"])
        # Nor does a token in the URL count, which would be in logs.
        self.assertEqual(self.introspect(b"", target=f"{INTROSPECT}&{body.decode()}").status, 400)

    def test_only_post_asks_and_only_for_a_server(self):
        for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS"):
            answer = self.send(request(method, INTROSPECT))
            self.assertEqual((answer.status, answer.get("Allow")), (405, "POST"))
        for target in ("/introspect", "/introspect?audience=", "/introspect?audience=git.example",
                       f"{INTROSPECT}&audience={AUDIENCE}", at("/introspect", audience="ftp://x")):
            self.assertEqual(self.introspect(b"token=x", target=target).status, 400)


class Authorization(WithHttp):
    def expect(self, status, *arguments, **options):
        answer = self.authorize(*arguments, **options)
        self.assertEqual((answer.status, answer.body, answer.get("Content-Length")),
                         (status, b"", "0"), answer)
        return answer

    def test_a_token_that_may_is_let_in_and_named(self):
        secret = create(self.alice)
        for shown in (basic("alice", secret), basic("", secret), bearer(secret),
                      f"authorization: BEARER   {secret}"):
            for method in ("GET", "HEAD"):
                answer = self.expect(200, FETCH, shown, method=method)
                self.assertEqual([answer.get(f"X-Patd-{name}")
                                  for name in ("User", "Token", "Permissions")],
                                 ["alice", token_id(secret), "vcs:repository:ro"])

    def test_without_a_token_there_is_a_challenge_for_each_scheme(self):
        answer = self.expect(401, FETCH)
        self.assertEqual(answer.all("WWW-Authenticate"),
                         ['Basic realm="patd"', 'Bearer realm="patd"'])

    def test_what_is_no_token_here_is_told_so(self):
        secret = create(self.alice)
        for shown in (basic("alice", "hunter2"), basic("bob", secret), basic("alice", secret[:-1]),
                      bearer(""), bearer(f"{secret} x"), f"Authorization: {secret}",
                      "Authorization: Basic !!!!", "Authorization: Basic YQ", "Authorization:",
                      basic("alice\n", secret), basic("a" * 300, secret), bearer("x" * 9000)):
            with self.subTest(shown[:30]):
                answer = self.expect(401, FETCH, shown)
                self.assertIn('error="invalid_token"', answer.all("WWW-Authenticate")[1])

    def test_a_token_that_lacks_it_is_forbidden_and_not_asked_for_another(self):
        secret = create(self.alice)
        elsewhere = at("/authorize", permission="vcs:repository:ro", audience="https://b.example")
        for target in (PUSH, elsewhere):
            answer = self.expect(403, target, bearer(secret))
            self.assertEqual(answer.all("WWW-Authenticate"), [])
            self.assertEqual(answer.all("X-Patd-User"), [])
        patctl(self.alice, "lock")
        self.expect(403, FETCH, bearer(secret))
        patctl(self.alice, "unlock")
        self.expect(200, FETCH, bearer(secret))

    # Row H5: what a client could add to what the server's configuration asks.
    def test_a_question_that_is_not_whole_is_no_question(self):
        secret = create(self.alice)
        for target in ("/authorize", "/authorize?permission=vcs:repository:ro",
                       f"{FETCH}&permission=vcs", f"{FETCH}&more=1", f"{FETCH}&audience={AUDIENCE}",
                       at("/authorize", permission="vcs repository", audience=AUDIENCE),
                       at("/authorize", permission="vcs", audience="git.example"),
                       at("/authorize", permission="", audience=AUDIENCE), f"{FETCH}%"):
            self.expect(400, target, bearer(secret))
        for target in (f"http://patd{FETCH}", FETCH.replace("authorize", "authorize/"), "/",
                       "//authorize", "/Authorize", "/authorize#x", "*", f"/x/..{FETCH}"):
            self.assertIn(self.authorize(target, bearer(secret)).status, (400, 404), target)
        # Nothing that a client sends beside it changes what is asked.
        self.expect(403, PUSH, bearer(secret), "X-Patd-Permission: vcs:repository:ro",
                    "X-Original-URI: /authorize", "permission: vcs:repository:ro")

    def test_methods_that_are_not_asked_with(self):
        for method in ("POST", "PUT", "PROPFIND", "FOO"):
            answer = self.authorize(FETCH, method=method)
            self.assertEqual((answer.status, answer.get("Allow")), (405, "GET, HEAD"))

    # Row H6.
    def test_refusals_are_limited_by_the_clients_address(self):
        secret = create(self.alice)
        wrong, right = bearer("hunter2"), bearer(secret)
        first, second = "X-Forwarded-For: 192.0.2.1", "X-Forwarded-For: 6.6.6.6, 192.0.2.2"
        statuses = [self.authorize(FETCH, wrong, first).status for _ in range(70)]
        self.assertEqual(statuses[0], 401)
        self.assertEqual(statuses[-1], 503)
        self.assertEqual(self.expect(503, FETCH, right, first).get("Retry-After"), "1")
        # Who shows nothing is asked for a token; who comes from elsewhere is judged, as the nearest
        # proxy says it; who is no server speaks for itself.
        self.expect(401, FETCH, first)
        self.expect(200, FETCH, right, second)
        self.expect(200, FETCH, right, first, uid=OTHER)
        self.expect(200, FETCH, right)

    def test_a_patd_that_does_not_answer_is_no_refusal(self):
        secret = create(self.alice)
        self.expect(200, FETCH, bearer(secret))
        patd = find_process("patd")
        os.kill(patd, signal.SIGSTOP)
        try:
            answer = self.expect(503, FETCH, bearer(secret))
            self.assertEqual(answer.get("Retry-After"), "1")
        finally:
            os.kill(patd, signal.SIGCONT)
        self.expect(200, FETCH, bearer(secret))

    def test_the_audit_log_says_for_whom_the_server_asked(self):
        secret = create(self.alice)
        patctl(self.alice, "delete", token_id(secret), "--yes")  # an alarm is recorded at once
        self.expect(401, f"{PUSH}&service=nginx-push", bearer(secret),
                    "X-Forwarded-For: 2001:db8::1")
        self.assertIn("nginx-push from 2001:db8::1", patctl(self.alice, "audit"))


class Hostile(WithHttp):
    # Row H1: nothing that two readers could read differently is read at all.
    def test_what_could_be_read_in_two_ways_is_refused_and_the_connection_ends(self):
        first, rest = b"POST /introspect HTTP/1.1\r\nHost: a\r\n", b"\r\nabc"
        smuggled = b"GET /authorize HTTP/1.1\r\nHost: a\r\n\r\n"
        for fields, status in (
                (b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", 400),
                (b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", 411),
                (b"Transfer-Encoding: chunked\r\n", 411),
                (b"Transfer-Encoding: identity\r\n", 411),
                (b"Transfer-Encoding: \x0bchunked\r\n", 400),
                (b"Content-Length: 3\r\nContent-Length: 3\r\n", 400),
                (b"Content-Length: 3\r\nContent-Length: 4\r\n", 400),
                (b"Content-Length: 3, 3\r\n", 400),
                (b"Content-Length: +3\r\n", 400),
                (b"Content-Length: -3\r\n", 400),
                (b"Content-Length: 0x3\r\n", 400),
                (b"Content-Length: 3 \x00\r\n", 400),
                (b"Content-Length: 18446744073709551619\r\n", 400),
                (b"Content-Length : 3\r\n", 400),
                (b" Content-Length: 3\r\n", 400),
                (b"A: b\r\n c\r\n", 400),
                (b"A: b\r\n\tc\r\n", 400),
                (b"A: b\n", 400),
                (b"A: b\r", 400),
                (b"A: b\x00\r\n", 400),
                (b"A\x00: b\r\n", 400),
                (b"A: b\x7f\r\n", 400),
                (b"A\r\n", 400),
                (b": b\r\n", 400),
                (b"Host: b\r\n", 400),
                (b"Authorization: a\r\nAuthorization: b\r\n", 400),
                (b"Expect: something\r\n", 400),
                (b"A: " + b"b" * 40000 + b"\r\n", 431),
                (b"A: b\r\n" * 200, 431),
                (b"Content-Length: 8193\r\n", 413)):
            with self.subTest(fields[:40]), self.http.connect() as connection:
                connection.sendall(first + fields + rest + smuggled)
                answer, more = read_answer(connection)
                self.assertEqual((answer.status, answer.body, answer.get("Connection")),
                                 (status, b"", "close"))
                self.assertEqual((read_answer(connection, more)), (None, b""))

    def test_other_first_lines_are_refused(self):
        for line in (b"GET / HTTP/1.1\n", b"GET  / HTTP/1.1\r\n", b"GET /\r\n",
                     b"GET / HTTP/2.0\r\n", b"GET / HTTP/1.2\r\n", b"GET / http/1.1\r\n",
                     b"G@T / HTTP/1.1\r\n", b"\r\n", b"GET /\x01 HTTP/1.1\r\n",
                     b"\x16\x03\x01\x02\x00\x01\x00\x01", b"PRI * HTTP/2.0", b"patd=1\n\n"):
            with self.subTest(line):
                self.assertEqual(self.send(line + b"Host: a\r\n\r\n").status, 400)
        self.assertEqual(self.send(b"GET / HTTP/1.1\r\n\r\n").status, 400)  # no Host

    # Row H2: requests in one write are answered in order, one at a time.
    def test_requests_that_are_sent_ahead_are_answered_in_order(self):
        secret = create(self.alice)
        questions = [request("GET", FETCH, bearer(secret)), request("GET", PUSH, bearer(secret)),
                     request("GET", "/nothing"), request("GET", FETCH),
                     request("POST", INTROSPECT, FORM, body=f"token={secret}".encode())]
        with self.http.connect() as connection:
            connection.sendall(b"".join(questions) * 40)
            rest, statuses = b"", []
            for _ in range(40 * len(questions)):
                answer, rest = read_answer(connection, rest)
                statuses.append(answer.status)
            self.assertEqual(statuses, [200, 403, 404, 401, 200] * 40)

    def test_requests_that_come_in_pieces_are_read_as_one(self):
        secret = create(self.alice)
        whole = request("POST", INTROSPECT, FORM, body=f"token={secret}".encode())
        with self.http.connect() as connection:
            for byte in whole:
                connection.sendall(bytes([byte]))
            self.assertTrue(json.loads(read_answer(connection)[0].body)["active"])

    # Row H3: however it drips, a request has five seconds.
    def test_who_drips_is_cut_off_and_holds_nobody_up(self):
        secret = create(self.alice)
        dripping = [self.http.connect(OTHER) for _ in range(50)]
        with contextlib.ExitStack() as stack:
            for connection in dripping:
                stack.enter_context(connection)
                connection.sendall(b"GET /authorize HTTP/1.1\r\nHost: a\r\nA: ")
            self.assertEqual(self.authorize(FETCH, bearer(secret)).status, 200)
            answer, rest = None, b""
            first = dripping[0]
            first.settimeout(0.2)
            for _ in range(60):
                first.sendall(b"x")
                try:
                    answer, rest = read_answer(first, rest)
                    break
                except TimeoutError:
                    pass
            self.assertEqual(answer.status, 408)
            for connection in dripping[1:]:
                self.assertEqual(read_answer(connection)[0].status, 408)

    def test_who_never_reads_is_cut_off(self):
        with self.http.connect() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(0.5)
            with self.assertRaises(OSError):  # the buffers are full, then it is closed
                while True:
                    connection.sendall(request("GET", "/nothing") * 100)
            self.assertEqual(self.authorize("/nothing").status, 404)
            closed = select.poll()
            closed.register(connection, 0)
            self.assertEqual(closed.poll(20_000)[0][1] & select.POLLHUP, select.POLLHUP)

    # Row H4: connections of one user do not cost another theirs, nor this one its next.
    def test_connections_of_one_user_take_nobodys_place(self):
        secret = create(self.alice)
        with contextlib.ExitStack() as stack:
            silent = [stack.enter_context(self.http.connect(OTHER)) for _ in range(400)]
            self.assertEqual(self.authorize(FETCH, bearer(secret)).status, 200)
            self.assertEqual(self.authorize(FETCH, bearer(secret), uid=OTHER).status, 200)
            self.assertLess(self.process.descriptors(), 300)
            self.assertEqual(silent[0].recv(1), b"")  # the one that was silent longest

    def test_a_client_that_waits_for_a_hundred_gets_it(self):
        secret = create(self.alice)
        body = f"token={secret}".encode()
        head = request("POST", INTROSPECT, FORM, "Expect: 100-continue", body=body)[:-len(body)]
        with self.http.connect() as connection:
            connection.sendall(head)
            answer, rest = read_answer(connection)
            self.assertEqual((answer.status, rest), (100, b""))
            connection.sendall(body)
            self.assertTrue(json.loads(read_answer(connection)[0].body)["active"])

    def test_who_closes_before_the_answer_costs_nothing(self):
        secret = create(self.alice)
        before = self.process.descriptors()
        for _ in range(200):
            with self.http.connect() as connection:
                connection.sendall(request("GET", FETCH, bearer(secret)))
        self.assertEqual(self.authorize(FETCH, bearer(secret)).status, 200)
        with self.http.connect() as connection:
            connection.sendall(request("GET", FETCH, bearer(secret)))
            connection.shutdown(socket.SHUT_WR)
            self.assertEqual(read_answer(connection)[0].status, 200)
            self.assertEqual(connection.recv(1), b"")
        self.assertLess(self.process.descriptors(), before + 20)

    def test_old_clients_have_one_answer_a_connection(self):
        secret = create(self.alice)
        for fields in ((), ("Connection: keep-alive",), ("Connection: close",)):
            head = request("GET", FETCH, bearer(secret), *fields).replace(b"HTTP/1.1", b"HTTP/1.0")
            with self.http.connect() as connection:
                connection.sendall(head)
                answer, rest = read_answer(connection)
                self.assertEqual((answer.status, answer.get("Connection")), (200, "close"))
                self.assertEqual(read_answer(connection, rest), (None, b""))

    def test_nothing_of_a_peer_is_in_the_log_and_no_secret_in_memory(self):
        secret = create(self.alice)
        with self.http.connect() as connection:
            for question in (request("GET", FETCH, basic("alice", secret)),
                             request("GET", FETCH, bearer(secret)),
                             request("POST", INTROSPECT, FORM, bearer(create(self.alice, ASKER)),
                                     body=f"token={secret}".encode())):
                connection.sendall(question)
                self.assertEqual(read_answer(connection)[0].status, 200)
            needles = (secret[-20:].encode(),
                       base64.b64encode(f"alice:{secret}".encode())[-20:])
            for piece in self.process.memory():
                for needle in needles:
                    self.assertNotIn(needle, piece)
        self.send(b"GET /hunter2 HTTP/9.9\r\n\r\n")
        with open(self.http.log, "rb") as log:
            self.assertNotIn(b"hunter2", log.read())

    def test_it_ends_with_what_is_under_way_answered(self):
        secret = create(self.alice)
        patd = find_process("patd")
        with self.http.connect() as idle, self.http.connect() as busy:
            idle.sendall(request("GET", "/nothing"))
            read_answer(idle)
            os.kill(patd, signal.SIGSTOP)
            try:
                busy.sendall(request("GET", FETCH, bearer(secret)))
                os.kill(self.http.pid, signal.SIGTERM)
                self.assertEqual(idle.recv(1), b"")
            finally:
                os.kill(patd, signal.SIGCONT)
            self.assertEqual(read_answer(busy)[0].status, 200)
            self.assertEqual(self.http.stop(), 0)


class Sockets(WithHttp):
    def setUp(self):
        pass

    def start(self, address, settings=""):
        http = OwnHttp(self.folder, f"[Http]\n{settings}", tcp=address)
        self.addCleanup(http.close)
        http.start()
        return http

    def test_tcp_is_for_the_loopback_alone_unless_tls_stands_in_front(self):
        with self.assertRaises(ConnectionError):
            self.start(("0.0.0.0", 0))
        self.start(("127.0.0.1", 0))
        self.http = self.start(("0.0.0.0", 0), "TlsInFront=yes\n")
        self.assertEqual(self.authorize(FETCH, bearer(create(self.alice))).status, 200)

    def test_over_tcp_nobody_asks_without_a_token(self):
        self.http = self.start(("127.0.0.1", 0), "IntrospectionAccounts=www-data root\n")
        self.assertEqual(self.introspect({"token": create(self.alice)}).status, 401)

    def test_an_account_that_does_not_exist_is_said_at_the_start(self):
        http = self.start(("127.0.0.1", 0), "ServerAccounts=www-data wwwdata\n")
        with open(http.log, encoding="utf-8") as log:
            text = log.read()
        self.assertIn("ServerAccounts= names wwwdata, an account that", text)
        self.assertIn("test.conf, line=2", text)
        self.assertNotIn("www-data", text)

    def test_a_faulty_configuration_starts_nothing(self):
        for line in ("Nonsense=1", "TlsInFront=perhaps", "Issuer=nobody", "hunter2"):
            with self.subTest(line), self.assertRaises(ConnectionError):
                self.start(("127.0.0.1", 0), line + "\n")


if __name__ == "__main__":
    subprocess.run(["useradd", "--system", "--no-log-init", "-M", "patd-http"], check=True,
                   stderr=subprocess.DEVNULL)
    unittest.main()
