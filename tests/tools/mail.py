# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The servers of mail that tool_test.py needs: login, and the least after it."""
import base64
import contextlib
import socketserver
import threading


class _Lines(socketserver.StreamRequestHandler):
    def say(self, *lines):
        for line in lines:
            self.wfile.write(f"{line}\r\n".encode())

    def judge(self, user, secret):
        mail = self.server.owner
        if not secret:
            verdict = "nobody"
        else:
            verdict = "accepted" if mail.accepts(user, secret) else "refused"
        mail.log.append(("LOGIN", user, verdict))
        hook, mail.after_first = mail.after_first, None
        if hook:
            hook()
        return verdict == "accepted"

    def lines(self):
        with contextlib.suppress(OSError):
            while line := self.rfile.readline():
                yield line.decode(errors="replace").rstrip("\r\n")


class _SmtpLines(_Lines):
    def handle(self):
        self.say("220 test")
        for line in self.lines():
            word, _, rest = line.partition(" ")
            if word == "EHLO":
                self.say("250-test", "250 AUTH PLAIN")
            elif word == "AUTH":
                text = rest.partition(" ")[2]
                if not text:
                    self.say("334 ")
                    text = self.rfile.readline().decode().strip()
                _, user, secret = base64.b64decode(text).decode().split("\0")
                self.say("235 in" if self.judge(user, secret) else "535 no")
            elif word == "DATA":
                self.say("354 go on")
                while self.rfile.readline() not in (b".\r\n", b""):
                    pass
                self.say("250 taken")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 fine")


class _ImapLines(_Lines):
    def handle(self):
        self.say("* OK [CAPABILITY IMAP4rev1] test")
        for line in self.lines():
            tag, _, rest = line.partition(" ")
            word, _, rest = rest.partition(" ")
            if word == "LOGIN":
                user, secret = (part.strip('"') for part in rest.split(" ", 1))
                if not self.judge(user, secret):
                    self.say(f"{tag} NO refused")
                    continue
            elif word == "LIST":
                self.say('* LIST (\\HasNoChildren) "/" INBOX')
            elif word == "CAPABILITY":
                self.say("* CAPABILITY IMAP4rev1")
            self.say(f"{tag} OK done")
            if word == "LOGOUT":
                return


class _Mail:
    lines = None
    scheme = ""

    def __init__(self, accepts):
        self.accepts, self.log, self.is_public, self.after_first = accepts, [], False, None
        self.keys = {}
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self.lines)
        self._server.daemon_threads = True
        self._server.owner = self
        self.port = self._server.server_address[1]
        self.host = f"localhost:{self.port}"
        self.url = f"{self.scheme}://{self.host}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def verdicts(self):
        return {verdict for _, _, verdict in self.log}

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class Smtp(_Mail):
    lines, scheme = _SmtpLines, "smtp"


class Imap(_Mail):
    lines, scheme = _ImapLines, "imap"
