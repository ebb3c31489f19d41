# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The demonstration's steps with the gateway: a forge elsewhere, whose token no program gets."""
import os
import secrets
import select
import signal
import socket
import subprocess
import sys

from accounts import ensure_account
from git_site import PATH, SITE
from person import PLAY
from processes import expect, spawn

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(f"{HERE}/../../tests/integration")
from gateway_site import ACCOUNT, NginxSite  # noqa: E402: the path comes first

FORGE = "forge.example"
URL = f"https://{FORGE}/team/tool.git"
TRIES = 500


class Forge:
    """nginx with TLS and a user file. Its repository is beside the site's, whose fcgiwrap it
    asks."""

    def __init__(self, certificate, token):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        hashed = subprocess.run(["openssl", "passwd", "-6", "-stdin"], text=True, check=True,
                                input=token, stdout=subprocess.PIPE).stdout.strip()
        with open(f"{SITE}/forge-users", "w", encoding="ascii") as file:
            file.write(f"al:{hashed}\n")
        with open(f"{HERE}/forge.conf.in", encoding="ascii") as file:
            text = file.read()
        for key, value in {"DIR": SITE, "PORT": self.host.rpartition(":")[2], "HOST": FORGE,
                           "CERTIFICATE": certificate}.items():
            text = text.replace(f"@{key}@", value)
        with open(f"{SITE}/forge.conf", "w", encoding="ascii") as file:
            file.write(text)
        subprocess.run(["cp", "-a", f"{SITE}/repositories/project.git",
                        f"{SITE}/repositories/tool.git"], check=True)
        log = os.open(f"{SITE}/log/daemons.log", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        null = os.open("/dev/null", os.O_RDONLY)
        self._nginx = spawn(["nginx", "-c", f"{SITE}/forge.conf"], {"PATH": PATH, "NGINX": "3;"},
                            stdio=(null, log, log), listener=self._listener.fileno(), service=True)
        os.close(log)
        os.close(null)

    def replace_workers(self):
        with open(f"/proc/{self._nginx}/task/{self._nginx}/children", encoding="ascii") as file:
            old = [os.pidfd_open(int(pid)) for pid in file.read().split()]
        os.kill(self._nginx, signal.SIGHUP)
        for pidfd in old:
            expect(select.select([pidfd], [], [], 20)[0], "a worker of the forge does not end")
            os.close(pidfd)


class GatewaySteps:
    def __init__(self, alice, reload_patd):
        """`reload_patd`: makes patd read its configuration again."""
        self._alice, self._reload = alice, reload_patd
        self.secret = f"ghp_{secrets.token_hex(20)}"
        self.clone = f"{alice.home}/tool"

    def start(self):
        ensure_account(ACCOUNT, "/nonexistent", system=True)
        self._site = NginxSite(FORGE)
        self._forge = Forge(self._site.certificate, self.secret)
        self._site.forge = self._forge
        os.makedirs("/etc/patd/patd.conf.d", exist_ok=True)
        with open("/etc/patd/patd.conf.d/gateway.conf", "w", encoding="ascii") as file:
            file.write(f"[Patd]\nGatewayOrigin={self._site.origin}\n")
        self._reload()
        for _ in range(TRIES):
            status = self._alice.patctl("--json", "status")
            if status.json().get("gateway") == self._site.origin:
                return f"nginx at {self._site.origin}, with the configuration of the package"
        expect(False, f"patd does not know its gateway: {status}")

    def keep(self):
        outcome = self._alice.patctl_given(
            "--json", "import", "work", "--through-gateway", "-p", "vcs:repository:ro", "-t",
            f"https://{FORGE}/team", "-u", "al", given=self.secret)
        expect(outcome.status == 0, outcome)
        self._token = outcome.json()["id"]
        return "its children may read, whatever it may do itself"

    def set_up_git(self):
        outcome = self._alice.patctl("setup", "gateway")
        expect(outcome.status == 0 and "warning" not in outcome.output, outcome)

    def fetch(self):
        outcome = self._alice.git("clone", "-q", URL, self.clone)
        expect(outcome.status == 0, outcome)
        expect(os.path.isdir(f"{self.clone}/common"), "the clone is empty")
        return URL

    def ask_helper(self):
        """The child that git is handed."""
        place = f"protocol=http\nhost={self._site.origin[7:]}\npath={FORGE}/team/tool.git\n"
        outcome = self._alice.run("git-credential-pat", "get", text=place)
        answer = dict(line.split("=", 1) for line in outcome.output.splitlines() if line)
        expect(answer.get("password", "").startswith("patc1_"), "git is not given a child")
        return answer["password"]

    def push_refused(self):
        with open(f"{self.clone}/hello", "w", encoding="utf-8") as file:
            file.write("hello\n")
        uid = self._alice.account.pw_uid
        os.chown(f"{self.clone}/hello", uid, uid)
        for arguments in (("add", "hello"), ("commit", "-q", "-m", "Say hello")):
            outcome = self._alice.git(*arguments, cwd=self.clone)
            expect(outcome.status == 0, outcome)
        outcome = self._alice.git("push", "-q", cwd=self.clone)
        expect(outcome.status != 0 and "lacks the permission" in outcome.output, outcome)
        return "says the gateway; the forge was not asked"

    def nothing_past_it(self):
        outcome = self._alice.patctl("get", "-t", URL, "--show")
        expect(outcome.status != 0 and self.secret not in outcome.output, "it is released")
        for url in (URL, f"https://al@{FORGE}/team/tool.git"):
            outcome = self._alice.run(
                "git", "-c", "credential.useHttpPath=true", "credential", "fill",
                text=f"url={url}\n\n")
            expect(outcome.status != 0 and self.secret not in outcome.output, "git gets it")

    def read_audit(self):
        outcome = self._alice.patctl("--json", "audit", "--token", self._token)
        events = [event["event"] for event in outcome.json()]
        expect("exchange" in events and "release" in events, outcome)
        return f"{events.count('exchange')} requests to the forge"

    def delete(self):
        outcome = self._alice.patctl("delete", self._token,
                                     answers=[self._alice.service_password])
        expect(outcome.status == 0, outcome)
        outcome = self._alice.git("fetch", "-q", cwd=self.clone)
        expect(outcome.status != 0, "git still gets in")

    def replace_workers(self):
        self._site.replace_workers()
        self._forge.replace_workers()
