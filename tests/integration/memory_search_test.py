# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""What the demonstration's search sees in a process with pages that nobody can read."""
import errno
import os
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../tools/demo"))
from search import PAGE, Search  # noqa: E402: the path comes first

SECRET = "a secret that lies behind the page"
# Four pages in a separate mapping; the secret is written as two halves, so that the program's text
# does not contain it.
BEGIN = f"""
import mmap, sys, tempfile
half, other = {SECRET[:17]!r}, {SECRET[17:]!r}
PAGE = {PAGE}
"""
END = """
pages[at:at + len(half)] = half.encode()
pages[at + len(half):at + len(half) + len(other)] = other.encode()
print("ready", flush=True)
sys.stdin.read()
"""
# As glibc 2.43 guards a thread's stack: its first page, inside the stack's own mapping.
GUARDED = """
pages, at = mmap.mmap(-1, 4 * PAGE), 2 * PAGE
MADV_GUARD_INSTALL = 102
try:
    pages.madvise(MADV_GUARD_INSTALL, 0, PAGE)
except OSError as error:
    print(error.errno, flush=True)
    sys.exit()
"""
# Pages past a file's end: nobody knows what a program could find there.
CUT_OFF = """
file = tempfile.TemporaryFile()
file.truncate(4 * PAGE)
pages, at = mmap.mmap(file.fileno(), 4 * PAGE), 16
file.truncate(PAGE)
"""


class MemorySearch(unittest.TestCase):
    def look(self, program):
        """(what the program says, names found, the Memory) of a process that runs it."""
        with subprocess.Popen([sys.executable, "-c", BEGIN + program + END], text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            said = process.stdout.readline().strip()
            if said != "ready":
                return said, None, None
            names, memory = Search({"the secret": SECRET}).memory(process.pid)
            process.stdin.close()
            return said, names, memory

    def test_finds_what_lies_behind_a_guard_page(self):
        said, names, memory = self.look(GUARDED)
        if said != "ready":  # such pages of shared memory came with Linux 6.15
            self.assertEqual(int(said), errno.EINVAL)
            self.assertLess([int(part) for part in os.uname().release.split(".")[:2]], [6, 15])
            return
        self.assertEqual(names, ["the secret"])
        self.assertEqual((memory.guards, memory.unread), (1, 0))

    def test_says_what_it_could_not_read(self):
        _, names, memory = self.look(CUT_OFF)
        self.assertEqual(names, ["the secret"])
        self.assertEqual((memory.guards, memory.unread), (0, 3))


if __name__ == "__main__":
    unittest.main()
