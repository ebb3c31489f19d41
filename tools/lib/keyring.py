# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""gnome-keyring's control socket, used as pam_gnome_keyring does."""
import socket
import struct

from processes import expect

SECONDS = 30
UNLOCK = 1


def unlock(path, password):
    """Unlocks the login keyring, or creates it. `path`: the control socket, which only accepts
    requests of its own user."""
    data = password.encode()
    body = struct.pack(">II", UNLOCK, len(data)) + data
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as control:
        control.settimeout(SECONDS)
        control.connect(path)
        control.sendall(b"\0")
        control.sendall(struct.pack(">I", len(body) + 4) + body)
        answer = control.recv(8)
    expect(answer == struct.pack(">II", 8, 0), f"the keyring says {answer!r}")
