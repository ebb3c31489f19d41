#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""tools/build_time.py [--jobs N] [PART...] [--against COMMIT]: what building costs, in seconds of
processor time (which other people's work on the machine changes little), without ccache, from
nothing. PART: demo (what tools/demo.sh builds), release, asan (all of either preset); default: all
three. With --against, the same of COMMIT, one after the other, and the ratio. What is built lies in
a directory under /var/tmp, and is removed."""

import argparse
import os
import pathlib
import resource
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
DEMO = ("patd", "patd-auth", "patd-counter", "patd-enroll", "pam_pat", "patctl",
        "git-credential-pat", "patd-user", "patd-user-auth")
PARTS = {"demo": ("release", DEMO), "release": ("release", ()), "asan": ("asan", ())}


def check_out(commit: str, place: pathlib.Path) -> None:
    place.mkdir()
    archive = subprocess.run(["git", "-C", ROOT, "archive", commit], check=True,
                             stdout=subprocess.PIPE).stdout
    subprocess.run(["tar", "-x", "-C", place], input=archive, check=True)


def processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def build(source: pathlib.Path, part: str, jobs: int) -> float:
    preset, targets = PARTS[part]
    environment = {**os.environ, "CCACHE_DISABLE": "1"}
    place = source / "build" / preset
    subprocess.run(["rm", "-rf", place], check=True)
    before = processor_seconds()
    subprocess.run(["cmake", "--preset", preset], cwd=source, env=environment, check=True,
                   stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", place, f"-j{jobs}", *targets], env=environment, check=True,
                   stdout=subprocess.DEVNULL)
    return processor_seconds() - before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="*", metavar="PART")
    parser.add_argument("--against", metavar="COMMIT")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    parts = arguments.part or list(PARTS)
    if unknown := set(parts) - set(PARTS):
        parser.error(f"no such part: {' '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory(prefix="patd-build-time-", dir="/var/tmp") as scratch:
        trees = {}
        for commit in ("HEAD", arguments.against):
            if commit:
                trees[commit] = pathlib.Path(scratch, f"tree{len(trees)}")
                check_out(commit, trees[commit])
        for part in parts:
            seconds = {commit: build(tree, part, arguments.jobs) for commit, tree in trees.items()}
            line = f"{part:8}"
            line += "".join(f" {commit} {took:.0f} s" for commit, took in seconds.items())
            if arguments.against:
                line += f" ratio {seconds['HEAD'] / seconds[arguments.against]:.2f}"
            print(line, flush=True)


main()
