# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The gateway as shipped, inside tools/play.sh: the real nginx with systemd/gateway/nginx.conf as
it is, and patd-http --gateway, each with an account and a place of its own as in patd-gateway(8).
Only what an administrator would write is the test's: where the forge is, and whose certificates
count."""
import base64
import os
import pwd
import select
import shutil
import signal
import socket
import subprocess

from own_patd import PLAY, ask_as  # and finds tools/lib
from processes import await_exit, spawn

HERE = os.path.dirname(os.path.abspath(__file__))
SHIPPED = f"{HERE}/../../systemd/gateway"
PROGRAM = f"{os.environ.get('PATD_BUILD_DIR', '')}/http/patd-http"
NGINX_ACCOUNT, ACCOUNT = "patd-gateway", "patd-http-gateway"
RUN, EXCHANGE = "/run/patd-gateway", "/run/patd-http-gateway/socket"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
UPSTREAMS = "/etc/patd/gateway-nginx.d"
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
SECONDS = 30


def make_account(name):
    subprocess.run(["useradd", "--system", "--no-log-init", name], check=True,
                   stderr=subprocess.DEVNULL)
    return pwd.getpwnam(name)


def make_certificate(folder, name):
    """A file with a certificate for `name` and its key, and one with the certificate alone."""
    path = f"{folder}/{name}.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                    "-addext", f"subjectAltName=DNS:{name}", "-keyout", path, "-out",
                    f"{path}.crt"], check=True, stderr=subprocess.DEVNULL)
    with open(f"{path}.crt", encoding="ascii") as certificate, \
            open(path, "a", encoding="ascii") as file:
        file.write(certificate.read())
    return path, f"{path}.crt"


class NginxSite:
    def __init__(self, forge="forge.example"):
        self._forge_name, self._forge, self._nginx = forge, None, None
        self.resolvers = "127.0.0.1:1"  # nobody there
        self._nginx_account = make_account(NGINX_ACCOUNT)
        account = pwd.getpwnam(ACCOUNT)
        self.uid = account.pw_uid
        self.folder = f"{PLAY}/home/gateway"
        for folder in (self.folder, RUN, os.path.dirname(EXCHANGE), UPSTREAMS):
            os.makedirs(folder, exist_ok=True)
        os.chown(RUN, self._nginx_account.pw_uid, self._nginx_account.pw_gid)
        os.chmod(RUN, 0o700)
        self.log = f"{self.folder}/log"
        for name in ("nginx.conf", "gateway-listen"):
            shutil.copy(f"{SHIPPED}/{name}", self.folder)  # where its account can read it
        self.certificate = self.trusted_certificate(forge)
        # nginx inherits it, as in its own upgrades: who connects before it runs waits.
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)  # NonBlocking=yes
        self.port = self._listener.getsockname()[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        self._exchange = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._exchange.bind(EXCHANGE)
        os.chown(EXCHANGE, self._nginx_account.pw_uid, self._nginx_account.pw_gid)
        os.chmod(EXCHANGE, 0o600)
        self._exchange.listen(128)
        self.front = self._spawn([PROGRAM, "--gateway"], self._exchange, account)

    def trusted_certificate(self, name):
        path, alone = make_certificate(self.folder, name)
        with open(alone, encoding="ascii") as file, \
                open(CERTIFICATES, "a", encoding="ascii") as trusted:
            trusted.write(file.read())
        return path

    def _spawn(self, argv, listener, account, **environment):
        with open(self.log, "ab") as log, open("/dev/null", "rb") as null:
            return spawn(argv, {"PATH": PATH, **environment},
                         stdio=(null.fileno(), log.fileno(), log.fileno()),
                         listener=listener.fileno(), become=account, service=True)

    def exchange(self, token, host, method, target):
        """What patd says to the gateway's account."""
        return ask_as("/run/patd/socket", self.uid, "exchange", f"token={token}", f"host={host}",
                      f"method={method}", f"target={target}")

    @property
    def forge(self):
        return self._forge

    @forge.setter
    def forge(self, server):
        """Returns once nginx was told where the forge is; it may not listen yet."""
        self._stop()
        self._forge = server
        with open(f"{UPSTREAMS}/forge.conf", "w", encoding="ascii") as file:
            file.write(f"upstream {self._forge_name} {{\n"
                       f"    server 127.0.0.1:{server.host.rpartition(':')[2]};\n}}\n")
        self.prepare(RUN, RESOLVERS=self.resolvers)
        with open(f"{RUN}/listen.conf", "w", encoding="ascii") as file:
            file.write(f"listen 127.0.0.1:{self.port};\n")
        os.chown(f"{RUN}/listen.conf", self._nginx_account.pw_uid, self._nginx_account.pw_gid)
        nginx = ["nginx", "-e", "stderr", "-c", f"{self.folder}/nginx.conf", "-g", "daemon off;"]
        # One that ends at once would leave whoever connects waiting.
        subprocess.run([*nginx, "-t", "-q"], check=True, env={"PATH": PATH},
                       user=self._nginx_account.pw_uid, group=self._nginx_account.pw_gid)
        self._nginx = self._spawn([f"{self.folder}/gateway-listen", RUN, *nginx], self._listener,
                                  self._nginx_account)

    @staticmethod
    def prepare(folder, check=True, **environment):
        return subprocess.run([f"{SHIPPED}/gateway-prepare", folder], check=check,
                              stderr=subprocess.PIPE, text=True, env={"PATH": PATH, **environment})

    @property
    def nginx(self):
        """The pid of its master."""
        return self._nginx

    def workers(self):
        with open(f"/proc/{self._nginx}/task/{self._nginx}/children", encoding="ascii") as file:
            return [int(pid) for pid in file.read().split()]

    def replace_workers(self):
        """As `systemctl reload` does. Returns when the old ones have ended."""
        old = [os.pidfd_open(pid) for pid in self.workers()]
        os.kill(self._nginx, signal.SIGHUP)
        for pidfd in old:
            assert select.select([pidfd], [], [], SECONDS)[0], "a worker does not end"
            os.close(pidfd)

    def _stop(self):
        if self._nginx is not None:
            os.kill(self._nginx, signal.SIGTERM)
            os.waitpid(self._nginx, 0)
            self._nginx = None

    def close(self):
        self._stop()
        os.kill(self.front, signal.SIGTERM)
        assert await_exit(self.front, SECONDS) == 0
        self._exchange.close()
        self._listener.close()

    def send(self, target, token, *more, method="GET"):
        """The answer to a raw request."""
        pair = base64.b64encode(f"al:{token}".encode()).decode()
        with socket.create_connection(("127.0.0.1", self.port), SECONDS) as connection:
            connection.sendall("\r\n".join(
                [f"{method} {target} HTTP/1.1", "Host: gateway", "Connection: close",
                 f"Authorization: Basic {pair}", *more, "", ""]).encode("latin-1"))
            data = b""
            while piece := connection.recv(65536):
                data += piece
        return data.decode("latin-1")
