#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""create_token.py DESCRIPTION PERMISSION [TARGET]...: makes a token and prints its secret.

The whole of org.patd.Tokens1(5) that a client needs. Debian package: python3-jeepney."""
import getpass
import socket
import sys

from jeepney import DBusAddress, DBusErrorResponse, new_method_call
from jeepney.io.blocking import open_dbus_connection
from jeepney.wrappers import unwrap_msg

NAME = "org.patd.Tokens1"
ROOT = "/org/patd/Tokens1"


class Patd:
    def __init__(self):
        self._bus = open_dbus_connection("SYSTEM", enable_fds=True)

    def call(self, path, interface, member, signature="", *arguments):
        """The answer's arguments. DBusErrorResponse: patd's reason, whose text says what to do."""
        address = DBusAddress(path, bus_name=NAME, interface=f"{NAME}.{interface}")
        message = new_method_call(address, member, signature or None, arguments)
        return unwrap_msg(self._bus.send_and_get_reply(message, timeout=90))

    def create(self, description, permissions, targets):
        """The secret of a new token."""
        options = {"targets": ("as", targets)} if targets else {}
        (operation,) = self.call(ROOT, "Manager", "Create", "sasa{sv}", description, permissions,
                                 options)
        self._answer_prompts(operation)
        return self._take_secret(operation)

    def _answer_prompts(self, operation):
        while True:
            kind, text, sink = self.call(operation, "Operation", "Next")
            with sink.to_socket() as answer:
                if kind == "done":
                    return
                if kind in ("secret", "visible"):
                    answer.sendall(getpass.getpass(text).encode())
                else:
                    print(text, file=sys.stderr)

    def _take_secret(self, operation):
        ours, sink = socket.socketpair()
        with ours, sink:
            sink.shutdown(socket.SHUT_RD)  # this end can only be written to
            self.call(operation, "Operation", "Commit", "h", sink)
            sink.close()
            secret = b"".join(iter(lambda: ours.recv(4096), b""))
        self.call(operation, "Operation", "Acknowledge")  # from now on it is valid
        return secret.decode()


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1].startswith("-"):
        sys.exit("usage: " + __doc__.splitlines()[0])
    try:
        print(Patd().create(sys.argv[1], [sys.argv[2]], sys.argv[3:]))
    except DBusErrorResponse as error:
        sys.exit(f"{error.name}: {error.data[0] if error.data else ''}")
