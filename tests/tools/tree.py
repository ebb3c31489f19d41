#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The tools of a Debian, in a root directory of their own: tree.py FOLDER SUITE makes it there
once, and prints where it is."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/lib"))
import debian  # noqa: E402: the path comes first

PACKAGES = ("base-files", "libc-bin", "coreutils", "dash", "sed", "grep", "util-linux",
            "ca-certificates", "git", "git-lfs", "docker-registry", "podman", "buildah", "skopeo",
            "python3-pip", "ansible-core", "restic", "borgbackup", "rclone", "msmtp", "isync",
            "neomutt")
# Older ones of these ask no other program.
OF_SUITE = {"trixie": ("cargo", "golang-1.24-go", "docker-cli"), "bookworm": ("awscli",)}


def make(suite, tree):
    # Nothing in it is configured: the programs need only their files.
    debian.bootstrap(suite, tree, PACKAGES + OF_SUITE[suite], "--variant=extract")


if __name__ == "__main__":
    folder, wanted = sys.argv[1:]
    print(debian.keep(os.path.abspath(folder), f"tools-{wanted}", PACKAGES + OF_SUITE[wanted],
                      lambda tree: make(wanted, tree)))
