# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Debian's docker-registry, which lets in whoever brings a signed statement (a JWT) of a server of
tokens; that is web.py, which asks patd, and logs."""
import base64
import hashlib
import json
import os
import ssl
import subprocess
import time
import urllib.parse
import urllib.request

from web import CONFIG, IMAGE, LAYER, MANIFEST, Web, digest

PROGRAM = "/usr/bin/docker-registry"
SERVICE, ISSUER = "registry of a test", "tokens of a test"
IMAGE_NAME = "team/image"
SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")  # its DigestInfo, RFC 8017


def find_registry(tree):
    return os.path.exists(tree + PROGRAM)


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Registry(Web):
    """As Web; `url` and `host` are the registry's, and the log is that of the server of tokens."""

    def __init__(self, world, scheme, folder):
        super().__init__(world.accepts)
        self.folder, self.tokens = folder, self.url
        self.scheme = scheme
        self._key = f"{folder}/signer.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-subj", "/CN=tokens", "-keyout", self._key, "-out", f"{self._key}.crt"],
                       check=True, stderr=subprocess.DEVNULL)
        told = subprocess.run(["openssl", "rsa", "-in", self._key, "-noout", "-text"], check=True,
                              stdout=subprocess.PIPE, text=True).stdout
        self._modulus, self._exponent = (
            int("".join(told.partition(f"{name}:")[2].partition(f"\n{after}")[0].split())
                .replace(":", ""), 16)
            for name, after in (("modulus", "publicExponent"), ("privateExponent", "prime1")))
        config = {"version": "0.1", "log": {"level": "info"},
                  "storage": {"filesystem": {"rootdirectory": f"{folder}/images"}},
                  "http": {"addr": "127.0.0.1:0"},
                  "auth": {"token": {"realm": f"{self.tokens}/token", "service": SERVICE,
                                     "issuer": ISSUER, "rootcertbundle": f"{self._key}.crt"}}}
        if scheme == "https":
            config["http"]["tls"] = {"certificate": f"{world.certificate}.crt",
                                     "key": world.certificate}
        with open(f"{folder}/registry.yml", "w", encoding="ascii") as file:
            json.dump(config, file)
        self._process = subprocess.Popen(
            ["chroot", world.tree or "/", PROGRAM, "serve", file.name], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        said = ""
        for line in self._process.stderr:
            said += line
            if "listening on 127.0.0.1:" in line:
                break
        else:
            raise AssertionError(f"docker-registry does not start: {said}")
        port = line.rpartition("listening on 127.0.0.1:")[2].split(",")[0].split('"')[0].strip()
        self._port, self._certificate = int(port), world.certificate
        self.host = f"{'tools.example' if scheme == 'https' else 'localhost'}:{self._port}"
        self.url = f"{scheme}://{self.host}"
        self._push()

    def issue(self, path):
        """What whoever was let in may do."""
        wanted = urllib.parse.parse_qs(urllib.parse.urlsplit(path).query).get("scope", [])
        access = [{"type": kind, "name": name, "actions": actions.split(",")}
                  for kind, name, actions in (scope.split(":") for scope in wanted)]
        token = self._sign(access)
        return json.dumps({"token": token, "access_token": token, "expires_in": 300}).encode()

    def _sign(self, access):
        with open(f"{self._key}.crt", encoding="ascii") as file:
            certificate = "".join(file.read().split("-----")[2].split())
        now = int(time.time())
        parts = ({"typ": "JWT", "alg": "RS256", "x5c": [certificate]},
                 {"iss": ISSUER, "sub": "alice", "aud": SERVICE, "iat": now, "nbf": now - 60,
                  "exp": now + 300, "jti": encoded(os.urandom(9)), "access": access})
        text = ".".join(encoded(json.dumps(part).encode()) for part in parts)
        # RS256, by hand: the threads of a server do not share this process's uid with programs.
        size = (self._modulus.bit_length() + 7) // 8
        hashed = SHA256 + hashlib.sha256(text.encode()).digest()
        padded = b"\0\1" + b"\xff" * (size - len(hashed) - 3) + b"\0" + hashed
        signed = pow(int.from_bytes(padded, "big"), self._exponent, self._modulus)
        return f"{text}.{encoded(signed.to_bytes(size, 'big'))}"

    def _push(self):
        token = self._sign([{"type": "repository", "name": IMAGE_NAME,
                             "actions": ["pull", "push"]}])

        def ask(method, url, data=None, kind="application/octet-stream"):
            request = urllib.request.Request(url, data, method=method, headers={
                "Authorization": f"Bearer {token}", "Content-Type": kind})
            trusted = None
            if self.scheme == "https":
                trusted = ssl.create_default_context(cafile=f"{self._certificate}.crt")
            with urllib.request.urlopen(request, context=trusted, timeout=30) as answer:
                return answer.headers

        for blob in (CONFIG, LAYER):
            place = ask("POST", f"{self.url}/v2/{IMAGE_NAME}/blobs/uploads/", b"")["Location"]
            place = urllib.parse.urljoin(self.url, place)
            ask("PUT", f"{place}&digest={urllib.parse.quote(digest(blob))}", blob)
        ask("PUT", f"{self.url}/v2/{IMAGE_NAME}/manifests/one", IMAGE, MANIFEST)

    def close(self):
        self._process.terminate()
        self._process.communicate()
        super().close()
