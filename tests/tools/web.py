# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""A web server on the loopback that is a container registry, a sparse index of crates, a Python
index, an npm registry, a proxy of Go modules, a module registry, a bucket store and an API server,
as far as the tools of tool_test.py ask. Each request is let in as patd verifies it, and logged."""
import base64
import contextlib
import gzip
import hashlib
import http.server
import io
import json
import ssl
import tarfile
import threading
import zipfile

import aws_signature

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


def packed(files):
    """A tar.gz of {name: text}."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return buffer.getvalue()


def zipped(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


LAYER = packed({"hello": "hello\n"})
CONFIG = json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {
    "type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(
        gzip.decompress(LAYER)).hexdigest()]}}).encode()
IMAGE = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": {
    "mediaType": "application/vnd.docker.container.image.v1+json", "size": len(CONFIG),
    "digest": digest(CONFIG)}, "layers": [{
        "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", "size": len(LAYER),
        "digest": digest(LAYER)}]}).encode()
CRATE = packed({"private-1.0.0/Cargo.toml": '[package]\nname = "private"\nversion = "1.0.0"\n',
                "private-1.0.0/src/lib.rs": ""})
WHEEL = zipped({"private.py": "", "private-1.0.dist-info/METADATA":
                "Metadata-Version: 2.1\nName: private\nVersion: 1.0\n",
                "private-1.0.dist-info/WHEEL":
                "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
                "private-1.0.dist-info/RECORD": ""})
NPM = packed({"package/package.json": '{"name": "private", "version": "1.0.0"}'})
GO_MODULE = "private.example/m"
GO_MOD = f"module {GO_MODULE}\n"
GO_ZIP = zipped({f"{GO_MODULE}@v1.0.0/go.mod": GO_MOD, f"{GO_MODULE}@v1.0.0/a.go": "package m\n"})
MODULE = packed({"main.tf": 'output "a" {\n  value = 1\n}\n'})
JSON = "application/json"
FOLDER = (b'<?xml version="1.0"?><multistatus xmlns="DAV:"><response><href>/dav/</href><propstat>'
          b"<prop><resourcetype><collection/></resourcetype></prop>"
          b"<status>HTTP/1.1 200 OK</status></propstat></response></multistatus>")
FREE = "/module.tgz"  # terraform says nobody's name there


def pages(host, scheme):
    """Path -> (type, what is there) for GET."""
    at = f"{scheme}://{host}"
    shasum = hashlib.sha256(CRATE).hexdigest()

    def told(value):
        return JSON, json.dumps(value).encode()

    return {
        "/v2/": told({}),
        "/v2/team/image/tags/list": told({"name": "team/image", "tags": ["one"]}),
        "/v2/team/image/manifests/one": (MANIFEST, IMAGE),
        f"/v2/team/image/manifests/{digest(IMAGE)}": (MANIFEST, IMAGE),
        f"/v2/team/image/blobs/{digest(CONFIG)}": ("application/octet-stream", CONFIG),
        f"/v2/team/image/blobs/{digest(LAYER)}": ("application/octet-stream", LAYER),
        "/index/config.json": told({"dl": f"{at}/crates", "api": at, "auth-required": True}),
        "/index/pr/iv/private": told({"name": "private", "vers": "1.0.0", "deps": [],
                                      "cksum": shasum, "features": {}, "yanked": False}),
        "/crates/private/1.0.0/download": ("application/octet-stream", CRATE),
        "/api/v1/crates/private/owners": told({"users": []}),
        "/simple/private/": ("text/html", b'<a href="private-1.0-py3-none-any.whl">x</a>'),
        "/simple/private/private-1.0-py3-none-any.whl": ("application/zip", WHEEL),
        "/private": told({
            "name": "private", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": {
                "name": "private", "version": "1.0.0", "dist": {
                    "tarball": f"{at}/private/-/private-1.0.0.tgz",
                    "shasum": hashlib.sha1(NPM).hexdigest()}}}}),
        "/private/-/private-1.0.0.tgz": ("application/octet-stream", NPM),
        f"/go/{GO_MODULE}/@v/v1.0.0.info": told({"Version": "v1.0.0"}),
        f"/go/{GO_MODULE}/@v/v1.0.0.mod": ("text/plain", GO_MOD.encode()),
        f"/go/{GO_MODULE}/@v/v1.0.0.zip": ("application/zip", GO_ZIP),
        "/.well-known/terraform.json": told({"modules.v1": "/modules/"}),
        "/modules/team/private/local/versions": told(
            {"modules": [{"versions": [{"version": "1.0.0"}]}]}),
        "/modules/team/private/local/1.0.0/download": (JSON, b""),
        FREE: ("application/gzip", MODULE),
        "/version": told({"major": "1", "minor": "32", "gitVersion": "v1.32.0"}),
        "/": ("application/xml", b'<?xml version="1.0"?><ListAllMyBucketsResult><Owner><ID>a</ID>'
              b"</Owner><Buckets></Buckets></ListAllMyBucketsResult>"),
    }


class _Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Somebody hung up: what that means, the case says."""


class Web:
    """`accepts(user, secret)` says who is let in; user is None where the tool sends none. `log`:
    (method, path, verdict), where the verdict is "accepted", "refused" or "nobody".
    is_public: it lets in nobody, too. after_first: called once, after the first who was let in."""

    def __init__(self, accepts, certificate=None):
        self.accepts, self.is_public, self.after_first = accepts, False, None
        self.log = []
        self.keys = {}  # of a bucket store: key id -> secret
        self.published = {}  # crate -> its line of the index
        owner = self

        class Handler(_Handler):
            web = owner

        self._server = _Quiet(("127.0.0.1", 0), Handler)
        # terraform wants a dot in it, and an http target is on this machine.
        self.host = f"localhost:{self._server.server_address[1]}"
        self.scheme = "http"
        if certificate:
            self.scheme, self.host = "https", self.host.replace("localhost", "tools.example")
        self.url = f"{self.scheme}://{self.host}"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True,
                                                      do_handshake_on_connect=False)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def issue(self, path):
        """What a server of tokens answers at /token (registry.py)."""
        raise NotImplementedError

    def publish(self, body):
        """A crate: the length and the JSON of what it is, and then its file."""
        told = json.loads(body[4:4 + int.from_bytes(body[:4], "little")])
        self.published[told["name"]] = json.dumps({
            "name": told["name"], "vers": told["vers"], "deps": [], "features": {},
            "cksum": "0" * 64, "yanked": False}).encode()

    def verdicts(self):
        return {verdict for _, _, verdict in self.log}

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def judge(self):
        said = self.headers.get("Authorization", "")
        kind, _, text = said.partition(" ")
        if kind == "Basic":
            user, _, secret = base64.b64decode(text).decode().partition(":")
        elif kind == aws_signature.KIND:
            found = aws_signature.find_key(self, self.web.keys)
            return "accepted" if found and self.web.accepts(*found) else "refused"
        else:
            user, secret = None, text or said  # cargo's is the token alone
        if not secret:
            return "nobody"
        return "accepted" if self.web.accepts(user, secret) else "refused"

    def serve(self):
        web = self.web
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        verdict = self.judge()
        web.log.append((self.command, self.path, verdict))
        is_free = web.is_public or self.path == FREE
        if verdict != "accepted" and not (is_free and verdict == "nobody"):
            return self.answer(401, JSON, b'{"errors":[{"code":"UNAUTHORIZED"}]}')
        hook, web.after_first = web.after_first, None
        if hook and verdict == "accepted":
            hook()  # before it is answered, so that nothing is asked meanwhile
        if self.command == "PUT" and self.path == "/api/v1/crates/new":
            web.publish(body)
            return self.answer(200, JSON, b'{"warnings":null}')
        self.find()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PROPFIND = serve

    def find(self):
        web = self.web
        if self.command in ("PUT", "DELETE"):
            return self.answer(200, JSON, b'{"ok":true,"msg":""}')
        if self.command == "PROPFIND":
            return self.answer(207, "text/xml", FOLDER)
        if self.path.startswith("/token?"):
            return self.answer(200, JSON, web.issue(self.path))
        crate = web.published.get(self.path.rpartition("/")[2])
        if crate and self.path.startswith("/index/"):
            return self.answer(200, JSON, crate)
        known = pages(web.host, web.scheme)
        found = known.get(self.path) or known.get(self.path.partition("?")[0])
        if found is None:
            return self.answer(404, "text/plain", b"not here\n")
        headers = {"X-Terraform-Get": web.url + FREE} if "/download" in self.path else {}
        if found[0] == MANIFEST:
            headers["Docker-Content-Digest"] = digest(found[1])
        self.answer(200, *found, headers)

    def answer(self, status, kind, body, headers=None):
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="test"')
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            with contextlib.suppress(OSError):
                self.wfile.write(body)
