# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""What is left in the memory of processes at their end: ptrace(2) stops each at the last moment."""
import contextlib
import ctypes
import json
import os
import select
import signal
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../tools/demo"))
from search import Search  # noqa: E402: the path comes first

SECONDS = 60
WALL = 0x40000000
CONT, SEIZE, LISTEN = 7, 0x4206, 0x4208
FORKS, EXITS = 2 | 4 | 8, 0x40
EXIT_EVENT, STOP_EVENT = 6, 128
_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


def ptrace(request, pid, data=0):
    if _libc.ptrace(request, pid, None, data) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


class Exits:
    """From now on every process that a process of `pids` makes is searched for `secrets` as it
    ends, if its program is one of `programs`."""

    def __init__(self, pids, programs, secrets):
        self._programs = programs
        self._ended = []
        reader, writer = os.pipe()
        self._lines = os.fdopen(reader, "rb", buffering=0)
        self._rest = b""
        self._tracer = os.fork()
        if self._tracer == 0:
            with contextlib.suppress(BaseException):
                self._trace(pids, Search(secrets), writer)
            os._exit(1)
        os.close(writer)
        assert self._next() == {"traced": len(pids)}

    def _next(self):
        while b"\n" not in self._rest:
            ready, _, _ = select.select([self._lines], [], [], SECONDS)
            more = self._lines.read(65536) if ready else b""
            assert more, "whoever is to end does not, or the tracer has ended"
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\n")
        return json.loads(line)

    def take(self, program, count=1):
        """What so many ends of that program, which may be yet to come, left: a list of names for
        each."""
        def of_it():
            return [end for end in self._ended if end["program"] == program]
        while len(of_it()) < count:
            self._ended.append(self._next())
        taken = of_it()[:count]
        for end in taken:
            assert end["unread"] == 0 and end["searched"] > 0, end
        self._ended = [end for end in self._ended if end not in taken]
        return [end["found"] for end in taken]

    def _trace(self, pids, search, writer):
        for pid in pids:
            ptrace(SEIZE, pid, FORKS | EXITS)
        os.write(writer, json.dumps({"traced": len(pids)}).encode() + b"\n")
        while True:
            pid, status = os.waitpid(-1, WALL)
            if not os.WIFSTOPPED(status):
                if pid == pids[0]:
                    os._exit(0)
                continue
            event, number = status >> 16, os.WSTOPSIG(status)
            if event == EXIT_EVENT:
                self._look(pid, search, writer)
            with contextlib.suppress(ProcessLookupError):
                if event == STOP_EVENT and number != signal.SIGTRAP:
                    ptrace(LISTEN, pid)
                else:
                    ptrace(CONT, pid, 0 if event else number)

    def _look(self, pid, search, writer):
        program = os.path.basename(os.readlink(f"/proc/{pid}/exe"))
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:
            is_process = f"\nTgid:\t{pid}\n" in file.read()
        if is_process and program in self._programs:
            found, memory = search.memory(pid)
            end = {"program": program, "found": found, "searched": len(memory.data),
                   "unread": memory.unread}
            os.write(writer, json.dumps(end).encode() + b"\n")
