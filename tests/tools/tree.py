#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The tools of Debian 13, in a root directory of their own: tree.py FOLDER makes it there once, and
prints where it is."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/lib"))
import debian  # noqa: E402: the path comes first

SUITE = "trixie"
# podman and buildah are not among them: what is in a chroot gets no user namespace.
PACKAGES = ("base-files", "libc-bin", "coreutils", "dash", "sed", "grep", "util-linux",
            "ca-certificates", "git", "cargo", "golang-1.24-go", "skopeo", "python3-pip",
            "ansible-core", "restic", "borgbackup", "msmtp", "isync", "neomutt")


def make(tree):
    # Nothing in it is configured: the programs need only their files.
    debian.bootstrap(SUITE, tree, PACKAGES, "--variant=extract")


if __name__ == "__main__":
    print(debian.keep(os.path.abspath(sys.argv[1]), f"tools-{SUITE}", PACKAGES, make))
