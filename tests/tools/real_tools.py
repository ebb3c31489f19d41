#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Real docker, pip, cargo, aws, kubectl, skopeo and restic with the helper under its other names.

A line server that this program scripts stands for patd, and a web server that logs the
Authorization of each request for the tool's server. Each tool is asked three times: found, not
found, locked. The helper is the tests' own, which takes ./socket for the line socket. Tools that
are not installed are named. Usage: real_tools.py HELPER
Status 0: all that are there did as they must.
"""

import base64
import contextlib
import http.server
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

SECRET = "not-a-real-secret"
BASIC = base64.b64encode(f"alice:{SECRET}".encode()).decode()
FOUND = (f"authtype=Basic\ncredential={BASIC}\nusername=alice\npassword={SECRET}\n\n")
LOCKED = "error=Locked\ntext=It is locked, run patctl unlock.\nquit=1\n\n"
SEEN_LOCKED = "It is locked, run patctl unlock."
DEADLINE = 120


class LineServer:
    """Answers each request with `reply`."""

    def __init__(self, path):
        self.reply = "\n"
        self.requests = []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(16)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            with connection:
                request = b""
                while not request.endswith(b"\n\n"):
                    got = connection.recv(4096)
                    if not got:
                        break
                    request += got
                self.requests.append(request.decode())
                connection.sendall(self.reply.encode())


class Web(http.server.BaseHTTPRequestHandler):
    """Wants a login, and logs what it was sent."""

    protocol_version = "HTTP/1.1"
    seen = []
    public = False
    wanted = ""

    def do_GET(self):
        said = self.headers.get("Authorization", "")
        self.seen.append(said)
        said = said if self.wanted in said else ""
        if "Content-Length" in self.headers:
            self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/v2/":
            self.answer(200 if self.public or said else 401)
        elif not said and not self.public:
            self.answer(401)
        elif self.path.endswith("config.json"):
            host = self.headers["Host"]
            self.answer(200, {"dl": f"http://{host}/dl", "api": f"http://{host}",
                              "auth-required": True})
        elif self.path.endswith("/tags/list"):
            self.answer(200, {"name": "image", "tags": ["one"]})
        else:
            self.answer(404)

    do_POST = do_GET

    def answer(self, status, body=None):
        data = json.dumps(body or {}).encode()
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="test"')
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        pass


class Place:
    """A home with the links and the tools' configuration."""

    def __init__(self, root, helper, port, tls_port):
        self.root, self.host = root, f"127.0.0.1:{port}"
        self.tls_host = f"127.0.0.1:{tls_port}"
        links = root / "bin"
        links.mkdir()
        for name in ("docker-credential-pat", "pat-keyring", "cargo-credential-pat", "pat-aws",
                     "pat-kubectl", "pat-get", "keyring"):
            (links / name).symlink_to(helper)
        self.links = links
        self.environment = {"HOME": str(root), "PATH": f"{links}:{os.environ['PATH']}",
                            "LANG": "C.UTF-8", "AWS_EC2_METADATA_DISABLED": "true",
                            "RUSTUP_HOME": os.environ.get("RUSTUP_HOME",
                                                          os.path.expanduser("~/.rustup"))}

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def run(self, *command):
        done = subprocess.run(command, cwd=self.root, env=self.environment, timeout=DEADLINE,
                              stdin=subprocess.DEVNULL, capture_output=True, check=False,
                              encoding="utf-8", errors="replace")
        return done.returncode, done.stdout + done.stderr


def docker(place):
    place.write(".docker/config.json", json.dumps({"credHelpers": {place.tls_host: "pat"}}))
    return place.run("docker", "manifest", "inspect", "--insecure",
                     f"{place.tls_host}/image:one")


def skopeo(place):
    auth = place.write("auth.json", json.dumps({"credHelpers": {place.host: "pat"}}))
    place.write(".config/containers/policy.json",
                '{"default": [{"type": "insecureAcceptAnything"}]}')
    return place.run("skopeo", "list-tags", "--tls-verify=false", "--authfile", str(auth),
                     f"docker://{place.host}/image")


def pip(place):
    return place.run("pip", "download", "--keyring-provider", "subprocess", "--no-cache-dir",
                     "--disable-pip-version-check", "--index-url",
                     f"http://alice@{place.host}/simple", "nothing-there")


def cargo(place):
    place.write("crate/Cargo.toml", '[package]\nname = "x"\nversion = "0.1.0"\nedition = "2021"\n'
                '[dependencies]\nnothing-there = { version = "1", registry = "priv" }\n')
    place.write("crate/src/lib.rs", "")
    place.write(".cargo/config.toml",
                f'[registries.priv]\nindex = "sparse+http://{place.host}/i/"\n'
                "[registry]\n"
                f'global-credential-providers = ["{place.links}/cargo-credential-pat"]\n')
    return place.run("cargo", "fetch", "--manifest-path", "crate/Cargo.toml")


def aws(place):
    place.write(".aws/config", f"[default]\nregion = us-east-1\n"
                f"credential_process = {place.links}/pat-aws prod\n")
    return place.run("aws", "--endpoint-url", f"http://{place.host}", "s3api", "list-buckets")


def kubectl(place):
    config = place.write("kubeconfig", json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "c",
        "clusters": [{"name": "k", "cluster": {"server": f"https://{place.tls_host}",
                                              "insecure-skip-tls-verify": True}}],
        "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
        "users": [{"name": "u", "user": {"exec": {
            "apiVersion": "client.authentication.k8s.io/v1", "command": "pat-kubectl",
            "interactiveMode": "Never", "provideClusterInfo": True}}}]}))
    return place.run("kubectl", "--kubeconfig", str(config), "get", "--raw", "/version")


def restic(place):
    return place.run("restic", "-r", str(place.root / "repository"), "--password-command",
                     "pat-get https://backup.example/repo", "init")


# Tool -> how it is run, what its server is sent where a token was found ("": it has no server),
# whether its user sees the reason why not.
TOOLS = {
    "docker": (docker, "Basic " + BASIC, True),
    "skopeo": (skopeo, "Basic " + BASIC, True),
    "pip": (pip, "Basic " + BASIC, True),
    "cargo": (cargo, SECRET, True),
    "aws": (aws, "Credential=alice/", True),
    "kubectl": (kubectl, "Bearer " + SECRET, True),
    "restic": (restic, "", True),
}


def check(name, place, line):
    """What is wrong, one sentence each."""
    run, header, is_shown = TOOLS[name]
    faults = []
    for what, reply in (("found", FOUND), ("none", "\n"), ("locked", LOCKED)):
        line.reply = reply
        line.requests.clear()
        Web.seen.clear()
        Web.public = what == "none" and name in ("docker", "skopeo")
        Web.wanted = header
        status, said = run(place)
        print(f"{name} {what}: status {status}, asked {len(line.requests)}, "
              f"server saw {len(Web.seen)}")
        if not line.requests:
            faults.append(f"{name} {what}: the helper was not asked: {said}")
        if what == "found" and header and not any(header in seen for seen in Web.seen):
            faults.append(f"{name}: the server was not sent the token: {said}")
        if what != "found" and any(SECRET in seen or BASIC in seen for seen in Web.seen):
            faults.append(f"{name} {what}: the server was sent a token")
        if what == "locked" and is_shown and SEEN_LOCKED not in said:
            faults.append(f"{name}: the reason is not shown: {said}")
        if name == "skopeo" and what == "none" and status != 0:
            faults.append(f"skopeo: a public registry is not usable: {said}")
        if SECRET in said or BASIC in said:
            faults.append(f"{name} {what}: the secret is shown")
    return faults


def serve(certificate=None):
    """Starts a web server, and gives its port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Web)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def make_certificate(folder):
    path = os.path.join(folder, "certificate.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", path, "-out", f"{path}.crt"], check=True, capture_output=True)
    with open(path, "a", encoding="utf-8") as pem:
        pem.write(pathlib.Path(f"{path}.crt").read_text(encoding="utf-8"))
    return path


def main():
    helper = os.path.abspath(sys.argv[1])
    faults, absent = [], []
    port = serve()
    with tempfile.TemporaryDirectory() as folder:
        tls_port = serve(make_certificate(folder))
    for name in TOOLS:
        if not shutil.which(name):
            absent.append(name)
            continue
        with tempfile.TemporaryDirectory() as root, contextlib.chdir(root):
            place = Place(pathlib.Path(root), helper, port, tls_port)
            faults += check(name, place, LineServer("socket"))
    print("not installed here:", ", ".join(absent) or "none of them")
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
