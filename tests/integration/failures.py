# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Which call of a daemon fails: the other end of fail_nth.c."""
import mmap
import os
import random
import struct
import tempfile

from own_patd import PLAY

KINDS = ("open", "read", "write", "fsync", "fdatasync", "mmap", "mlock", "getrandom", "malloc",
         "connect", "send", "fork", "recv", "name")
NONE = -1
ONCE, STAYS, KILLED = range(3)  # how a call fails
HEAD = struct.Struct("=qqqq")
COUNTS = struct.Struct(f"={len(KINDS)}q")
SEED = 21


class Failures:
    """The page that fail_nth.c reads."""

    def __init__(self, library):
        with tempfile.NamedTemporaryFile(dir=PLAY, delete=False) as file:
            file.truncate(4096)
            self._path, self._library = file.name, library
            self._page = mmap.mmap(file.fileno(), 4096)
        os.chmod(self._path, 0o666)
        self.choose(NONE)

    def environment(self, *before):
        """What starts a daemon with it; its calls go through the libraries `before` first."""
        return ("env", f"LD_PRELOAD={':'.join((*before, self._library))}", f"FAIL_NTH={self._path}")

    def choose(self, kind, nth=0, how=ONCE):
        HEAD.pack_into(self._page, 0, kind, nth, how, 0)
        COUNTS.pack_into(self._page, HEAD.size, *[0] * len(KINDS))

    def failed(self):
        return HEAD.unpack_from(self._page)[3]

    def counts(self):
        return dict(zip(KINDS, COUNTS.unpack_from(self._page, HEAD.size)))


def calls_of(count, most):
    """Which of so many calls fail: all, or the first ones, where most is different, and some
    others, the same each time."""
    if count <= most:
        return range(1, count + 1)
    chosen = set(range(1, most // 2 + 1))
    return sorted(chosen | set(random.Random(SEED).sample(range(most // 2 + 1, count + 1),
                                                          most - most // 2)))
