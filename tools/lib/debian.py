# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Trees of Debian, made by mmdebstrap from this machine's apt sources; if it has none, from
mmdebstrap's own."""
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile

_PACKAGES = f"{os.path.dirname(os.path.dirname(os.path.abspath(__file__)))}/packages.sh"
UNSTABLE = "sid"  # has no updates suite, and its lists may be past their date
# This machine's own: its sources are rewritten for other suites.
SUITE = subprocess.run(["bash", "-c", '. "$0" && echo "$lists_of"', _PACKAGES], check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True).stdout.strip()
_NAMED = r"\b(sid|unstable)\b" if SUITE == UNSTABLE else rf"\b{SUITE}\b"
_PLACES = ("/etc/apt/sources.list", "/etc/apt/sources.list.d/debian.sources")


def source_files():
    """The files with this machine's sources."""
    return [path for path in _PLACES if os.path.exists(path) and os.path.getsize(path) > 0]


def bootstrap(suite, tree, packages, *options):
    """Makes the directory `tree`, with these packages of `suite`."""
    if suite == UNSTABLE:
        options = ('--aptopt=Acquire::Check-Valid-Until "false"', *options)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["mmdebstrap", "--quiet", "--format=directory", *_apt_options(), *options,
                        f"--include={','.join(packages)}", suite, tree, *_sources(folder, suite)],
                       check=True, stdin=subprocess.DEVNULL)


def keep(cache, name, recipe, make):
    """Gives the directory of a tree, which make(directory) makes when the cache has none of this
    name and recipe (a value whose text says what the tree is made of) and these sources."""
    digest = hashlib.sha256(repr(recipe).encode())
    for path in source_files():
        with open(path, "rb") as file:
            digest.update(file.read())
    tree = f"{cache}/{name}-{digest.hexdigest()[:16]}"
    os.makedirs(cache, exist_ok=True)
    with open(f"{cache}/lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(tree):
            for entry in os.listdir(cache):  # of other recipes, and interrupted ones
                if entry.startswith((f"{name}-", "making-")):
                    shutil.rmtree(f"{cache}/{entry}")
            making = tempfile.mkdtemp(prefix="making-", dir=cache)
            make(f"{making}/tree")
            os.rename(f"{making}/tree", tree)
            shutil.rmtree(making)
    return tree


def _apt_options():
    """Whether this machine accepts lists past their date, as a snapshot's are."""
    said = subprocess.run(["apt-config", "dump", "--format=%v", "Acquire::Check-Valid-Until"],
                          check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    return [f'--aptopt=Acquire::Check-Valid-Until "{said}"'] if said else []


def _sources(folder, suite):
    """Files that name the sources of `suite`. Only Debian's own: third-party repositories are not
    part of a machine that is tested on."""
    chosen = []
    for path in source_files():
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if re.search(_NAMED, text):
            chosen.append(f"{folder}/{suite}-{os.path.basename(path)}")
            with open(chosen[-1], "w", encoding="utf-8") as file:
                file.write(_of_suite(text, suite))
    return chosen


def _of_suite(text, suite):
    """The same sources for another suite; unstable has neither updates nor security."""
    if suite != UNSTABLE:
        return re.sub(_NAMED, suite, text)
    parts, between = text.splitlines(keepends=True), ""
    if re.search("^Suites:", text, re.MULTILINE):  # a comment may have the word too
        text = re.sub(f" {SUITE}-(updates|backports)", "", text)
        parts, between = re.split(r"(?<=\n)\s*\n", text), "\n"
    kept = between.join(part for part in parts if f"{SUITE}-" not in part)
    return re.sub(_NAMED, suite, kept)
