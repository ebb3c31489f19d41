# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The account that must not notice anything: it uses patd while others attack."""
import os
import select
import socket
import struct
import subprocess
import sys
import time

from jeepney import DBusAddress, MessageType, new_method_call
from jeepney.io.blocking import open_dbus_connection

SECONDS = 5  # within which every request of an ordinary client has its answer
BETWEEN = 0.05
SOCKET = "/run/patd/socket"
NAME = "org.patd.Tokens1"
ROOT = "/org/patd/Tokens1"
# What a use of a token changes.
OF_USE = {"last-used-at", "last-used-by", "last-used-how", "last-used-where"}


class Failure(Exception):
    """The victim noticed something; the text says what."""


def expect(condition, what):
    if not condition:
        raise Failure(what)


def ask_line(**attributes):
    """The reply to one request on a new connection."""
    text = "patd=1\n" + "".join(f"{key}={value}\n" for key, value in attributes.items()) + "\n"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        # Like git's helper: waits in connect(2) while the listener's queue is full.
        for option in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):
            connection.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", SECONDS, 0))
        connection.connect(SOCKET)
        connection.sendall(text.encode())
        reply = b""
        while not reply.endswith(b"\n\n") and reply != b"\n":
            got = connection.recv(65536)
            expect(got, f"the line socket closed at {attributes['op']}")
            reply += got
    return dict(line.split("=", 1) for line in reply.decode().split("\n") if line)


class Victim:
    def __init__(self, secret):
        self._secret = secret
        self._bus = open_dbus_connection("SYSTEM")
        self.longest = 0
        self.requests = 0
        self._tokens = self.list()

    def _ask_bus(self, member):
        address = DBusAddress(ROOT, bus_name=NAME, interface=f"{NAME}.Manager")
        reply = self._bus.send_and_get_reply(new_method_call(address, member), timeout=SECONDS)
        expect(reply.header.message_type == MessageType.method_return,
               f"{member} was answered {reply.body}")
        return reply.body[0]

    def list(self):
        return sorted((path, sorted((key, value) for key, value in token.items()
                                    if key not in OF_USE))
                      for path, token in self._ask_bus("List"))

    def use_everything(self):
        """One request of each kind. Failure, or a socket error: it was not served."""
        for use in (self._capability, self._verify, self._get, self._status, self._same_tokens):
            began = time.monotonic()
            try:
                use()
            except (OSError, TimeoutError) as error:
                raise Failure(f"{use.__name__}: {type(error).__name__} {error} after "
                              f"{time.monotonic() - began:.1f} s") from error
            self.longest = max(self.longest, time.monotonic() - began)
            self.requests += 1

    @staticmethod
    def _capability():
        expect(ask_line(op="capability").get("version") == "0", "capability failed")

    def _verify(self):
        reply = ask_line(op="verify", token=self._secret)
        expect(reply.get("valid") == "1", f"its token is not valid any more: {reply}")

    @staticmethod
    def _get():
        reply = ask_line(op="get", protocol="https", host="victim.example")
        expect(reply.get("password", "").startswith("patc1_"), f"get answered {sorted(reply)}")

    def _status(self):
        expect(self._ask_bus("Status")["tokens"] == ("u", len(self._tokens)), "Status differs")

    def _same_tokens(self):
        expect(self.list() == self._tokens, "its tokens are others now")


def make_token(password):
    """Makes the victim's token and returns its secret."""
    reader, writer = os.pipe()
    os.write(writer, password.encode() + b"\n")
    os.close(writer)
    done = subprocess.run(
        ["patctl", "create", "victim", "-p", "vcs:repository:rw", "-t", "https://victim.example",
         "--password-fd", str(reader), "--output-fd", "1"], pass_fds=[reader], check=True,
        capture_output=True, text=True, timeout=60)
    return done.stdout.strip()


def main():
    """Uses everything until standard input ends. Prints the secret first."""
    secret = make_token(os.environ["PATD_PLAY_PASSWORD"])
    victim = Victim(secret)
    print(secret, flush=True)
    failures = 0
    ended = False
    while not ended and failures < 10:
        ended = bool(select.select([0], [], [], BETWEEN)[0])  # once more after the end
        try:
            victim.use_everything()
        except Failure as failure:
            print(f"FAULT the victim: {failure}", file=sys.stderr, flush=True)
            failures += 1
    print(f"victim: {victim.requests} requests, the longest took {victim.longest:.2f} s",
          file=sys.stderr)
    return 0 if failures == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
