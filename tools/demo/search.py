# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Searches files and the memory of running processes for secrets.

grep(1) does the search. It reads its patterns from a memfd, so that the search itself leaves
nothing behind. Reports name a secret and where it is, and never contain it.
"""
import base64
import errno
import os
import struct
import subprocess
import urllib.parse

PIECE = 12  # enough bytes of a secret to call it found; chance is out of the question
GREP_ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/bin:/bin"}  # bytes, not letters
PAGE = os.sysconf("SC_PAGE_SIZE")
GUARDS = 1 << 58  # in /proc/PID/pagemap: madvise(MADV_GUARD_INSTALL), a page that holds nothing
# The kernel's own pages: not readable this way, and programs cannot write there.
SKIPPED_REGIONS = ("[vvar]", "[vvar_vclock]", "[vsyscall]")
NOT_FILES = ("proc", "sysfs", "cgroup", "cgroup2", "devpts", "securityfs", "debugfs", "tracefs",
             "bpf", "nfs", "nfs4", "cifs", "9p", "virtiofs")
# Any secret that patd made, known to us or not, plain or in base64 at each of its alignments.
TOKEN_SHAPES = (r"pat1_[0-9A-Za-z]{10}_[0-9A-Za-z]{49}", r"patc1_[0-9A-Za-z_-]{40}",
                r"(cGF0MV|cGF0YzFf|BhdDFf|BhdGMxX|wYXQxX|wYXRjMV)[0-9A-Za-z+/]{50}")


def _pieces(secret):
    """The beginning and the end of its secret part: half a copy is a copy too many. A child begins
    with public data, its parent's id and permissions."""
    core = secret.rpartition("_")[2] if secret.startswith("pat1_") else secret
    core = core.encode()
    return {core[-PIECE:]} if secret.startswith("patc1_") else {core[:PIECE], core[-PIECE:]}


def _encodings(piece):
    yield piece
    yield piece.hex().encode()
    yield piece.hex().upper().encode()
    yield urllib.parse.quote(piece, safe="").encode()
    for shift in range(3):  # base64 depends on how many bytes come before
        encoded = base64.b64encode(b"\0" * shift + piece).rstrip(b"=")
        whole = encoded[{0: 0, 1: 2, 2: 3}[shift]:]
        yield whole[:-1] if (shift + len(piece)) % 3 else whole
        yield (whole[:-1] if (shift + len(piece)) % 3 else whole).translate(
            bytes.maketrans(b"+/", b"-_"))


class Search:
    def __init__(self, secrets):
        """`secrets`: name -> text."""
        self._names = {}  # pattern: name of the secret
        for name, secret in secrets.items():
            for piece in _pieces(secret):
                for pattern in _encodings(piece):
                    self._names[pattern] = name
        self._literal = self._memfd(b"\n".join(self._names))
        self._shapes = self._memfd("\n".join(TOKEN_SHAPES).encode())

    @staticmethod
    def _memfd(text):
        fd = os.memfd_create("patterns")
        os.write(fd, text + b"\n")
        return fd

    def files(self, paths, shapes):
        """Returns {path: [names]} of the files with findings. With `shapes`, also looks for tokens
        that we were not told of."""
        found = {}
        kinds = [("-F", self._literal)] + ([("-E", self._shapes)] if shapes else [])
        for kind, patterns in kinds:
            with subprocess.Popen(
                    ["xargs", "-0", "-r", "grep", "-lZas", kind, "-f", f"/dev/fd/{patterns}", "--"],
                    pass_fds=(patterns,), env=GREP_ENVIRONMENT,
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE) as grep:
                output, _ = grep.communicate(b"\0".join(os.fsencode(path) for path in paths))
            for path in output.split(b"\0")[:-1]:
                found.setdefault(os.fsdecode(path), set()).update(
                    self._name_in_file(path) if kind == "-F" else {"something like a token"})
        return {path: sorted(names) for path, names in found.items()}

    def _name_in_file(self, path):
        try:
            with open(path, "rb") as file:
                return self._names_in(file.read())
        except FileNotFoundError:
            return {"a secret, and the file is gone"}

    def _names_in(self, data):
        return {name for pattern, name in self._names.items() if pattern in data}

    def memory(self, pid):
        """Returns ([names], a Memory) of a process."""
        memory = Memory(pid)
        names = set()
        for kind, patterns in (("-F", self._literal), ("-E", self._shapes)):
            grep = subprocess.run(["grep", "-qa", kind, "-f", f"/dev/fd/{patterns}"],
                                  input=memory.data, pass_fds=(patterns,), env=GREP_ENVIRONMENT,
                                  check=False)
            if grep.returncode == 0:
                names |= self._names_in(memory.data) if kind == "-F" else {
                    "something like a token"}
        return sorted(names), memory


class Memory:
    """What can be read of a process: `data`. `guards` counts the pages that guard a stack and hold
    nothing; `unread`, the pages that may hold something."""

    def __init__(self, pid):
        self.guards = self.unread = 0
        pieces = []
        with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as maps, \
                open(f"/proc/{pid}/mem", "rb", buffering=0) as self._memory, \
                open(f"/proc/{pid}/pagemap", "rb", buffering=0) as self._pages:
            for line in maps:
                fields = line.split(maxsplit=5)
                if fields[1][0] == "r" and fields[-1].strip() not in SKIPPED_REGIONS:
                    begin, end = (int(text, 16) for text in fields[0].split("-"))
                    pieces.append(b"".join(self._read(begin, end)))
        self.data = b"\n".join(pieces)

    def _read(self, begin, end):
        """One region. Its first page may be a guard page, with a stack behind it."""
        while begin < end:
            try:
                piece = os.pread(self._memory.fileno(), min(end - begin, 1 << 24), begin)
            except OSError as error:
                if error.errno != errno.EIO:
                    raise
                self._count(begin)
                begin += PAGE
                continue
            if not piece:  # the process has ended
                self.unread += (end - begin) // PAGE
                return
            yield piece
            begin += len(piece)

    def _count(self, address):
        entry = os.pread(self._pages.fileno(), 8, address // PAGE * 8)
        guards = len(entry) == 8 and struct.unpack("Q", entry)[0] & GUARDS
        self.guards += bool(guards)
        self.unread += not guards


def changed_files(stamp):
    """Every regular file of this machine whose content or inode changed since `stamp` was created,
    each once, however many mounts show it."""
    kinds = [word for name in NOT_FILES for word in ("-fstype", name, "-o")][:-1]
    with subprocess.Popen(["find", "/", "(", *kinds, ")", "-prune", "-o", "-type", "f", "-cnewer",
                           stamp, "-printf", "%D:%i %p\\0"], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as find:
        output = find.stdout.read()
    unique = dict(entry.split(b" ", 1) for entry in output.split(b"\0")[:-1])
    return [os.fsdecode(path) for path in unique.values()]
