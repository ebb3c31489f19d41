# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""contained.py FD PORT DIRECTORY ACCOUNT COMMAND...: runs COMMAND as a container would, as ACCOUNT,
with mounts and a network of its own: DIRECTORY is its /run/patd, and nothing is reached but its own
loopback. What listens there at PORT is sent to FD, so that whoever made the container can forward
it (as pasta and slirp4netns do)."""
import ctypes
import fcntl
import os
import pwd
import socket
import struct
import sys

MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
_libc = ctypes.CDLL(None, use_errno=True)


def check(result, what):
    if result != 0:
        raise OSError(ctypes.get_errno(), what)


def main():
    fd, port, directory, name, *command = sys.argv[1:]
    account = pwd.getpwnam(name)
    check(_libc.unshare(CLONE_NEWNS | CLONE_NEWNET), "unshare")
    check(_libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "mount /")
    check(_libc.mount(os.fsencode(directory), b"/run/patd", None, MS_BIND, None), "mount")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
    listener = socket.create_server(("127.0.0.1", int(port)))
    with socket.socket(fileno=int(fd)) as outside:
        socket.send_fds(outside, [b"here"], [listener.fileno()])
    listener.close()
    os.initgroups(name, account.pw_gid)
    os.setresgid(*[account.pw_gid] * 3)
    os.setresuid(*[account.pw_uid] * 3)
    os.chdir(os.environ["HOME"])
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
