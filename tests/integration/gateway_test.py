# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Real git, patctl and patd with tokens that go through the gateway: git never has the secret, and
reads or writes as far as the child may. The gateway is a small one of the test's own, which does
what patd-gateway(5) demands of it. Runs inside of tools/play.sh, as root."""
import base64
import http.client
import http.server
import json
import os
import pwd
import secrets
import signal
import socket
import subprocess
import threading
import unittest

from git_server import open_basic
from own_patd import PLAY, ask_as, find_process  # and finds tools/lib
from processes import await_first
from program_fixture import HELPER, PASSWORD, SECONDS, SOCKET, WithPrograms, run

FORGE = "https://forge.example"
URL = f"{FORGE}/smart/project.git"
ACCOUNT = "patd-http-gateway"
SECRET = f"ghp_{secrets.token_hex(20)}"
WORTHLESS = ("malformed", "unknown", "dead", "expired")
SCRIPT_PUSH = """
rm -rf work && git clone -q $1 work && cd work && echo more >file && git add . &&
git commit -qm more && exec git push -q origin HEAD:refs/heads/more
"""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, headers=()):
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, status, text):
        headers = [("Content-Type", "text/plain")]
        if status == 401:
            headers.append(("WWW-Authenticate", 'Basic realm="gateway"'))
        self.answer(status, f"{text}\n".encode(), headers)

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        who = open_basic(self.headers.get("Authorization"))
        if who is None:
            return self.refuse(401, "no token")
        host, _, rest = self.path.removeprefix("/").partition("/")
        reply = self.server.exchange(who[1], host, self.command, f"/{rest}")
        if reply.get("granted") != "1":
            worthless = reply.get("reason") in WORTHLESS
            return self.refuse(401 if worthless else 403, f"patd: {reply.get('reason')}")
        pair = f"{reply['username']}:{reply['password']}".encode()
        headers = {name: value for name, value in self.headers.items()
                   if name.lower() not in ("authorization", "host", "accept-encoding")}
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        forge = http.client.HTTPConnection(self.server.forge.host, timeout=SECONDS)
        forge.request(self.command, f"/{rest}", body, headers)
        answer = forge.getresponse()
        self.answer(answer.status, answer.read(),
                    [("Content-Type", answer.headers["Content-Type"])])
        return forge.close()

    do_GET = do_POST = serve


class TestGateway(http.server.ThreadingHTTPServer):
    """Asks patd as the gateway's account, and sends what is granted on to `forge`."""

    def __init__(self, uid):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.forge, self.uid = None, uid
        self.origin = f"http://127.0.0.1:{self.server_address[1]}"
        self._thread = threading.Thread(target=self.serve_forever, daemon=True)
        self._thread.start()

    def exchange(self, token, host, method, target):
        return ask_as(SOCKET, self.uid, "exchange", f"token={token}", f"host={host}",
                      f"method={method}", f"target={target}")

    def close(self):
        self.shutdown()
        self._thread.join()
        self.server_close()


def configure_patd(text):
    """Returns once the patd of this place serves with it."""
    os.makedirs("/etc/patd/patd.conf.d", exist_ok=True)
    with open("/etc/patd/patd.conf.d/gateway.conf", "w", encoding="ascii") as file:
        file.write(f"[Patd]\n{text}")
    patd = find_process("patd")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices:
        os.unlink(f"{PLAY}/notify")
        notices.bind(f"{PLAY}/notify")
        os.chmod(f"{PLAY}/notify", 0o666)
        os.kill(patd, signal.SIGHUP)
        said = b""
        while b"READY=1" not in said.split(b"\n"):
            if await_first([notices], patd, SECONDS) is None:
                raise ConnectionError("patd does not reload")
            said = notices.recv(4096)
        assert b"faulty" not in said, said


class WithGateway(WithPrograms):
    """The base of the gateway's tests: a patd that knows a gateway, and a forge behind it."""

    @classmethod
    def setUpClass(cls):
        cls.make_alice()
        subprocess.run(["useradd", "--system", "--no-log-init", ACCOUNT], check=True,
                       stderr=subprocess.DEVNULL)
        cls.gateway = cls.make_gateway()
        cls.addClassCleanup(cls.gateway.close)
        configure_patd(f"GatewayOrigin={cls.gateway.origin}\n")

    @classmethod
    def make_gateway(cls):
        return TestGateway(pwd.getpwnam(ACCOUNT).pw_uid)

    def setUp(self):
        super().setUp()
        self.gateway.forge = self.serve()
        self.configure("", HELPER)

    def accepts(self, user, secret):
        """What the forge lets in: the secret that it made, and nothing of patd's."""
        return (user, secret) == ("al", SECRET)

    def change(self, *arguments, secret=""):
        with self.said(f"{PASSWORD}\n") as reader, self.said(f"{secret}\n") as given:
            return run("patctl", *arguments, "--password-fd", str(reader.fileno()),
                       *(["--secret-fd", str(given.fileno())] if secret else []),
                       pass_fds=(reader.fileno(), given.fileno()), **self.as_alice())

    def import_token(self, permission):
        done = self.change("--json", "import", self._testMethodName, "--through-gateway", "-p",
                           permission, "-t", f"{FORGE}/smart", "-u", "al", secret=SECRET)
        self.expect(done)
        token = json.loads(done.stdout)["id"]
        self.addCleanup(run, "patctl", "admin", "revoke", "alice", token, "--yes")
        self.expect(run("patctl", "setup", "gateway", **self.as_alice()))
        return token

    def show(self, token):
        done = run("patctl", "--json", "show", token, **self.as_alice())
        self.expect(done)
        return json.loads(done.stdout)


class Gateway(WithGateway):
    def test_a_child_that_reads_clones_and_pushes_nothing(self):
        token = self.import_token("vcs:repository:ro")
        self.assertTrue(self.show(token)["through_gateway"])
        self.expect(self.alice("git clone -q $1 copy && git -C copy fetch -q", URL))
        done = self.alice(SCRIPT_PUSH, URL)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertIn("patd: permission", done.stdout)
        self.assertNotIn(403, [status for status, *_ in self.gateway.forge.requests])
        self.assertGreater(len(self.show(token)["children"]), 0)
        self.assertEqual({child["permissions"][0] for child in self.show(token)["children"]},
                         {"vcs:repository:ro"})
        done = run("patctl", "audit", "--token", token, **self.as_alice())
        self.assertIn("exchange", done.stdout)
        self.assertIn(ACCOUNT, done.stdout)

    def test_a_child_that_writes_pushes(self):
        self.import_token("vcs:repository:rw")
        self.expect(self.alice(SCRIPT_PUSH, URL))
        self.assertIn("more", self.alice("git ls-remote $1", URL).stdout)

    # Row G4.
    def test_past_the_gateway_there_is_nothing(self):
        token = self.import_token("vcs:repository:rw")
        place = "protocol=https\nhost=forge.example\npath=smart/project.git\n"
        for ask in (f"printf '{place}\\n' | {HELPER} get 2>&1",
                    f"patctl get -t {URL} --show 2>&1", f"patctl exec -t {URL} -- env 2>&1"):
            done = self.alice(ask)
            self.assertNotIn(SECRET, done.stdout)
            self.assertIn("patctl setup gateway", done.stdout, ask)
            self.assertIn(token, done.stdout, ask)
        self.assertIn("quit=1", self.alice(f"printf '{place}\\n' | {HELPER} get").stdout)
        for url in ("https://al@forge.example/smart/project.git",
                    "https://FORGE.example/smart/project.git"):
            done = self.alice("git -c credential.useHttpPath=true credential fill <<END\nurl=$1\n\n"
                              "END", url)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("patctl setup gateway", done.stdout)

    def test_turned_off_it_is_released_and_its_children_are_dead(self):
        token = self.import_token("vcs:repository:ro")
        place = f"{self.gateway.origin}/forge.example/smart/project.git"
        child = self.alice("patctl get -t $1 | cat", place).stdout.strip()
        self.assertTrue(child.startswith("patc1_"), child)
        verified = ask_as(SOCKET, 33, "verify", f"token={child}")
        self.assertEqual(verified["reason"], "unknown")
        target = "/smart/project.git/git-upload-pack"
        granted = self.gateway.exchange(child, "forge.example", "POST", target)
        self.assertEqual(granted["password"], SECRET)
        for uid in (0, 33, self.uid):
            refused = ask_as(SOCKET, uid, "exchange", f"token={child}", "host=forge.example",
                             "method=POST", f"target={target}")
            self.assertEqual(refused["error"], "AccessDenied")
        self.expect(self.change("edit", token, "--through-gateway", "off"))
        self.assertEqual(
            self.gateway.exchange(child, "forge.example", "POST", target)["reason"], "dead")
        self.assertEqual(self.alice("patctl get -t $1 | cat", URL).stdout.strip(), SECRET)

    def test_a_program_gets_the_child_and_the_url(self):
        self.import_token("vcs:repository:rw")
        script = ("exec git -c credential.helper= -c http.extraHeader=\"Authorization: Basic $("
                  "printf 'al:%s' $PATD_TOKEN | base64 -w 0)\" ls-remote $PATD_GATEWAY_URL.git")
        command = ("patctl exec --through-gateway -p vcs:repository:ro -t $1 -- "
                   "sh -c \"$2\"")
        done = self.alice(command, URL.removesuffix(".git"), script)
        self.expect(done)
        self.assertIn("HEAD", done.stdout)
        done = self.alice("patctl exec --through-gateway -t $1 -- env", URL)
        self.assertNotIn(SECRET, done.stdout)
        self.assertIn(f"PATD_GATEWAY_URL={self.gateway.origin}/forge.example/smart/project.git",
                      done.stdout)

    def test_all_tokens_of_a_file_go_through_it(self):
        with self.said(f"{FORGE}/\nhttps://al:{SECRET}@forge.example/smart\n"
                       f"https://bo:{SECRET}@other.example\n") as file, \
                self.said(f"{PASSWORD}\n") as reader:
            done = run("patctl", "--json", "import", "--from", "-", "--skip", "--through-gateway",
                       "-p", "vcs:repository:ro", "--password-fd", str(reader.fileno()),
                       pass_fds=(reader.fileno(),), stdin=file, **self.as_alice())
        self.expect(done)
        tokens = [row["id"] for row in json.loads(done.stdout) if "id" in row]
        self.assertEqual(len(tokens), 2, done.stdout)
        for token in tokens:
            self.addCleanup(run, "patctl", "admin", "revoke", "alice", token, "--yes")
            self.assertTrue(self.show(token)["through_gateway"])
        self.expect(run("patctl", "setup", "gateway", **self.as_alice()))
        self.expect(self.alice("git ls-remote $1", URL))
        self.assertNotIn(SECRET, self.alice("patctl get -t $1 --show 2>&1", URL).stdout)

    def test_a_container_clones_and_is_refused_the_push(self):
        token = self.import_token("vcs:repository:ro")
        agent = f"{self.as_alice()['cwd']}/agent"
        self.expect(self.alice('mkdir -m 700 agent && patctl expose "$PWD/agent" --only $1', token))
        inside = (f"mount --bind {agent} /run/patd && cd {agent}/.. && exec setpriv "
                  f"--reuid {self.uid} --regid {self.uid} --clear-groups env -i "
                  f"PATH={PLAY}/bin:$PATH "
                  "GIT_CONFIG_GLOBAL=/run/patd/gitconfig GIT_CONFIG_NOSYSTEM=1 "
                  "GIT_TERMINAL_PROMPT=0 HOME=/nonexistent GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b "
                  "GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b sh -ec \"$0\" sh " + URL)

        def contained(script):
            return run("unshare", "-m", "sh", "-ec", inside, script)
        self.expect(contained("git clone -q $1 contained && git -C contained fetch -q"))
        done = contained(SCRIPT_PUSH)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertIn("patd: permission", done.stdout)
        got = contained("printf 'protocol=https\\nhost=forge.example\\npath=smart\\n\\n' | "
                        "git-credential-pat get 2>&1")
        self.assertNotIn(SECRET, got.stdout)
        self.assertIn("quit=1", got.stdout)
        done = run("patctl", "audit", "--token", token, **self.as_alice())
        self.assertIn("exposed ", done.stdout)
        self.assertIn("exchange", done.stdout)
        self.expect(self.alice('patctl expose --cut "$PWD/agent"'))
        self.assertNotEqual(contained("git ls-remote $1").returncode, 0)
        self.assertEqual(os.listdir(agent), [])

    def test_what_cannot_go_through_it_is_refused_before_the_password(self):
        for more in (["-t", FORGE], ["-p", "vcs:repository:ro", "-t", "http://localhost"]):
            done = self.change("import", "x", "--through-gateway", "-u", "al", *more,
                               secret=SECRET)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("through the gateway", " ".join(done.stdout.split()))


if __name__ == "__main__":
    unittest.main()
