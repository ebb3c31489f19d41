# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""git, git-lfs and cargo of the Debian after this one, in a root directory of their own:
newer_programs.ensure(CACHE). It is made once for each recipe, by mmdebstrap. PATD_NEWER_SUITE names
another Debian."""
import fcntl
import hashlib
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/lib"))
import debian  # noqa: E402: the path comes first

SUITE = os.environ.get("PATD_NEWER_SUITE", "trixie")
PACKAGES = ("base-files", "coreutils", "dash", "sed", "grep", "git", "git-lfs", "cargo",
            "git-email", "libmailtools-perl", "libauthen-sasl-perl", "libio-socket-ssl-perl")


def ensure(cache):
    digest = hashlib.sha256(repr(PACKAGES).encode()).hexdigest()[:8]
    tree = f"{cache}/newer-programs-{SUITE}-{digest}"
    os.makedirs(cache, exist_ok=True)
    with open(f"{cache}/newer-programs.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(tree):
            for name in os.listdir(cache):  # of other recipes, and interrupted ones
                if name.startswith((f"newer-programs-{SUITE}", "newer-making-")):
                    shutil.rmtree(f"{cache}/{name}")
            making = tempfile.mkdtemp(prefix="newer-making-", dir=cache)
            # Nothing in it is configured: the programs need only their files.
            debian.bootstrap(SUITE, f"{making}/tree", PACKAGES, "--variant=extract")
            os.rename(f"{making}/tree", tree)
            shutil.rmtree(making)
    return tree
