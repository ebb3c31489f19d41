# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The token page in a real browser: page_test.py SUITE DEB COCKPIT_DEB NODE_MODULES CACHE.
tools/test-page.sh builds all of them and runs this, as root. The browser and what drives it run in
the booted machine too, where there is no network."""
import functools
import json
import os
import re
import secrets
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CHECKOUT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, f"{CHECKOUT}/tests/system", f"{CHECKOUT}/tools/lib"]

import booted  # noqa: E402: the path comes first
import page_tree  # noqa: E402
from machine import ENVIRONMENT  # noqa: E402
from processes import PlayError  # noqa: E402

TEST = "/opt/page-test"
LIBRARIES = ("playwright-core", "axe-core")
PEOPLE = {"alice": 1001, "bob": 1002, "carol": 1003}
DISK_BYTES = 1200 << 20


def make_people(machine):
    """What the browser's test is told: each one's login and service password."""
    known = {}
    for name, uid in PEOPLE.items():
        machine.must("useradd", "--no-log-init", "--create-home", "--shell=/bin/bash",
                     f"--uid={uid}", "--user-group", name)
        known[name] = {"login": secrets.token_urlsafe(12) + "+x/y", "service":
                       secrets.token_urlsafe(12) + "=A-b"}
        machine.must("chpasswd", text=f"{name}:{known[name]['login']}\n")
    machine.must("usermod", "--append", "--groups=sudo", "carol")
    return known


def install(machine, packages):
    for number, package in enumerate(packages):
        machine.copy_in(package, f"/root/{number}.deb")
    machine.must("apt-get", "-qq", "-y", "--no-install-recommends", "install",
                 *(f"/root/{number}.deb" for number in range(len(packages))), seconds=120)
    machine.must("systemctl", "enable", "--now", "patd.socket", "cockpit.socket")


def copy_tests(machine, node_modules):
    """The libraries from npm, and the files of this folder."""
    machine.must("mkdir", "-p", f"{TEST}/node_modules", f"{TEST}/shots")
    sources = [(node_modules, f"{TEST}/node_modules", LIBRARIES),
               (HERE, TEST, [name for name in os.listdir(HERE) if name.endswith(".mjs")])]
    for source, target, names in sources:
        packed = subprocess.run(["tar", "-C", source, "-c", *names], check=True,
                                stdout=subprocess.PIPE).stdout
        machine.write("/root/test.tar", packed)
        machine.must("tar", "-C", target, "-xf", "/root/test.tar")


def take_shots(machine):
    """The screenshots, into build/page-shots."""
    packed = subprocess.run(machine.argv("tar", "-C", f"{TEST}/shots", "-c", "."), check=True,
                            stdout=subprocess.PIPE, env=ENVIRONMENT).stdout
    target = f"{CHECKOUT}/build/page-shots"
    shutil.rmtree(target, ignore_errors=True)  # of another run
    os.makedirs(target)
    subprocess.run(["tar", "-C", target, "--no-same-owner", "-x"], input=packed, check=True)


def play(packages, node_modules, machine, tally):
    """Counts the lines that the browser's test prints, one for each check."""
    people = make_people(machine)
    install(machine, packages)
    copy_tests(machine, node_modules)
    machine.write(f"{TEST}/people.json", json.dumps(people), mode="600")
    only = os.environ.get("PATD_PAGE_ONLY", "")  # a regular expression, to debug one check
    speed = os.environ.get("PATD_PAGE_SPEED", "")
    process = machine.start("env", f"ONLY={only}", f"SPEED={speed}", "node", f"{TEST}/main.mjs",
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    wanted = 0
    for line in process.stdout:
        found = re.match(r"(ok|FAILED|wanted) +(\d*)", line)
        if found and found.group(1) == "wanted":
            wanted = int(found.group(2))
            continue
        tally.passed += bool(found) and found.group(1) == "ok"
        tally.failed += bool(found) and found.group(1) == "FAILED"
        print(line, end="", flush=True)
    process.wait()
    take_shots(machine)
    if wanted == 0:
        raise PlayError("the browser's test did not begin")
    return wanted


def main():
    suite, *packages, node_modules, cache = sys.argv[1:]
    tree = page_tree.ensure(cache, suite)
    return booted.run(tree, functools.partial(play, packages, node_modules), "test-page.log",
                      disk_bytes=DISK_BYTES)


if __name__ == "__main__":
    sys.exit(main())
