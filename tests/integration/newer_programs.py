# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""git, git-lfs and cargo of the Debian after this one, in a root directory of their own:
newer_programs.ensure(CACHE). It is made once, by mmdebstrap."""
import fcntl
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/lib"))
import debian  # noqa: E402: the path comes first

SUITE = "trixie"
PACKAGES = ("base-files", "coreutils", "dash", "git", "git-lfs", "cargo")


def ensure(cache):
    tree = f"{cache}/newer-programs-{SUITE}"
    os.makedirs(cache, exist_ok=True)
    with open(f"{cache}/newer-programs.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(tree):
            making = tempfile.mkdtemp(prefix="newer-making-", dir=cache)
            # Nothing of it is configured: the programs need their files only.
            debian.bootstrap(SUITE, f"{making}/tree", PACKAGES, "--variant=extract")
            os.rename(f"{making}/tree", tree)
            shutil.rmtree(making)
    return tree
