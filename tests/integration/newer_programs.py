# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""git, git-lfs and cargo of the Debian after this one, in a root directory of their own:
newer_programs.ensure(CACHE). It is made once, by mmdebstrap."""
import fcntl
import os
import shutil
import subprocess
import tempfile

SUITE = "trixie"
PACKAGES = ("base-files", "coreutils", "dash", "git", "git-lfs", "cargo")
SOURCE = f"deb http://deb.debian.org/debian {SUITE} main"


def ensure(cache):
    tree = f"{cache}/newer-programs-{SUITE}"
    os.makedirs(cache, exist_ok=True)
    with open(f"{cache}/newer-programs.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(tree):
            making = tempfile.mkdtemp(prefix="newer-making-", dir=cache)
            # Nothing of it is configured: the programs need their files only.
            subprocess.run(["mmdebstrap", "--quiet", "--format=directory", "--variant=extract",
                            f"--include={','.join(PACKAGES)}", SUITE, f"{making}/tree", SOURCE],
                           check=True, stdin=subprocess.DEVNULL)
            os.rename(f"{making}/tree", tree)
            shutil.rmtree(making)
    return tree
