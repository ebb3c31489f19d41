# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""A web server for git and for git-lfs on the loopback, the peer of real_programs_test.py: below
/smart the repositories of a folder through git http-backend, below /dumb as files, and LFS where
git-lfs looks for it. Whatever is asked for needs HTTP Basic.

git_server.py FOLDER PORT URL serves FOLDER at PORT, behind a web server that is URL and lets nobody
in whom it does not know; says so in a line, and ends with its standard input."""
import base64
import contextlib
import http.server
import json
import os
import ssl
import subprocess
import sys
import threading
import urllib.parse

LFS_TYPE = "application/vnd.git-lfs+json"


def open_basic(header):
    """(user, password) of an Authorization header; None if it is of another kind, or missing."""
    kind, _, text = (header or "").partition(" ")
    if kind.lower() != "basic":
        return None
    user, _, password = base64.b64decode(text).decode().partition(":")
    return user, password


class GitServer:
    """`accepts(user, password)` says who is let in. `locks`: whether it has git-lfs's lock API.
    `forbids`: a part of the paths that are refused with 401 whoever asks. `certificate`: of https,
    a file with its key. `requests` collects (status, method, path, whether an Authorization
    came)."""

    def __init__(self, folder, accepts, locks=False, forbids=None, certificate=None,
                 challenges=("Basic realm=git",), port=0):
        self.folder, self.accepts, self.locks = folder, accepts, locks
        self.forbids, self.challenges = forbids, challenges
        self.requests, self.objects = [], {}
        owner = self

        class Handler(_Handler):
            server_of_git = owner

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        # By name: cargo tells a helper nothing about a host that is an address.
        self.host = f"localhost:{self._server.server_address[1]}"
        self.url = f"http://{self.host}"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            self.url = f"https://{self.host}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def statuses(self, part):
        return [status for status, _, path, _ in self.requests if part in path]

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", kind="text/plain", headers=()):
        owner = self.server_of_git
        owner.requests.append((status, self.command, self.path, "Authorization" in self.headers))
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(BrokenPipeError):
            self.wfile.write(body)

    def body(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            pieces = []
            while size := int(self.rfile.readline(), 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(pieces)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def serve(self):
        owner, body = self.server_of_git, self.body()
        who = open_basic(self.headers.get("Authorization"))
        if who is None or not owner.accepts(*who) or (owner.forbids and owner.forbids in self.path):
            challenges = [("WWW-Authenticate", text) for text in owner.challenges]
            return self.answer(401, headers=challenges)
        place = urllib.parse.urlsplit(self.path)
        if "/info/lfs/" in place.path:
            return self.serve_lfs(place.path, body)
        if place.path.startswith("/objects/"):
            return self.serve_object(place.path, body)
        if place.path.startswith("/smart/"):
            return self.serve_smart(place, body, who[0])
        return self.serve_file(place.path)

    do_GET = do_POST = do_PUT = serve

    def serve_file(self, path):
        name = os.path.join(self.server_of_git.folder, path.removeprefix("/dumb/"))
        if ".." in path or not os.path.isfile(name):
            return self.answer(404)
        with open(name, "rb") as file:
            return self.answer(200, file.read())

    def serve_smart(self, place, body, user):
        variables = {
            "GIT_PROJECT_ROOT": self.server_of_git.folder, "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": place.path.removeprefix("/smart"), "QUERY_STRING": place.query,
            "REQUEST_METHOD": self.command, "REMOTE_USER": user, "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)), "PATH": os.environ["PATH"],
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "GIT_CONFIG_COUNT": "2", "GIT_CONFIG_KEY_0": "http.receivepack",
            "GIT_CONFIG_VALUE_0": "true", "GIT_CONFIG_KEY_1": "safe.directory",
            "GIT_CONFIG_VALUE_1": "*"}
        done = subprocess.run(["git", "http-backend"], input=body, env=variables, check=True,
                              stdout=subprocess.PIPE)
        head, _, rest = done.stdout.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        status = int(fields.pop("Status", "200").split()[0])
        return self.answer(status, rest, fields.get("Content-Type", "text/plain"))

    def serve_lfs(self, path, body):
        owner = self.server_of_git
        if "/locks" in path:
            reply = {"ours": [], "theirs": []} if owner.locks else {"message": "no locks here"}
            return self.answer(200 if owner.locks else 404, json.dumps(reply).encode(), LFS_TYPE)
        wanted = json.loads(body)
        found = []
        for item in wanted["objects"]:
            link = {"href": f"{owner.url}/objects/{item['oid']}"}
            if (item["oid"] in owner.objects) == (wanted["operation"] == "download"):
                item["actions"] = {wanted["operation"]: link}
            found.append(item)
        return self.answer(200, json.dumps({"transfer": "basic", "objects": found}).encode(),
                           LFS_TYPE)

    def serve_object(self, path, body):
        owner, name = self.server_of_git, path.removeprefix("/objects/")
        if self.command == "PUT":
            owner.objects[name] = body
            return self.answer(200)
        if name not in owner.objects:
            return self.answer(404)
        return self.answer(200, owner.objects[name], "application/octet-stream")


def main():
    folder, port, url = sys.argv[1:]
    server = GitServer(folder, lambda *_: True, port=int(port))
    server.url = url
    print("serving", flush=True)
    sys.stdin.read()
    server.close()


if __name__ == "__main__":
    main()
