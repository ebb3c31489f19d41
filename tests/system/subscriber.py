# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""subscriber.py PID UID: docs/examples/watch_tokens.py, as UID, on the bus of the machine whose
first process is PID. The machine has no Python, so this process enters its file system."""
import ctypes
import os
import sys

CHECKOUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
sys.path.insert(0, f"{CHECKOUT}/docs/examples")
import watch_tokens  # noqa: E402: the path comes first

CLONE_NEWNS = 0x00020000


def main():
    pid, uid = (int(word) for word in sys.argv[1:])
    libc = ctypes.CDLL(None, use_errno=True)
    namespace = os.open(f"/proc/{pid}/ns/mnt", os.O_RDONLY)
    if libc.setns(namespace, CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "setns")
    os.close(namespace)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    watch_tokens.watch(lambda *words: print(*words, flush=True))


if __name__ == "__main__":
    main()
