# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Trees of Debian, made by mmdebstrap from the sources that apt of this machine has; where it has
none, from mmdebstrap's own."""
import os
import re
import subprocess
import tempfile

SUITE = "bookworm"  # of this machine
_PLACES = ("/etc/apt/sources.list", "/etc/apt/sources.list.d/debian.sources")


def source_files():
    """The files of this machine's sources."""
    return [path for path in _PLACES if os.path.exists(path) and os.path.getsize(path) > 0]


def bootstrap(suite, tree, packages, *options):
    """Makes the directory `tree`, with these packages of `suite`."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["mmdebstrap", "--quiet", "--format=directory", *options,
                        f"--include={','.join(packages)}", suite, tree, *_sources(folder, suite)],
                       check=True, stdin=subprocess.DEVNULL)


def _sources(folder, suite):
    """Files that name the sources of `suite`. Only what is Debian's own: other people's
    repositories are no part of a machine that is tested on."""
    chosen = []
    for path in source_files():
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if suite == "sid":
            text = _without_updates(text)
        if SUITE in text:
            chosen.append(f"{folder}/{suite}-{os.path.basename(path)}")
            with open(chosen[-1], "w", encoding="utf-8") as file:
                file.write(text.replace(SUITE, suite))
    return chosen


def _without_updates(text):
    """sid has no updates and no security of its own."""
    text = re.sub(rf"(?m)^deb .*\b{SUITE}-.*$", "", text)
    text = re.sub(rf" {SUITE}-\S+", "", text)
    return "\n\n".join(part for part in text.split("\n\n") if SUITE in part)
