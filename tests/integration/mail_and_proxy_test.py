# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""git send-email to a mail server that wants TLS and a password, and git through a web proxy that
wants one too: both ask git's helpers. Runs inside of tools/play.sh, as root.
mail_and_proxy_test.py CACHE"""
import asyncio
import logging
import secrets
import shutil
import socket
import ssl
import subprocess
import threading

from aiosmtpd.smtp import SMTP, AuthResult

from own_patd import PLAY
from program_fixture import HELPER, WithPrograms, main

SCRIPT_SEND = """
rm -rf work; git init -q work && cd work && git commit -q --allow-empty -m first
echo $1 >file && git add file && git commit -qm change
exec timeout -k 1 20 git send-email --quiet --suppress-cc=all --confirm=never --from=a@a.example \\
    --to=b@b.example --smtp-server=localhost --smtp-server-port=$1 --smtp-encryption=$2 \\
    --smtp-user=alice --smtp-ssl-cert-path=$3 -1
"""


class MailServer:
    """A real SMTP server on the loopback. `accepts(user, password)` says who is let in."""

    def __init__(self, certificate, accepts, begins_with_tls):
        self.mails, self.logins = [], []
        self._accepts = accepts
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._loop = asyncio.new_event_loop()

        def protocol():
            return SMTP(self, authenticator=self.authenticate, auth_required=True,
                        require_starttls=not begins_with_tls, loop=self._loop,
                        auth_require_tls=not begins_with_tls,
                        tls_context=None if begins_with_tls else context)

        self._server = self._loop.run_until_complete(self._loop.create_server(
            protocol, "127.0.0.1", 0, ssl=context if begins_with_tls else None))
        self.port = self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def authenticate(self, _server, _session, _envelope, _mechanism, data):
        self.logins.append(data.login.decode())
        accepted = self._accepts(data.login.decode(), data.password.decode())
        return AuthResult(success=accepted, handled=False)

    async def handle_DATA(self, _server, _session, envelope):  # the name is the library's
        self.mails.append(envelope.content)
        return "250 taken"

    def close(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._server.close()
        self._loop.close()


class MailAndProxy(WithPrograms):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # of what the library will drop

    def receive(self, accepts, begins_with_tls=False):
        server = MailServer(self.make_certificate(), accepts, begins_with_tls)
        self.addCleanup(server.close)
        return server

    def send(self, server, encryption, newer=False):
        return self.alice(SCRIPT_SEND, str(server.port), encryption,
                          f"{self.make_certificate()}.crt", newer=newer)

    def test_sends_mail_with_a_child_and_with_a_password_that_was_imported(self):
        secret = secrets.token_urlsafe(20)
        self.configure("", HELPER)
        for encryption in ("tls", "ssl"):
            for accepts in (self.accepts, lambda user, password: password == secret):
                server = self.receive(accepts, begins_with_tls=encryption == "ssl")
                place = f"smtp://localhost:{server.port}"
                if accepts == self.accepts:
                    self.create(place)
                else:
                    self.keep(place, "alice", secret)
                for newer in (False, True):
                    with self.subTest(encryption=encryption, newer=newer):
                        server.mails.clear()
                        self.expect(self.send(server, encryption, newer=newer))
                        self.assertEqual(len(server.mails), 1)

    def test_ends_when_the_mail_server_refuses_the_password(self):
        server = self.receive(lambda *_: False)
        self.configure("", HELPER)
        self.keep(f"smtp://localhost:{server.port}", "alice", "wrong")
        self.assertNotEqual(self.send(server, "tls").returncode, 0)
        self.assertEqual(len(server.logins), 1)
        # How send-email ends when git gives it no password is its own affair.
        self.assertIn("refused token ", self.send(server, "tls").stdout)
        self.assertEqual((len(server.logins), server.mails), (1, []))

    def start_proxy(self, user, password):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        path = f"{PLAY}/home/proxy-{port}.conf"
        with open(path, "w", encoding="ascii") as file:
            file.write(f"Port {port}\nListen 127.0.0.1\nTimeout 60\nMaxClients 50\n"
                       f"BasicAuth {user} {password}\nLogLevel Info\n")
        proxy = subprocess.Popen(["tinyproxy", "-d", "-c", path], stdout=subprocess.PIPE, text=True)
        self.addCleanup(proxy.communicate)
        self.addCleanup(proxy.kill)
        self.assertTrue(any("Accepting connections" in line for line in proxy.stdout))
        return f"localhost:{port}"

    def test_goes_through_a_proxy_that_wants_a_password(self):
        secret = secrets.token_hex(20)
        proxy = self.start_proxy("robot", secret)
        self.keep(f"http://{proxy}", "robot", secret)
        self.configure("", HELPER)
        for certificate in (None, self.make_certificate()):
            server = self.serve(certificate=certificate)
            self.create(server.url)
            for newer in (False, True):
                with self.subTest(url=server.url, newer=newer):
                    # Without a name in its URL git asks nobody, and may still say `erase`.
                    self.expect(self.list_through(proxy, server, newer), 128)
                    self.expect(self.list_through(f"robot@{proxy}", server, newer))
            shutil.rmtree(server.folder)

    # Row C8.
    def test_leaves_other_helpers_nothing_of_a_proxys_password(self):
        proxy = self.start_proxy("robot", "secret")
        self.keep(f"http://{proxy}", "robot", "secret")
        server = self.serve()
        self.create(server.url)
        self.configure("store", HELPER)
        # The price: a newer git sends a proxy nothing but a name and a password.
        self.expect(self.list_through(f"robot@{proxy}", server, newer=True), 128)
        self.assertFalse(self.kept())

    def list_through(self, proxy, server, newer):
        return self.alice("GIT_SSL_CAINFO=$2 git -c http.proxy=http://$1 ls-remote"
                          " $3/smart/project.git", proxy, f"{self.make_certificate()}.crt",
                          server.url, newer=newer)


if __name__ == "__main__":
    main()
